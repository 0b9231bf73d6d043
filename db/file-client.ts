import { LibsqlBatchError, LibsqlError } from "@libsql/client";
import Database from "libsql";
import type { RawClient, Row, SqlValue, Statement } from "./raw-client.ts";

/** How many statements stay compiled; the one that was compiled first goes first. The product has fewer. */
const KEEP = 256;
const BEGIN = { read: "BEGIN TRANSACTION READONLY", write: "BEGIN IMMEDIATE" };

type Compiled = Database.Statement;

/** A compiled statement and the names of what it returns; null where it returns no rows. */
interface Kept {
  readonly statement: Compiled;
  columns: readonly (string | null)[] | null;
}

/**
 * A database file through `libsql`, the engine that `@libsql/client` itself opens files with, under the same promises as
 * its client: a batch is one transaction, and errors are its errors. It differs in one thing: statements are compiled
 * once and kept. Compiling one anew, with the programs of all its triggers, costs several times what running it does.
 *
 * A statement that failed is never run again, and never reset: like the client's it may go on counting as a writer until
 * the collector finds it, so after a BUSY the owner must throw the whole connection away.
 */
export class FileClient implements RawClient {
  readonly #path: string;
  readonly #timeoutMs: number;
  #database: Database.Database | null = null;
  readonly #kept = new Map<string, Kept>();

  /** `timeoutMs` is SQLite's own busy time-out. Nothing is opened before the first call. */
  constructor(path: string, timeoutMs: number) {
    this.#path = path;
    this.#timeoutMs = timeoutMs;
  }

  async batch(statements: readonly Statement[], mode: "read" | "write"): Promise<Row[][]> {
    const database = this.#open();
    this.#run(database, BEGIN[mode]);
    try {
      const results = statements.map(({ sql, args }, index) => this.#runInside(database, index, sql, args));
      this.#run(database, "COMMIT");
      return results;
    } catch (error) {
      this.#rollBack(database);
      throw error;
    }
  }

  /** Compiled anew each time: some PRAGMAs do their work while they are compiled. */
  async execute(sql: string): Promise<Row[]> {
    const database = this.#open();
    try {
      return runCompiled(compile(database, sql), []);
    } catch (error) {
      throw clientError(error);
    }
  }

  async tryLock(): Promise<void> {
    const database = this.#open();
    try {
      database.exec("BEGIN IMMEDIATE; ROLLBACK");
    } catch (error) {
      throw clientError(error);
    }
  }

  reconnect(): void {
    this.close();
  }

  close(): void {
    this.#kept.clear();
    const database = this.#database;
    this.#database = null;
    database?.close();
  }

  #open(): Database.Database {
    this.#database ??= new Database(this.#path, { timeout: this.#timeoutMs });
    return this.#database;
  }

  #runInside(
    database: Database.Database,
    index: number,
    sql: string,
    args: readonly SqlValue[] | undefined,
  ): Row[] {
    // Outside the transaction each statement would be kept by itself.
    if (!database.inTransaction) {
      throw new LibsqlBatchError("The transaction has been rolled back", index, "TRANSACTION_CLOSED");
    }
    try {
      return this.#run(database, sql, args);
    } catch (error) {
      if (!(error instanceof LibsqlError)) throw error;
      const { message, code, extendedCode, rawCode, cause } = error;
      throw new LibsqlBatchError(message, index, code, extendedCode, rawCode, cause as Error);
    }
  }

  #run(database: Database.Database, sql: string, args: readonly SqlValue[] = []): Row[] {
    checkValues(args);
    try {
      return runCompiled(this.#compiled(database, sql), args);
    } catch (error) {
      this.#kept.delete(sql);
      throw clientError(error);
    }
  }

  #compiled(database: Database.Database, sql: string): Kept {
    const known = this.#kept.get(sql);
    if (known !== undefined) return known;
    const kept = compile(database, sql);
    this.#kept.set(sql, kept);
    if (this.#kept.size > KEEP) {
      const [oldest = sql] = this.#kept.keys();
      this.#kept.delete(oldest);
    }
    return kept;
  }

  /** Some failures end the transaction by themselves; a connection that cannot even roll back is of no more use. */
  #rollBack(database: Database.Database): void {
    if (!database.inTransaction) return;
    try {
      this.#run(database, "ROLLBACK");
    } catch {
      this.close();
    }
  }
}

function compile(database: Database.Database, sql: string): Kept {
  const statement = database.prepare(sql).safeIntegers(true);
  return { statement, columns: statement.reader ? columnsOf(statement.raw(true)) : null };
}

/** Null at the place of a name that came before: the first one counts. */
function columnsOf(statement: Compiled): readonly (string | null)[] {
  const names = statement.columns().map(({ name }) => name);
  return names.map((name, index) => (names.indexOf(name) === index ? name : null));
}

function runCompiled(kept: Kept, args: readonly SqlValue[]): Row[] {
  if (kept.columns === null) {
    kept.statement.run(args);
    return [];
  }
  const rows = kept.statement.all(args) as unknown[][];
  if (rows.length === 0) return [];
  // Compiled again by the engine itself where somebody changed the schema: `*` may stand for more columns now.
  if (rows[0]?.length !== kept.columns?.length) kept.columns = columnsOf(kept.statement);
  const columns = kept.columns ?? [];
  return rows.map((cells) => {
    const row: Row = {};
    for (const [index, name] of columns.entries()) if (name !== null) row[name] = readCell(cells[index]);
    return row;
  });
}

function readCell(cell: unknown): SqlValue {
  if (typeof cell !== "bigint") return cell as SqlValue;
  const value = Number(cell);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError("Received integer which cannot be safely represented as a JavaScript number");
  }
  return value;
}

/** What the engine would store as NULL, or not at all, without saying so. */
function checkValues(args: readonly SqlValue[]): void {
  for (const value of args) {
    if (value === undefined) throw new TypeError("undefined cannot be passed as argument to the database");
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new RangeError("Only finite numbers (not Infinity or NaN) can be passed as arguments");
    }
  }
}

/** SQLite's names of its own result codes from 0 on (`sqlite.org/rescode.html`): the low byte of an extended one. */
const CODES =
  `OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN
  PROTOCOL EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB NOTICE WARNING`.split(
    /\s+/,
  );

function clientError(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const { message, code, rawCode } = error;
  const name = rawCode === undefined ? undefined : CODES[rawCode & 0xff];
  return new LibsqlError(message, `SQLITE_${name ?? "UNKNOWN"}`, code, rawCode, error);
}
