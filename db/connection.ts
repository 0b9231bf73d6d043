import { Trouble } from "../src/ports/trouble.ts";
import { Checkpointer, type Moved } from "./checkpointer.ts";
import { asTrouble, failureOf, leavesUnfinished, reasonOf, timedOut } from "./failure.ts";
import { FileClient } from "./file-client.ts";
import { databaseFile } from "./location.ts";
import type { RawClient, Row, Statement } from "./raw-client.ts";
import { remoteClient } from "./remote-client.ts";

export type { Row, SqlValue, Statement } from "./raw-client.ts";

/**
 * The database did not answer a write, so it may or may not have been committed. Whoever wrote looks for its token and
 * only then writes again (`writeOnce`): this is never retried blindly.
 */
export class DoubtfulWrite extends Trouble {
  constructor(cause: unknown) {
    super(
      "doubtful",
      `The database did not answer, so this may or may not have been done: ask again with the same Idempotency-Key, or read first. (${reasonOf(cause)})`,
      1000,
    );
  }
}

export interface ConnectionOptions {
  /** `file:…`, `libsql://…` or `http(s)://…`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** How long a call waits for other writers before it fails, in milliseconds. */
  readonly busyDeadlineMs?: number;
  /** SQLite's own busy time-out, in milliseconds: short, because it blocks the event loop while it waits. */
  readonly busyTimeoutMs?: number;
  /** How long a remote server may take over one answer, in milliseconds. */
  readonly answerTimeoutMs?: number;
  /** `full` survives a power cut; `normal` only a killed process. */
  readonly synchronous?: "full" | "normal";
  /** For the test that shows what goes wrong without it; nothing else may turn it off. */
  readonly reconnectAfterBusy?: boolean;
}

const YIELD_EVERY = 64;
/** How long after a BUSY the lock counts as contested, in milliseconds: then it is looked for before a batch begins. */
const CONTESTED_MS = 1000;
/** How often a request that was not answered, or never left, is sent before the server counts as away. */
const SILENT_TRIES = 4;

type Mode = "read" | "write" | "repeatable";

/** A call in the queue: what it may do after a failure, and since when it waits. */
interface Call {
  readonly mode: Mode;
  readonly since: number;
}

/**
 * The one owner of the raw client. Calls run one after another. After a failure that may have left a statement
 * unfinished the raw connection is thrown away before anything else is asked of it: what follows on it would be
 * acknowledged but not kept, or read from a moment long past.
 */
export class Connection {
  readonly #client: RawClient;
  readonly #options: Required<Omit<ConnectionOptions, "token">>;
  readonly remote: boolean;
  readonly #checkpointer: Checkpointer | null;
  #raw: "new" | "ready" | "spoilt" = "new";
  #tail: Promise<unknown> = Promise.resolve();
  #contestedUntil = 0;
  #calls = 0;
  #closed = false;
  /** When a call last gave up: those that waited behind it need not find out one by one, each after its own time-out. */
  #gaveUp: { readonly at: number; readonly trouble: Trouble; readonly reads: boolean } | null = null;

  private constructor(client: RawClient, options: Required<Omit<ConnectionOptions, "token">>) {
    this.#client = client;
    this.#options = options;
    const path = databaseFile(options.url);
    this.remote = path === null;
    this.#checkpointer =
      path === null
        ? null
        : new Checkpointer({
            path,
            timeoutMs: options.busyTimeoutMs,
            hold: (work) => this.#ask("read", work),
          });
  }

  static async open({ token, ...given }: ConnectionOptions): Promise<Connection> {
    const options = {
      busyDeadlineMs: 10_000,
      busyTimeoutMs: 25,
      answerTimeoutMs: 8000,
      synchronous: "full",
      reconnectAfterBusy: true,
      ...given,
    } as const;
    const file = databaseFile(options.url);
    let client: RawClient;
    try {
      client =
        file === null
          ? remoteClient({ url: options.url, token, answerTimeoutMs: options.answerTimeoutMs })
          : new FileClient(file, options.busyTimeoutMs);
    } catch (error) {
      throw asTrouble(error);
    }
    const connection = new Connection(client, options);
    await connection.#ask("read", async () => undefined);
    return connection;
  }

  /** Reads in one snapshot. */
  read(statements: readonly Statement[]): Promise<Row[][]> {
    return this.#ask("read", () => this.#client.batch(statements, "read"));
  }

  /** Writes all or nothing. Rejects with DoubtfulWrite where a remote server may have committed without answering. */
  write(statements: readonly Statement[]): Promise<Row[][]> {
    return this.#ask("write", () => this.#writeBatch(statements));
  }

  /** As `write`, for what comes to the same twice as once: where the answer is lost it is simply asked for again. */
  writeRepeatable(statements: readonly Statement[]): Promise<Row[][]> {
    return this.#ask("repeatable", () => this.#writeBatch(statements));
  }

