// A house as main wires it, on a database of its own in a temporary folder: the real store, the real verifiers, the
// real identity. Only time may be the test's own.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { briefFile } from "../../adapters/brief/file.ts";
import { allMessages } from "../../adapters/chat/all.ts";
import { allDispatchers } from "../../adapters/dispatch/all.ts";
import { allVerifiers } from "../../adapters/proof/all.ts";
import { guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";
import { cronTimetable } from "../../adapters/schedule/cron.ts";
import { allSources } from "../../adapters/source/all.ts";
import { systemClock } from "../../adapters/system/clock.ts";
import { systemIdentity } from "../../adapters/system/identity.ts";
import { manualClock } from "../../db/clock.ts";
import { openStore, type Store, type StoreOptions } from "../../db/store.ts";
import type { House } from "../../src/commands/house.ts";
import { JOBS, type Schedule } from "../../src/core/schedule.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Verifier } from "../../src/ports/verifier.ts";

/** Where the local chat's page would be reached. */
export const PAGE = "http://127.0.0.1:4100";

/** What webhooks of a test house are signed with. */
export const DISPATCH_SECRET = "between-you-and-me";

export interface TestHouseOptions {
  /** Milliseconds since 1970 UTC: time stands still there, in the database too, until the test moves it. Else real time. */
  readonly startAt?: number;
  /** Another database than a new file in the temporary folder. */
  readonly url?: string;
  /** Exact origins the url verifier may read although they are internal. */
  readonly origins?: readonly string[];
  /** Instead of the real verifiers: only where a test is about what a verdict does, not about how it is found. */
  readonly verifiers?: readonly Verifier[];
  /** When jobs fire, in UTC; without it none does. */
  readonly schedule?: Schedule;
  readonly store?: Partial<Omit<StoreOptions, "url" | "clock">>;
}

export interface TestClock {
  readonly now: number;
  /** Moves time and wakes whoever slept until then. Only in a house opened with `startAt`. */
  advance(ms: number): void;
}

export interface TestHouse {
  readonly house: House;
  readonly store: Store;
  readonly clock: TestClock;
  /** The temporary folder; `proofs/` in it is the root of file and command proofs. */
  readonly folder: string;
  readonly proofs: string;
  readonly url: string;
  close(): Promise<void>;
}

export async function openTestHouse(options: TestHouseOptions = {}): Promise<TestHouse> {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-"));
  const proofs = join(folder, "proofs");
  mkdirSync(proofs);
  const url = options.url ?? `file:${join(folder, "gatehouse.db")}`;
  const standing = options.startAt === undefined ? null : standingTime(options.startAt);
  const store = await openStore({
    synchronous: "normal",
    ...options.store,
    url,
    ...(standing === null ? {} : { clock: standing.queueClock }),
  });
  const fetcher = guardedFetcher({ origins: options.origins ?? [] });
  const verifiers =
    options.verifiers ??
    allVerifiers({
      root: proofs,
      fetcher,
      sampleGapMs: 20,
      chatMessages: allMessages({ localChat: store.localChat, pageOrigins: [PAGE] }),
      approvals: (attempt, requirement) => store.proofWork.approvals(attempt, requirement),
    });
  const dispatchers = allDispatchers({
    secret: DISPATCH_SECRET,
    root: join(folder, "dispatch"),
    searchPath: process.env["PATH"],
    answerMs: 500,
    post: (notice, task, only) => store.outbox.post(notice, task, only),
  });
  const house: House = {
    ...store,
    verifiers: new Map(verifiers.map((verifier) => [verifier.kind, verifier])),
    briefFile: briefFile(join(folder, "brief.json")),
    sources: new Map(allSources.map((source) => [source.name, source])),
    dispatchers: new Map(dispatchers.map((dispatcher) => [dispatcher.kind, dispatcher])),
    pageUrl: () => PAGE,
    timezone: "UTC",
    timetables: new Map(
      JOBS.flatMap((job) => {
        const expression = options.schedule?.[job] ?? null;
        return expression === null ? [] : [[job, cronTimetable(expression, "UTC")] as const];
      }),
    ),
    identity: systemIdentity,
    clock: standing?.clock ?? systemClock,
  };
  return {
    house,
    store,
    clock: standing?.control ?? realTime,
    folder,
    proofs,
    url,
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const realTime: TestClock = {
  get now() {
    return Date.now();
  },
  advance() {
    throw new Error("this house runs on real time: open it with startAt to move its clock");
  },
};

/** Time for the queue and for the process alike, moved by the test alone. */
function standingTime(startAt: number) {
  const queueClock = manualClock(startAt);
  let sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  const clock: Clock = {
    now: () => queueClock.now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted || ms <= 0) resolve();
        sleepers.push({ until: queueClock.now + ms, wake: resolve });
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
  const control: TestClock = {
    get now() {
      return queueClock.now;
    },
    advance(ms) {
      queueClock.now += ms;
      const due = sleepers.filter((sleeper) => sleeper.until <= queueClock.now);
      sleepers = sleepers.filter((sleeper) => sleeper.until > queueClock.now);
      for (const sleeper of due) sleeper.wake();
    },
  };
  return { queueClock, clock, control };
}

/** A lane and an agent with a key for it: what nearly every test of the queue begins with. */
export async function seedRoster(
  house: House,
  {
    lane = "builder",
    agent = "ada",
    capacity = 100,
  }: { lane?: string; agent?: string; capacity?: number } = {},
): Promise<{ readonly key: string; readonly route: { readonly provider: string; readonly model: string } }> {
  const route = { provider: "anthropic", model: "claude-opus-5" };
  const key = house.identity.secret();
  const actor = "person:test:seed";
  const made = await house.roster.setLane({ name: lane, route, capacity }, actor);
  if ("gate" in made) throw new Error(made.hint);
  const hired = await house.roster.addAgent(
    { name: agent, role: "agent", lanes: [lane], keyHash: house.identity.sha256(key) },
    actor,
  );
  if ("gate" in hired) throw new Error(hired.hint);
  return { key, route };
}
