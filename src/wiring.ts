import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ChatSettings } from "../adapters/chat/all.ts";
import type { WorkerDeath } from "../adapters/proof/worker/worker.ts";
import { systemClock } from "../adapters/system/clock.ts";
import type { Store } from "../db/store.ts";
import type { House } from "./commands/house.ts";
import { type Config, readConfig, WrongConfig } from "./config.ts";
import { JOBS } from "./core/schedule.ts";
import { Trouble } from "./ports/trouble.ts";

export interface OpenHouse {
  readonly house: House;
  readonly store: Store;
  /** Says where the page is served, once it is: a port that was left to the system is known only then. */
  readonly servedAt: (url: string) => void;
  readonly close: () => Promise<void>;
}

type OnDeath = (death: WorkerDeath) => void;

/** The configuration, or WrongConfig with every fault of it. */
export function wholeConfig(): Config {
  const { config, faults } = readConfig();
  if (faults.length > 0) throw new WrongConfig(faults);
  return config;
}

/**
 * Puts the real store, verifiers, clock and identity together. With `report`, told of each process of it that died, proofs
 * are looked at in a worker, started when the first one comes; without, right here. Throws Trouble where the database
 * cannot be used.
 */
export async function openHouse(config: Config, report?: OnDeath): Promise<OpenHouse> {
  const [
    { openStore },
    { databaseFile },
    { briefFile },
    { allDispatchers },
    { allSources },
    { cronTimetable },
    { systemIdentity },
  ] = await Promise.all([
    import("../db/store.ts"),
    import("../db/location.ts"),
    import("../adapters/brief/file.ts"),
    import("../adapters/dispatch/all.ts"),
    import("../adapters/source/all.ts"),
    import("../adapters/schedule/cron.ts"),
    import("../adapters/system/identity.ts"),
  ]);
  const { url, token } = config.database;
  const store = await openStore({ url, token });
  const { verifiers, closeWorker } = await openVerifiers(config, store, report);
  const dispatchers = allDispatchers({
    secret: config.dispatch.secret,
    root: resolve(config.dispatch.root),
    searchPath: config.searchPath,
    post: (notice, task, only) => store.outbox.post(notice, task, only),
  });
  let served: string | null = null;
  const house: House = {
    ...store,
    pageUrl: () => config.publicUrl ?? served,
    verifiers: new Map(verifiers.map((verifier) => [verifier.kind, verifier])),
    // Beside the database file; for a remote one, where the database file would be.
    briefFile: briefFile(join(dirname(databaseFile(url) ?? resolve("data/gatehouse.db")), "brief.json")),
    sources: new Map(allSources.map((source) => [source.name, source])),
    dispatchers: new Map(dispatchers.map((dispatcher) => [dispatcher.kind, dispatcher])),
    timezone: config.timezone,
    timetables: new Map(
      JOBS.flatMap((job) => {
        const expression = config.jobs[job];
        return expression === null ? [] : [[job, cronTimetable(expression, config.timezone)] as const];
      }),
    ),
    clock: systemClock,
    identity: systemIdentity,
  };
  return {
    house,
    store,
    servedAt(address) {
      served = address;
    },
    async close() {
      await closeWorker();
      await store.close();
    },
  };
}

/** Whether a link fits is always asked here; where it is looked at depends on `report`. */
async function openVerifiers(config: Config, store: Store, report: OnDeath | undefined) {
  const [{ allMessages }, { insideVerifiers }, { verifiersOf }, { inWorker, proofWorker }] =
    await Promise.all([
      import("../adapters/chat/all.ts"),
      import("../adapters/proof/all.ts"),
      import("../adapters/proof/worker/settings.ts"),
      import("../adapters/proof/worker/worker.ts"),
    ]);
  const settings = {
    root: resolve(config.proof.root),
    origins: config.proof.origins,
    ...githubSettings(config),
    ...(config.searchPath === undefined ? {} : { searchPath: config.searchPath }),
  };
  const worker = report === undefined ? null : proofWorker({ settings, report });
  const outside = verifiersOf(settings);
  const inside = insideVerifiers({
    chatMessages: allMessages({
      localChat: store.localChat,
      pageOrigins: pageOrigins(config),
      ...chatSettings(config, ignore),
    }),
    approvals: (attempt, requirement) => store.proofWork.approvals(attempt, requirement),
  });
  return {
    verifiers: [...(worker === null ? outside : inWorker(outside, worker)), ...inside],
    closeWorker: async () => worker?.close(),
  };
}

/** Where people open the page: only links to these lead to its messages. */
function pageOrigins({ http, publicUrl }: Config): readonly string[] {
  const hosts = /^(?:127\.0\.0\.1|localhost|\[?::1\]?)$/.test(http.host)
    ? ["127.0.0.1", "localhost", "[::1]"]
    : [http.host.includes(":") ? `[${http.host}]` : http.host];
  const own = hosts.map((host) => new URL(`http://${host}:${http.port}`).origin);
  return publicUrl === undefined ? own : [...own, new URL(publicUrl).origin];
}

/** What the chats this installation has a token for are told. `tell` hears what a person has to mend there. */
export function chatSettings(
  { slack, discord, timezone }: Config,
  tell: (platform: string, sentence: string) => void,
): Pick<ChatSettings, "slack" | "discord"> {
  const { botToken, apiUrl } = slack;
  const { token, guildId: guild } = discord;
  return {
    slack:
      botToken === undefined
        ? undefined
        : { botToken, apiUrl, timezone, clock: systemClock, tell: (sentence) => tell("slack", sentence) },
    discord:
      token === undefined
        ? undefined
        : { token, guild, apiUrl: discord.apiUrl, warn: (sentence) => tell("discord", sentence) },
  };
}

/** A verdict says itself why a message could not be read. */
const ignore = (): void => undefined;

function githubSettings({ github }: Config): { readonly githubUrl?: string; readonly githubToken?: string } {
  return {
    ...(github.apiUrl === undefined ? {} : { githubUrl: github.apiUrl }),
    ...(github.token === undefined ? {} : { githubToken: github.token }),
  };
}

/** The usual proof folder is made; one that was named must be there, as a misspelt one would fail every proof. */
export function prepareProofRoot({ proof }: Config): void {
  const root = resolve(proof.root);
  if (!proof.rootGiven) mkdirSync(root, { recursive: true });
  if (existsSync(root) && statSync(root).isDirectory()) return;
  throw new Trouble(
    "proof-root",
    `GATEHOUSE_PROOF_ROOT is ${root}, which is not a folder: make it, or name the folder agents leave their proofs in.`,
  );
}
