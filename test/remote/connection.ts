// TEST FIXTURE. One SQLite connection, as one Hrana stream has it, on the same build of SQLite that the client
// uses for local files.
import Database from "libsql";
import { type DescribeResult, SqlFailure, type Stmt, type StmtResult } from "./protocol.ts";
import type { Statement } from "./sql-text.ts";
import { type AnswerBudget, answerRows, bindValues } from "./values.ts";

/** The names libsql-server gives to SQLite's primary result codes; every other code is SQLITE_UNKNOWN. */
const CODE_NAMES: Record<number, string> = {
  2: "SQLITE_INTERNAL",
  3: "SQLITE_PERM",
  4: "SQLITE_ABORT",
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  7: "SQLITE_NOMEM",
  8: "SQLITE_READONLY",
  9: "SQLITE_INTERRUPT",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  12: "SQLITE_NOTFOUND",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  15: "SQLITE_PROTOCOL",
  17: "SQLITE_SCHEMA",
  18: "SQLITE_TOOBIG",
  19: "SQLITE_CONSTRAINT",
  20: "SQLITE_MISMATCH",
  21: "SQLITE_MISUSE",
  22: "SQLITE_NOLFS",
  23: "SQLITE_AUTH",
  25: "SQLITE_RANGE",
  26: "SQLITE_NOTADB",
};

const NOTHING: StmtResult = {
  cols: [],
  rows: [],
  affected_row_count: 0,
  last_insert_rowid: null,
  replication_index: null,
};

export class Connection {
  readonly #file: string;
  readonly #maxValueBytes: number;
  #db: Database.Database;
  #poisoned = false;

  constructor(file: string, maxValueBytes: number) {
    this.#file = file;
    this.#maxValueBytes = maxValueBytes;
    this.#db = open(file);
  }

  /** The server's own choice, which no caller can change. */
  useWriteAheadLog(): void {
    this.#db.exec("PRAGMA journal_mode=WAL");
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }

  /** Runs one statement to its end. Throws a SqlFailure, and then the transaction is as SQLite left it. */
  run(statement: Statement, stmt: Stmt, budget: AnswerBudget): StmtResult {
    if (statement.kind === "explain") return this.#explain(statement, stmt, budget);
    if (this.#poisoned && statement.kind === "end") {
      // Only the failed write was ever tried, so there is nothing that a COMMIT would have kept.
      this.#rollback();
      return NOTHING;
    }
    try {
      return this.#runOn(this.#db, statement, stmt, budget);
    } catch (error) {
      const failure = toSqlFailure(error, statement.sql);
      // The driver never resets a statement that met SQLITE_BUSY: it would hold its old snapshot, and later
      // writes would report success without being committed. So this connection is not used beyond the
      // transaction.
      this.#poisoned ||= failure.code === "SQLITE_BUSY" || failure.code === "SQLITE_LOCKED";
      throw failure;
    } finally {
      if (this.#poisoned && !this.inTransaction) this.#reopen();
    }
  }

  describe(statement: Statement): DescribeResult {
    try {
      return {
        params: statement.parameters.map((name) => ({ name })),
        cols: columnsOf(this.#db.prepare(statement.sql)),
        is_explain: statement.kind === "explain",
        is_readonly: !statement.writes,
      };
    } catch (error) {
      throw toSqlFailure(error, statement.sql);
    }
  }

  /** Ends the open transaction, if there is one, without keeping anything. */
  rollback(): void {
    if (this.inTransaction) this.#rollback();
  }

  close(): void {
    // The driver ends the process when a closed connection is asked about its transaction.
    if (!this.#db.open) return;
    // A connection closed inside a transaction would keep the lock until the collector finds its statements.
    this.rollback();
    this.#db.close();
  }

  #runOn(db: Database.Database, statement: Statement, stmt: Stmt, budget: AnswerBudget): StmtResult {
    const prepared = db.prepare(statement.sql).safeIntegers(true);
    const cols = columnsOf(prepared);
    budget.spend(JSON.stringify(cols).length);
    const values = bindValues(statement, stmt, this.#maxValueBytes);
    let rows: unknown[][] = [];
    if (prepared.reader) rows = prepared.raw(true).all(values) as unknown[][];
    else prepared.run(values);
    // Asked of SQLite itself, because the driver counts nothing for a statement that returns rows.
    const counted = statement.changesRows ? countChanges(db) : { changes: 0, lastRowid: null };
    return {
      cols,
      rows: stmt.want_rows === false ? [] : answerRows(rows, budget),
      affected_row_count: counted.changes,
      last_insert_rowid: statement.inserts ? counted.lastRowid : null,
      replication_index: null,
    };
  }

  /**
   * On a connection of its own, because the driver leaves an explained write unfinished and what is written
   * after it on that connection is never committed. It does not see what an open transaction has created.
   */
  #explain(statement: Statement, stmt: Stmt, budget: AnswerBudget): StmtResult {
    const db = open(this.#file);
    try {
      return this.#runOn(db, statement, stmt, budget);
    } catch (error) {
      throw toSqlFailure(error, statement.sql);
    } finally {
      db.close();
    }
  }

  #rollback(): void {
    this.#db.exec("ROLLBACK");
    if (this.#poisoned) this.#reopen();
  }

  #reopen(): void {
    this.#db.close();
    this.#db = open(this.#file);
    this.#poisoned = false;
  }
}

function open(file: string): Database.Database {
  const db = new Database(file);
  db.exec("PRAGMA synchronous=NORMAL");
  return db;
}

function columnsOf(prepared: Database.Statement): StmtResult["cols"] {
  return prepared.columns().map(({ name, type }) => ({ name, decltype: type }));
}

function countChanges(db: Database.Database): { changes: number; lastRowid: string } {
  const counted = db.prepare("SELECT changes(), last_insert_rowid()").safeIntegers(true).raw(true).get([]);
  const [changes, lastRowid] = counted as [bigint, bigint];
  return { changes: Number(changes), lastRowid: String(lastRowid) };
}

function toSqlFailure(error: unknown, sql: string): SqlFailure {
  if (error instanceof SqlFailure) return error;
  if (!(error instanceof Database.SqliteError)) throw error;
  const { message } = error;
  if (/syntax error|incomplete input|^unrecognized token/.test(message)) {
    return new SqlFailure("SQL_PARSE_ERROR", `SQL string could not be parsed: ${message}`);
  }
  // SQLite knows the offset of a faulty expression, but the driver does not pass it on.
  const unknownName =
    /^(?:no such column|no such function|wrong number of arguments to function): ?(\S+)/.exec(message);
  if (unknownName !== null) {
    const offset = Math.max(0, sql.indexOf(unknownName[1] ?? ""));
    return new SqlFailure("SQL_INPUT_ERROR", `SQL input error: ${message} (at offset ${offset})`);
  }
  const code = CODE_NAMES[(error.rawCode ?? 1) & 0xff] ?? "SQLITE_UNKNOWN";
  return new SqlFailure(code, `SQLite error: ${message}`);
}
