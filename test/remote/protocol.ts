// TEST FIXTURE. The shapes of Hrana 2 and 3 in JSON (libsql: docs/HRANA_2_SPEC.md and HRANA_3_SPEC.md), with
// the texts and codes of errors as libsql-server words them, because callers match on them.
import { z } from "zod";

const Value = z.discriminatedUnion("type", [
  z.object({ type: z.literal("null") }),
  z.object({ type: z.literal("integer"), value: z.string().regex(/^-?\d{1,19}$/) }),
  z.object({ type: z.literal("float"), value: z.number() }),
  z.object({ type: z.literal("text"), value: z.string() }),
  z.object({ type: z.literal("blob"), base64: z.string() }),
]);
export type Value = z.infer<typeof Value>;

const SqlSource = { sql: z.string().nullish(), sql_id: z.int().nullish() };

const Stmt = z.object({
  ...SqlSource,
  args: z.array(Value).default([]),
  named_args: z.array(z.object({ name: z.string(), value: Value })).default([]),
  want_rows: z.boolean().nullish(),
});
export type Stmt = z.infer<typeof Stmt>;

export type Condition =
  | { type: "ok" | "error"; step: number }
  | { type: "not"; cond: Condition }
  | { type: "and" | "or"; conds: Condition[] }
  | { type: "is_autocommit" };

const Condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.object({ type: z.enum(["ok", "error"]), step: z.int().nonnegative() }),
    z.object({ type: z.literal("not"), cond: Condition }),
    z.object({ type: z.enum(["and", "or"]), conds: z.array(Condition) }),
    z.object({ type: z.literal("is_autocommit") }),
  ]),
);

const Batch = z.object({ steps: z.array(z.object({ condition: Condition.nullish(), stmt: Stmt })) });
export type Batch = z.infer<typeof Batch>;

const StreamRequest = z.discriminatedUnion("type", [
  z.object({ type: z.literal("close") }),
  z.object({ type: z.literal("execute"), stmt: Stmt }),
  z.object({ type: z.literal("batch"), batch: Batch }),
  z.object({ type: z.literal("sequence"), ...SqlSource }),
  z.object({ type: z.literal("describe"), ...SqlSource }),
  z.object({ type: z.literal("store_sql"), sql_id: z.int(), sql: z.string() }),
  z.object({ type: z.literal("close_sql"), sql_id: z.int() }),
  z.object({ type: z.literal("get_autocommit") }),
]);
export type StreamRequest = z.infer<typeof StreamRequest>;

const Pipeline = z.object({ baton: z.string().nullish(), requests: z.array(StreamRequest) });
export type Pipeline = z.infer<typeof Pipeline>;

export interface StmtResult {
  cols: { name: string; decltype: string | null }[];
  rows: Value[][];
  affected_row_count: number;
  last_insert_rowid: string | null;
  replication_index: null;
}

export interface BatchResult {
  step_results: (StmtResult | null)[];
  step_errors: (ErrorBody | null)[];
  replication_index: null;
}

export interface ErrorBody {
  message: string;
  code: string;
}

export type StreamResponse =
  | { type: "close" | "sequence" | "store_sql" | "close_sql" }
  | { type: "execute"; result: StmtResult }
  | { type: "batch"; result: BatchResult }
  | { type: "describe"; result: DescribeResult }
  | { type: "get_autocommit"; is_autocommit: boolean };

export interface DescribeResult {
  params: { name: string | null }[];
  cols: { name: string; decltype: string | null }[];
  is_explain: boolean;
  is_readonly: boolean;
}

export type StreamResult = { type: "ok"; response: StreamResponse } | { type: "error"; error: ErrorBody };

/** The caller broke the protocol: HTTP 400, and the stream is closed. A correct client never causes one. */
export class ProtocolError extends Error {}

/** A correct client can cause this one by waiting too long: HTTP 500 with a code. */
export class StreamExpired extends Error {
  readonly code = "STREAM_EXPIRED";
  constructor() {
    super("The stream has expired due to inactivity");
  }
}

/** One request or step of a batch failed; the stream lives on. */
export class SqlFailure extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }

  get body(): ErrorBody {
    return { message: this.message, code: this.code };
  }
}

/** Reads one request body; throws a ProtocolError when it is not a pipeline. */
export function parsePipeline(text: string): Pipeline {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ProtocolError(`Cannot deserialize client message from JSON: ${String(error)}`);
  }
  const parsed = Pipeline.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ProtocolError(`Cannot deserialize client message from JSON: ${z.prettifyError(parsed.error)}`);
}
