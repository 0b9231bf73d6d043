// TEST FIXTURE. Values between Hrana's JSON and the driver, and the sizes that libsql-server limits.

import { SqlFailure, type Stmt, type StmtResult, type Value } from "./protocol.ts";
import type { Statement } from "./sql-text.ts";

type SqlValue = null | bigint | number | string | Buffer;

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;

function toSql(value: Value, maxBytes: number): SqlValue {
  switch (value.type) {
    case "null":
      return null;
    case "integer": {
      const integer = BigInt(value.value);
      if (integer < MIN_INTEGER || integer > MAX_INTEGER) throw argumentsInvalid("integer out of range");
      return integer;
    }
    case "float":
      return value.value;
    case "text":
      return bounded(value.value, Buffer.byteLength(value.value), maxBytes);
    case "blob": {
      const bytes = Buffer.from(value.base64, "base64");
      return bounded(bytes, bytes.length, maxBytes);
    }
  }
}

function bounded<V>(value: V, bytes: number, maxBytes: number): V {
  if (bytes > maxBytes) throw argumentsInvalid("string or blob too big");
  return value;
}

function argumentsInvalid(reason: string): SqlFailure {
  return new SqlFailure("ARGS_INVALID", `Arguments do not match SQL parameters: ${reason}`);
}

/**
 * The values in the order of the statement's parameter indexes. Stricter than SQLite and than the driver, as
 * libsql-server is: each parameter needs a value, and a named one is never filled by position. Names are given
 * with or without their `:`, `@` or `$`.
 */
export function bindValues(statement: Statement, stmt: Stmt, maxBytes: number): SqlValue[] {
  const { args, named_args: named } = stmt;
  if (args.length > 0 && named.length > 0) {
    throw new SqlFailure(
      "ARGS_BOTH_POSITIONAL_AND_NAMED",
      "Specifying both positional and named arguments is not supported",
    );
  }
  const { parameters } = statement;
  const given = args.length + named.length;
  if (given > parameters.length) {
    throw argumentsInvalid(`too many parameters, expected ${parameters.length} found ${given}`);
  }
  const byName = new Map(named.map(({ name, value }) => [name, value]));
  return parameters.map((name, index) => {
    const value =
      name === null || name.startsWith("?") ? args[index] : (byName.get(name) ?? byName.get(name.slice(1)));
    if (value !== undefined) return toSql(value, maxBytes);
    if (statement.kind === "explain") return null;
    throw argumentsInvalid(`value for parameter ${name ?? index + 1} not found`);
  });
}

function fromSql(value: unknown): Value {
  if (value === null || value === undefined) return { type: "null" };
  if (typeof value === "bigint") return { type: "integer", value: String(value) };
  if (typeof value === "number") return { type: "float", value };
  if (typeof value === "string") return { type: "text", value };
  // The server leaves the padding out; decoders that insist on it should fail here too.
  return {
    type: "blob",
    base64: Buffer.from(value as Uint8Array)
      .toString("base64")
      .replace(/=+$/, ""),
  };
}

function jsonBytes(value: Value): number {
  switch (value.type) {
    case "text":
      return 26 + Buffer.byteLength(value.value);
    case "blob":
      return Math.floor((value.base64.length * 3) / 4);
    default:
      return JSON.stringify(value).length;
  }
}

/** How much one answer may still hold; shared by the steps of a batch. */
export class AnswerBudget {
  #leftBytes: number;

  constructor(maxBytes: number) {
    this.#leftBytes = maxBytes;
  }

  spend(bytes: number): void {
    this.#leftBytes -= bytes;
    if (this.#leftBytes < 0) throw new SqlFailure("RESPONSE_TOO_LARGE", "Response is too large");
  }
}

/** The rows as Hrana says them; throws RESPONSE_TOO_LARGE once the budget is spent. */
export function answerRows(rows: unknown[][], budget: AnswerBudget): StmtResult["rows"] {
  return rows.map((row) =>
    row.map((cell) => {
      const value = fromSql(cell);
      budget.spend(jsonBytes(value));
      return value;
    }),
  );
}
