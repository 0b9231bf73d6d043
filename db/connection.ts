import { type Client, createClient, LibsqlError } from "@libsql/client";
import { Trouble } from "../src/ports/trouble.ts";

export type SqlValue = string | number | null;
export interface Statement {
  readonly sql: string;
  readonly args?: readonly SqlValue[];
}
export type Row = Record<string, string | number | null>;

/**
 * The database did not answer a write, so it may or may not have been committed. Whoever wrote looks for its token and
 * only then writes again: this is never retried blindly.
 */
export class DoubtfulWrite extends Error {
  override readonly name = "DoubtfulWrite";
}

export interface ConnectionOptions {
  /** `file:…`, `libsql://…` or `http(s)://…`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** How long a write waits for other writers before it fails, in milliseconds. */
  readonly busyDeadlineMs?: number;
  /** SQLite's own busy time-out, in milliseconds: short, because it blocks the event loop while it waits. */
  readonly busyTimeoutMs?: number;
  /** `full` survives a power cut; `normal` only a killed process. */
  readonly synchronous?: "full" | "normal";
  /** For the test that shows what goes wrong without it; nothing else may turn it off. */
  readonly reconnectAfterBusy?: boolean;
}

const YIELD_EVERY = 64;

/**
 * The one owner of the raw client. Calls run one after another; a BUSY throws the connection away before anything else
 * is written on it, because a failed statement is never reset and what follows it would be acknowledged but not kept.
 */
export class Connection {
  readonly #client: Client;
  readonly #options: Required<Omit<ConnectionOptions, "token">>;
  readonly remote: boolean;
  #tail: Promise<unknown> = Promise.resolve();
  #calls = 0;
  #closed = false;

  private constructor(client: Client, options: ConnectionOptions) {
    this.#client = client;
    this.remote = !options.url.startsWith("file:");
    this.#options = {
      busyDeadlineMs: 10_000,
      busyTimeoutMs: 25,
      synchronous: "full",
      reconnectAfterBusy: true,
      ...options,
    };
  }

  static async open(options: ConnectionOptions): Promise<Connection> {
    let client: Client;
    try {
      client = createClient({
        url: options.url,
        concurrency: options.url.startsWith("file:") ? 1 : 20,
        timeout: options.busyTimeoutMs ?? 25,
        ...(options.token === undefined ? {} : { authToken: options.token }),
      });
    } catch (error) {
      throw asTrouble(error);
    }
    const connection = new Connection(client, options);
    await connection.#exclusively(() => connection.#retryBusy(() => connection.#setPragmas()));
    return connection;
  }

  /** Reads in one snapshot. */
  read(statements: readonly Statement[]): Promise<Row[][]> {
    return this.#exclusively(() =>
      this.#retryBusy(() => this.#retryLost(() => this.#batch(statements, "read"))),
    );
  }

  /** Writes all or nothing. Rejects with DoubtfulWrite where a remote server may have committed without answering. */
  write(statements: readonly Statement[]): Promise<Row[][]> {
    return this.#exclusively(() => this.#retryBusy(() => this.#batch(statements, "write")));
  }

  /** One statement outside any transaction, as checkpoints and journal modes need. */
  pragma(sql: string): Promise<Row[]> {
    return this.#exclusively(() =>
      this.#retryBusy(async () => (await this.#client.execute(sql)).rows as unknown as Row[]),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail.catch(() => undefined);
    this.#client.close();
  }

  async #batch(statements: readonly Statement[], mode: "read" | "write"): Promise<Row[][]> {
    const results = await this.#client.batch(
      statements.map(({ sql, args }) => ({ sql, args: [...(args ?? [])] })),
      mode,
    );
    return results.map((result) => result.rows as unknown as Row[]);
  }

  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new Trouble("closed", "The database connection is closed.");
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
      return await work();
    } finally {
      release();
    }
  }

  async #retryBusy<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.#options.busyDeadlineMs;
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof Trouble) throw error;
        if (!isBusy(error))
          throw this.remote && isLost(error) ? new DoubtfulWrite(String(error)) : asTrouble(error);
        if (performance.now() > deadline) {
          throw new Trouble(
            "locked",
            `The database stayed locked for ${this.#options.busyDeadlineMs} ms: another process holds a write transaction open.`,
          );
        }
        if (this.#options.reconnectAfterBusy) await this.#reconnect();
        const pause = Math.random() * Math.min(2 ** tries, 50);
        await new Promise<void>((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  /** A read that got no answer changed nothing: ask again, a bounded number of times. */
  async #retryLost<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (!this.remote || !isLost(error)) throw error;
        if (tries >= 4) {
          throw new Trouble(
            "unreachable",
            `The database server does not answer: ${(error as Error).message}`,
            1000,
          );
        }
        await new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 2 ** tries * 25));
      }
    }
  }

  async #reconnect(): Promise<void> {
    await this.#client.reconnect();
    await this.#setPragmas().catch((error: unknown) => {
      if (!isBusy(error)) throw error;
    });
  }

  async #setPragmas(): Promise<void> {
    if (this.remote) return;
    // The mode is kept in the file: asking first spares N starting processes from fighting for the lock to change it.
    const mode = (await this.#client.execute("PRAGMA journal_mode")).rows[0]?.[0];
    if (mode !== "wal") await this.#client.execute("PRAGMA journal_mode = WAL");
    await this.#client.execute(`PRAGMA synchronous = ${this.#options.synchronous.toUpperCase()}`);
    await this.#client.execute("PRAGMA foreign_keys = ON");
    await this.#client.execute("PRAGMA journal_size_limit = 67108864");
  }
}

function codeOf(error: unknown): string {
  return error instanceof LibsqlError ? error.code : "";
}

function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)|TRANSACTION_TIMEOUT/.test(codeOf(error));
}

/** A remote answer that never came: the write may stand. */
function isLost(error: unknown): boolean {
  const code = codeOf(error);
  return code === "" ? error instanceof Error : /^HRANA_|SERVER_ERROR|STREAM_EXPIRED/.test(code);
}

const SENTENCES: Readonly<Record<string, string>> = {
  SQLITE_READONLY: "The database is read-only: give this process write access to the file and its folder.",
  SQLITE_FULL: "The disk is full: nothing was written. Free some space and try again.",
  SQLITE_CORRUPT: "The database file is damaged: restore the last backup.",
  SQLITE_NOTADB: "The file is not a database: point GATEHOUSE_DB_URL at another one.",
  SQLITE_CANTOPEN: "The database file cannot be opened: check that its folder exists and may be written.",
  SQLITE_IOERR: "The disk refused a read or write of the database file.",
};

function asTrouble(error: unknown): unknown {
  const code = codeOf(error);
  const sentence = SENTENCES[code];
  if (sentence !== undefined) return new Trouble(code, `${sentence} (${(error as Error).message})`);
  if (error instanceof Error && /unable to open|ConnectionFailed/i.test(error.message)) {
    return new Trouble("SQLITE_CANTOPEN", `${SENTENCES["SQLITE_CANTOPEN"]} (${error.message})`);
  }
  return error;
}
