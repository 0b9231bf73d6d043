// TEST FIXTURE. Executes the requests of one pipeline on one stream, in order.
import {
  type Batch,
  type BatchResult,
  type Condition,
  ProtocolError,
  SqlFailure,
  type Stmt,
  type StmtResult,
  type StreamRequest,
  type StreamResponse,
  type StreamResult,
} from "./protocol.ts";
import { parseOneStatement, parseStatements, type Statement } from "./sql-text.ts";
import type { Stream, Streams } from "./streams.ts";
import { AnswerBudget } from "./values.ts";
import type { WriteLock } from "./write-lock.ts";

const MAX_STORED_SQLS = 50;
const MAX_STORED_SQL_BYTES = 5_000;

export interface Execution {
  stream: Stream;
  streams: Streams;
  lock: WriteLock<Stream>;
  version: 2 | 3;
  maxResponseBytes: number;
  /** Fires when the caller's connection is gone. */
  signal: AbortSignal;
}

/** A SqlFailure becomes the request's answer; everything else ends the stream and is the HTTP layer's to say. */
export async function answer(execution: Execution, request: StreamRequest): Promise<StreamResult> {
  try {
    return { type: "ok", response: await respond(execution, request) };
  } catch (error) {
    if (error instanceof SqlFailure) return { type: "error", error: error.body };
    throw error;
  }
}

async function respond(execution: Execution, request: StreamRequest): Promise<StreamResponse> {
  const { stream } = execution;
  if (request.type === "store_sql") return storeSql(stream, request.sql_id, request.sql);
  if (request.type === "close_sql") {
    stream.sqls.delete(request.sql_id);
    return { type: "close_sql" };
  }
  if (request.type === "close") {
    execution.streams.close(stream);
    return { type: "close" };
  }
  if (stream.closed) throw new ProtocolError("Stream for this baton was closed");
  switch (request.type) {
    case "execute":
      return { type: "execute", result: await executeOne(execution, request.stmt) };
    case "batch":
      return { type: "batch", result: await executeBatch(execution, request.batch) };
    case "sequence":
      await executeSequence(execution, sqlOf(stream, request));
      return { type: "sequence" };
    case "describe": {
      const statement = parseOneStatement(sqlOf(stream, request));
      return { type: "describe", result: stream.connection.describe(statement) };
    }
    case "get_autocommit":
      ensureVersion3(execution, "The `get_autocommit` request");
      return { type: "get_autocommit", is_autocommit: !stream.connection.inTransaction };
  }
}

function storeSql(stream: Stream, id: number, sql: string): StreamResponse {
  const bytes = Buffer.byteLength(sql);
  if (stream.sqls.has(id)) throw new ProtocolError(`SQL text ${id} already exists`);
  if (stream.sqls.size >= MAX_STORED_SQLS) {
    throw new SqlFailure(
      "SQL_STORE_TOO_MANY",
      `The server already stores ${stream.sqls.size} SQL texts, it cannot store more`,
    );
  }
  if (bytes > MAX_STORED_SQL_BYTES) {
    throw new SqlFailure(
      "SQL_STORE_TOO_LARGE",
      `The statement is too large to be stored: ${bytes}/${MAX_STORED_SQL_BYTES}`,
    );
  }
  stream.sqls.set(id, sql);
  return { type: "store_sql" };
}

function sqlOf(stream: Stream, source: Pick<Stmt, "sql" | "sql_id">): string {
  const sql = source.sql ?? undefined;
  const id = source.sql_id ?? undefined;
  if (sql !== undefined && id !== undefined) {
    throw new ProtocolError("Either `sql` or `sql_id` are required, but not both");
  }
  if (sql !== undefined) return sql;
  if (id === undefined) throw new ProtocolError("Either `sql` or `sql_id` are required");
  const stored = stream.sqls.get(id);
  if (stored === undefined) throw new ProtocolError(`SQL text ${id} not found`);
  return stored;
}

function ensureVersion3(execution: Execution, what: string): void {
  if (execution.version < 3) {
    throw new ProtocolError(`${what} is only supported in protocol version hrana3 and higher`);
  }
}

interface Step {
  statement: Statement;
  stmt: Stmt;
  condition: Condition | undefined;
}