  async #writeBatch(statements: readonly Statement[]): Promise<Row[][]> {
    const rows = await this.#client.batch(statements, "write");
    this.#checkpointer?.wrote();
    return rows;
  }

  /** One PRAGMA outside any transaction, as checkpoints and journal modes need. Anything else is written in batches. */
  pragma(sql: string): Promise<Row[]> {
    if (!sql.startsWith("PRAGMA ")) throw new Error(`not a PRAGMA: ${sql}`);
    return this.#ask("read", () => this.#client.execute(sql));
  }

  /** Moves the write-ahead log beside whoever reads and writes. Null where that cannot be done, and on a server. */
  async moveLog(): Promise<Moved | null> {
    return (await this.#checkpointer?.move()) ?? null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail.catch(() => undefined);
    // The last to close moves what is left of the log, and takes it away.
    await this.#checkpointer?.close();
    this.#client.close();
  }

  async #ask<T>(mode: Mode, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new Trouble("closed", "The database connection is closed.");
    const call = { mode, since: performance.now() };
    const before = this.#tail;
    let release = (): void => undefined;
    this.#tail = new Promise<void>((resolve) => {
      release = resolve;
    });
    await before;
    try {
      this.#calls += 1;
      // The client is synchronous under its promises: without this, timers and sockets starve and memory grows.
      if (this.#calls % YIELD_EVERY === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      const answer = await this.#persist(call, work);
      this.#gaveUp = null;
      return answer;
    } finally {
      release();
    }
  }

  /** Repeats what a busy or silent database did not do, until the call's time is up; everything else is thrown. */
  async #persist<T>(call: Call, work: () => Promise<T>): Promise<T> {
    this.#shareFate(call);
    const silentUntil = performance.now() + this.#options.answerTimeoutMs;
    for (let tries = 1, silent = 0; ; tries += 1) {
      let looking = false;
      try {
        await this.#refresh();
        const contested = tries > 1 || performance.now() < this.#contestedUntil;
        looking = contested && call.mode !== "read" && !this.remote;
        // Each BEGIN that fails in a batch costs a connection, with all its compiled statements and three open files that the
        // collector closes when it likes: a lock held for long would use them all up. So it is asked for in a way that
        // leaves nothing behind.
        if (looking) await this.#client.tryLock();
        looking = false;
        return await work();
      } catch (error) {
        if (!looking) this.#mind(error);
        const failure = failureOf(error, this.remote);
        if (failure === "final") throw asTrouble(error);
        if (failure === "busy") {
          this.#contestedUntil = performance.now() + CONTESTED_MS;
          if (performance.now() > call.since + this.#options.busyDeadlineMs) throw this.#locked();
        } else {
          if (timedOut(error)) this.#away(error);
          if (failure === "lost" && call.mode === "write") throw new DoubtfulWrite(error);
          silent += 1;
          if (silent >= SILENT_TRIES || performance.now() > silentUntil) throw this.#away(error);
        }
        const pause = Math.random() * (failure === "busy" ? Math.min(2 ** tries, 50) : 25 * 2 ** tries);
        await new Promise<void>((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  /** Nothing is asked of a raw connection that is not fresh and set up. */
  async #refresh(): Promise<void> {
    if (this.#raw === "ready" || this.remote) return;
    if (this.#raw === "spoilt") this.#client.reconnect();
    await this.#setPragmas();
    this.#raw = "ready";
  }

  #mind(error: unknown): void {
    const sabotaged = !this.#options.reconnectAfterBusy && this.#raw === "ready";
    if (!this.remote && !sabotaged && leavesUnfinished(error)) this.#raw = "spoilt";
  }

  #shareFate({ mode, since }: Call): void {
    if (this.#gaveUp === null || since > this.#gaveUp.at) return;
    if (mode !== "read" || this.#gaveUp.reads) throw this.#gaveUp.trouble;
  }

  #locked(): Trouble {
    const trouble = new Trouble(
      "locked",
      `The database stayed locked for ${this.#options.busyDeadlineMs} ms: another process holds a write transaction open.`,
      1000,
    );
    this.#gaveUp = { at: performance.now(), trouble, reads: false };
    return trouble;
  }

  #away(error: unknown): Trouble {
    const trouble = new Trouble(
      "unreachable",
      `The database server does not answer: check GATEHOUSE_DB_URL, the network and the server. (${reasonOf(error)})`,
      1000,
    );
    this.#gaveUp = { at: performance.now(), trouble, reads: true };
    return trouble;
  }

  async #setPragmas(): Promise<void> {
    // The mode is kept in the file: asking first spares N starting processes from fighting for the lock to change it.
    const mode = (await this.#client.execute("PRAGMA journal_mode"))[0]?.["journal_mode"];
    if (mode !== "wal") await this.#client.execute("PRAGMA journal_mode = WAL");
    await this.#client.execute(`PRAGMA synchronous = ${this.#options.synchronous.toUpperCase()}`);
    await this.#client.execute("PRAGMA foreign_keys = ON");
    await this.#client.execute("PRAGMA journal_size_limit = 67108864");
    // As large as better-sqlite3 makes it: SQLite's own 2 MB read the upper pages of a deep queue's indexes again and again.
    await this.#client.execute("PRAGMA cache_size = -16384");
    // 48 MiB, for where the thread that does it beforehand cannot: in a commit, a checkpoint waits for the disk twice.
    await this.#client.execute("PRAGMA wal_autocheckpoint = 12000");
  }
}
