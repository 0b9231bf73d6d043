import type { z } from "@hono/zod-openapi";
import type { Json } from "../../core/json.ts";
import type { FieldFault } from "./problem.ts";

/** Longer texts are told by their length: a fault names what came, it does not send it all back. */
const SHOWN_MAX = 120;

/** Every fault zod found, one entry a field; an unknown field by its own name. `input` is what was parsed. */
export function fieldFaults(error: z.ZodError, input: unknown): readonly FieldFault[] {
  return error.issues.flatMap((issue) => faultsOf(issue, input));
}

type Issue = z.core.$ZodIssue;

function faultsOf(issue: Issue, input: unknown): readonly FieldFault[] {
  const field = fieldName(issue.path);
  const got = shown(at(input, issue.path));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      field: fieldName([...issue.path, key]),
      expected: "no such field",
      got: shown(at(input, [...issue.path, key])),
    }));
  }
  return [{ field, expected: expectation(issue), got }];
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "int" ? "a whole number" : `${article(issue.expected)} ${issue.expected}`;
    case "too_small":
      return `at least ${String(issue.minimum)}${unit(issue.origin)}`;
    case "too_big":
      return `at most ${String(issue.maximum)}${unit(issue.origin)}`;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "invalid_format":
    case "custom":
    case "invalid_union":
    case "invalid_key":
    case "invalid_element":
    case "not_multiple_of":
    case "unrecognized_keys":
      return issue.message;
    default:
      return "another value";
  }
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? "an" : "a";
}

function unit(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

/** `policy.requirements[0].name`; `body` for the whole. */
function fieldName(path: readonly PropertyKey[]): string {
  const name = path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : `${text}${text === "" ? "" : "."}${String(part)}`,
    "",
  );
  return name === "" ? "body" : name;
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      value !== null && typeof value === "object" ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    input,
  );
}

function shown(value: unknown): Json {
  if (value === undefined) return null;
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return null;
  if (text.length <= SHOWN_MAX) return JSON.parse(text) as Json;
  return typeof value === "string" ? `${value.length} characters` : `${text.length} characters of JSON`;
}