async function executeOne(execution: Execution, stmt: Stmt): Promise<StmtResult> {
  const statement = parseOneStatement(sqlOf(execution.stream, stmt));
  const [outcome] = await runProgram(execution, [{ statement, stmt, condition: undefined }]);
  if (outcome instanceof SqlFailure) throw outcome;
  if (outcome === undefined) throw new Error("a step without a condition was skipped");
  return outcome;
}

/** Every step is read before the first one runs, so one unsupported statement refuses the batch as a whole. */
async function executeBatch(execution: Execution, batch: Batch): Promise<BatchResult> {
  const steps = batch.steps.map(({ stmt, condition }, index): Step => {
    const statement = parseOneStatement(sqlOf(execution.stream, stmt));
    if (condition) checkCondition(execution, condition, index);
    return { statement, stmt, condition: condition ?? undefined };
  });
  const outcomes = await runProgram(execution, steps);
  return {
    step_results: outcomes.map((outcome) => (outcome instanceof SqlFailure ? null : (outcome ?? null))),
    step_errors: outcomes.map((outcome) => (outcome instanceof SqlFailure ? outcome.body : null)),
    replication_index: null,
  };
}

async function executeSequence(execution: Execution, sql: string): Promise<void> {
  const steps = parseStatements(sql).map((statement, index): Step => {
    const condition: Condition | undefined = index === 0 ? undefined : { type: "ok", step: index - 1 };
    return { statement, stmt: { args: [], named_args: [], want_rows: false }, condition };
  });
  const failure = (await runProgram(execution, steps)).find((outcome) => outcome instanceof SqlFailure);
  if (failure !== undefined) throw failure;
}

/** What became of a step; undefined when its condition kept it from running. */
type Outcome = StmtResult | SqlFailure | undefined;

async function runProgram(execution: Execution, steps: Step[]): Promise<Outcome[]> {
  const { stream } = execution;
  const budget = new AnswerBudget(execution.maxResponseBytes);
  const outcomes: Outcome[] = [];
  const timedOut = stream.timedOut;
  stream.timedOut = false;
  for (const step of steps) {
    if (timedOut) {
      // Not even the ROLLBACK runs: the whole program was written for a transaction that is gone.
      outcomes.push(new SqlFailure("TRANSACTION_TIMEOUT", "Transaction timed out"));
    } else if (step.condition === undefined || holds(step.condition, outcomes, stream)) {
      outcomes.push(await runStep(execution, step, budget));
    } else {
      outcomes.push(undefined);
    }
  }
  return outcomes;
}

async function runStep(execution: Execution, step: Step, budget: AnswerBudget): Promise<Outcome> {
  const { stream, lock } = execution;
  try {
    if (step.statement.writes) await lock.acquire(stream, execution.signal);
    return stream.connection.run(step.statement, step.stmt, budget);
  } catch (error) {
    // An answer that is too large ends the whole program, whatever the later conditions say.
    if (error instanceof SqlFailure && error.code !== "RESPONSE_TOO_LARGE") return error;
    throw error;
  } finally {
    if (!stream.connection.inTransaction) lock.release(stream);
  }
}

function holds(condition: Condition, outcomes: Outcome[], stream: Stream): boolean {
  switch (condition.type) {
    case "ok": {
      const outcome = outcomes[condition.step];
      return outcome !== undefined && !(outcome instanceof SqlFailure);
    }
    case "error":
      return outcomes[condition.step] instanceof SqlFailure;
    case "not":
      return !holds(condition.cond, outcomes, stream);
    case "and":
      return condition.conds.every((cond) => holds(cond, outcomes, stream));
    case "or":
      return condition.conds.some((cond) => holds(cond, outcomes, stream));
    case "is_autocommit":
      return !stream.connection.inTransaction;
  }
}

function checkCondition(execution: Execution, condition: Condition, stepIndex: number): void {
  switch (condition.type) {
    case "ok":
    case "error":
      if (condition.step >= stepIndex)
        throw new ProtocolError("Invalid reference to step in a batch condition");
      return;
    case "not":
      checkCondition(execution, condition.cond, stepIndex);
      return;
    case "and":
    case "or":
      for (const cond of condition.conds) checkCondition(execution, cond, stepIndex);
      return;
    case "is_autocommit":
      ensureVersion3(execution, "BatchCond of type `is_autocommit`");
  }
}
