import type { WebClient } from "@slack/web-api";
import type { ChatDesk, ConnectionState } from "../../../../src/ports/chat-receiver.ts";
import { pause } from "../../pause.ts";
import { Home } from "../home/home.ts";
import { missingScopes, NEEDED_SCOPES } from "../scopes.ts";
import { slackApp } from "./app.ts";
import type { Inlet } from "./inlet.ts";
import { readBack, type Self } from "./read-back.ts";
import { refusalWords, scopesWords, type TokenName } from "./refusals.ts";
import { answerRequest } from "./requests.ts";
import { openSocket, type Socket } from "./sockets.ts";
import { type SlackRefusal, SlackSays, type SlackSettings, slackRefusal } from "./web.ts";

/** How fast it goes about; a test takes less time. All in milliseconds. */
export interface Pace {
  /** Between the two sockets: Slack refreshes each some hours after it was opened, so never both at once. */
  readonly staggerMs: number;
  /** The first rest after a failure, doubled up to a minute. */
  readonly retryMs: number;
  /** So long an old socket is heard after a new one took its place. */
  readonly drainMs: number;
  /** Shorter than this without a connection, Slack tells again what it was not thanked for; longer, threads are read back. */
  readonly gapMs: number;
  /** Between two changes of one person's page. */
  readonly homeMs: number;
}

const USUAL: Pace = { staggerMs: 30_000, retryMs: 1000, drainMs: 10_000, gapMs: 5000, homeMs: 5000 };
const RETRY_MAX_MS = 60_000;
const SOCKETS = 2;
/** A token that worked is believed for so long. */
const BELIEVED_MS = 60_000;
/** Without a socket, how often a token is looked at again. */
const LOOK_AGAIN_MS = 300_000;

export interface Connection {
  readonly settings: SlackSettings;
  readonly client: WebClient;
  readonly desk: ChatDesk;
  readonly signal: AbortSignal;
  readonly told: (state: ConnectionState) => void;
  readonly pace: Partial<Pace> | undefined;
}

/**
 * Connects and stays connected until the signal aborts. `listen` is given what answers signed requests, where Slack is
 * connected by these. Never rejects for what Slack does.
 */
export async function runSlack(
  connection: Connection,
  listen: (answer: (request: Request) => Promise<Response>) => void,
): Promise<void> {
  const { desk, client, settings } = connection;
  const pace = { ...USUAL, ...connection.pace };
  const home = new Home({ client, desk, everyMs: pace.homeMs });
  const link = new Link({ ...connection, pace });
  const inlet = slackApp({ settings, desk, client, home, self: () => link.self?.user ?? null });
  const log = (error: unknown): void => desk.broke("what Slack handed over could not be taken", error);
  try {
    if (settings.appToken === undefined) {
      const secret = settings.signingSecret ?? "";
      listen((request) => answerRequest(request, { inlet, secret, log }));
      await link.watch();
    } else {
      await Promise.all(Array.from({ length: SOCKETS }, (_, index) => link.keepSocket(inlet, index, log)));
    }
  } finally {
    home.close();
  }
}

/** The connection as it stands, told when it changes, and what has to be read back after it was away. */
class Link {
  self: Self | null = null;
  readonly #with: Omit<Connection, "pace"> & { readonly pace: Pace };
  #testedAt = Number.NEGATIVE_INFINITY;
  #told = "";
  #open = 0;
  /** When the last socket went; null while one is open. At the start: when anything was heard last. */
  #awaySince: number | null = null;
  #began: Promise<void> | null = null;

  constructor(connection: Omit<Connection, "pace"> & { readonly pace: Pace }) {
    this.#with = connection;
    this.#tell({ state: "connecting" });
  }

