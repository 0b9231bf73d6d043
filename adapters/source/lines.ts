import { z } from "zod";
import type { SourceFault } from "../../src/core/import/record.ts";
import { shown } from "../../src/core/import/report.ts";
import type { Json } from "../../src/core/json.ts";
import { deceivingInLine } from "../../src/core/text.ts";

/** How long a line may be, in UTF-16 code units: more than any task can hold, and nothing a process chokes on. */
export const LINE_MAX = 4_000_000;
/** How deep a row may nest: the database reads JSON to a depth of its own, and nobody writes this by hand. */
const DEPTH_MAX = 64;
const ID_MAX = 200;

/** An id people type and reports print. */
export const externalId = z
  .string()
  .min(1)
  .max(ID_MAX)
  .refine((id) => id.isWellFormed() && deceivingInLine(id) === null, "an id without control characters");

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
}

export type JsonObject = { readonly [field: string]: Json };

/** The lines that hold anything. A byte-order mark is no content. */
export function contentLines(text: string): readonly Line[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, text: line }))
    .filter((line) => line.text.trim() !== "");
}

export type ReadLine =
  | { readonly ok: true; readonly row: JsonObject }
  | { readonly ok: false; readonly fault: SourceFault };

/** One JSON object of a line, or why it is none. */
export function readObject({ number, text }: Line): ReadLine {
  const fault = (expected: Json, got: Json, why: string): ReadLine => ({
    ok: false,
    fault: { line: number, field: "line", expected, got, why },
  });
  if (text.length > LINE_MAX) {
    return fault(`at most ${LINE_MAX} characters`, text.length, "The line is too long to be one row.");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 120) : "unreadable";
    return fault("a JSON object", shown(text), `The line is not valid JSON: ${why}.`);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return fault("a JSON object", shown(value), "Each line is one JSON object.");
  }
  if (tooDeep(value)) {
    return fault(`at most ${DEPTH_MAX} levels`, "more", "The row nests too deep.");
  }
  return { ok: true, row: value as JsonObject };
}

/** Walks level by level, not by recursion: the depth is what is in question. */
function tooDeep(value: object): boolean {
  let level: readonly object[] = [value];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > DEPTH_MAX) return true;
    level = level.flatMap((one) =>
      Object.values(one).filter((child): child is object => child !== null && typeof child === "object"),
    );
  }
  return false;
}

/** The first thing a row's shape got wrong, with its field. */
export function shapeFault(
  at: { readonly line: number; readonly id?: string },
  row: JsonObject,
  error: z.ZodError,
): SourceFault {
  const issue = error.issues[0];
  if (issue?.code === "unrecognized_keys") {
    const field = [...issue.path, issue.keys[0] ?? ""].map(String).join(".");
    return { ...at, field, expected: "no such field", got: field, why: `${field}: no such field is known.` };
  }
  const field = (issue?.path ?? []).map(String).join(".");
  let got: unknown = row;
  for (const step of issue?.path ?? []) got = (got as Record<PropertyKey, unknown> | undefined)?.[step];
  const expected = issue?.code === "invalid_type" ? issue.expected : (issue?.message ?? "another shape");
  const came = got === undefined ? "nothing" : JSON.stringify(shown(got));
  return { ...at, field, expected, got: shown(got), why: `${field}: expected ${expected}, got ${came}.` };
}

/** The id a row claims, for the report, however wrong the rest of it is. */
export function claimedId(row: JsonObject, field = "id"): { readonly id?: string } {
  const id = row[field];
  return typeof id === "string" && id !== "" ? { id: id.slice(0, ID_MAX) } : {};
}