  /** For signed requests there is nothing to hold open: the token is looked at now and then. */
  async watch(): Promise<void> {
    const { signal } = this.#with;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#test();
        failures = 0;
        this.#tell({ state: "connected" });
        await this.#catchUp();
        await pause(LOOK_AGAIN_MS, signal);
      } catch (error) {
        failures += 1;
        await this.#failed("SLACK_BOT_TOKEN", error, failures);
      }
    }
    this.#tell({ state: "closed" });
  }

  /** One of the sockets, for good: another one hears before the old one is let go. */
  async keepSocket(inlet: Inlet, index: number, log: (error: unknown) => void): Promise<void> {
    const { signal, settings, pace } = this.#with;
    await pause(index * pace.staggerMs, signal);
    let held: Socket | null = null;
    for (let failures = 0; !signal.aborted; ) {
      let token: TokenName = "SLACK_BOT_TOKEN";
      try {
        await this.#test();
        token = "SLACK_APP_TOKEN";
        await this.#begin();
        const socket = await openSocket(settings, inlet, log);
        const openedAt = Date.now();
        this.#opened(socket);
        if (held !== null) this.#retire(held);
        held = socket;
        const refused = await this.#until(socket);
        if (refused !== null) throw new SlackSays(refused);
        // One that is sent away at once is not opened again at once.
        failures = Date.now() - openedAt < pace.retryMs ? failures + 1 : 0;
        if (failures > 1) await pause(this.#retryMs(failures), signal);
      } catch (error) {
        failures += 1;
        await this.#failed(token, error, failures);
      }
    }
    await held?.close();
    if (this.#open === 0) this.#tell({ state: "closed" });
  }

  /** Resolves when another socket should take its place; with why that will not be, where Slack says so. */
  async #until({ goodBye, gone }: Socket): Promise<SlackRefusal | null> {
    const { signal } = this.#with;
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    const reason = await Promise.race([goodBye, gone, stopped]);
    if (reason === undefined && !signal.aborted) {
      // It broke: perhaps because the token was taken back.
      this.#testedAt = Number.NEGATIVE_INFINITY;
    }
    return reason === "link_disabled" ? { error: reason, needed: null } : null;
  }

  /** What is on its way to an old socket still comes. */
  #retire(socket: Socket): void {
    const { signal, desk, pace } = this.#with;
    Promise.race([socket.gone, pause(pace.drainMs, signal)])
      .then(() => socket.close())
      .catch((error: unknown) => desk.broke("a socket could not be closed", error));
  }

  /** Whose token it is, and what it may do. Rejects where Slack does not take it. */
  async #test(): Promise<void> {
    const now = Date.now();
    if (now - this.#testedAt < BELIEVED_MS) return;
    const tested = await this.#with.client.auth.test();
    this.#testedAt = now;
    this.self = { user: tested.user_id ?? "", app: null };
    const granted = tested.response_metadata?.scopes ?? [];
    const missing = missingScopes(granted, NEEDED_SCOPES);
    if (granted.length > 0 && missing.length > 0)
      this.#tell({ state: "refused", message: scopesWords(missing) });
  }

  /** Remembers, before anything new is heard, when something was heard last. */
  #begin(): Promise<void> {
    this.#began ??= this.#with.desk.lastReceived().then((last) => {
      this.#awaySince = last ?? 0;
    });
    return this.#began;
  }

  #opened({ gone }: Socket): void {
    this.#open += 1;
    void gone.then(() => this.#closed());
    this.#tell({ state: "connected" });
    const since = this.#awaySince;
    this.#awaySince = null;
    if (since !== null && Date.now() - since >= this.#with.pace.gapMs) void this.#readBack(since);
  }

  #closed(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    this.#awaySince ??= Date.now();
    this.#tell({ state: this.#with.signal.aborted ? "closed" : "connecting" });
  }

  async #catchUp(): Promise<void> {
    await this.#begin();
    const since = this.#awaySince;
    this.#awaySince = null;
    if (since !== null) await this.#readBack(since);
  }

  async #readBack(since: number): Promise<void> {
    const { client, desk, signal } = this.#with;
    if (this.self === null) return;
    try {
      await readBack({ client, desk, self: this.self, signal }, { since, now: Date.now() });
    } catch (error) {
      desk.broke("threads could not be read back", error);
    }
  }

  async #failed(token: TokenName, error: unknown, failures: number): Promise<void> {
    // Whatever was believed of the token, it is asked again.
    this.#testedAt = Number.NEGATIVE_INFINITY;
    const refused = slackRefusal(error);
    if (refused !== null) this.#tell({ state: "refused", message: refusalWords(token, refused) });
    else if (this.#open === 0) this.#tell({ state: "connecting" });
    const { retryAfter } = (error ?? {}) as { readonly retryAfter?: unknown };
    const asked = typeof retryAfter === "number" ? retryAfter * 1000 : 0;
    await pause(Math.max(asked, this.#retryMs(failures)), this.#with.signal);
  }

  #retryMs(failures: number): number {
    return Math.min(this.#with.pace.retryMs * 2 ** Math.min(failures - 1, 20), RETRY_MAX_MS);
  }

  /** The same is not told twice in a row. */
  #tell(state: ConnectionState): void {
    const name = JSON.stringify(state);
    if (name === this.#told) return;
    this.#told = name;
    this.#with.told(state);
  }
}
