import { RE2JS } from "re2js";
import { z } from "zod";
import type { Json } from "../../src/core/json.ts";
import { shown } from "./fetch/answer.ts";

/** A pattern's instructions; its cost is instructions × characters, and both are bounded here. */
const MAX_PATTERN_SIZE = 500;
/** About half a second of matching on one core. */
const MAX_PATTERN_STEPS = 16_000_000;

const pattern = z
  .string()
  .min(1)
  .max(1024)
  .superRefine((text, context) => {
    const why = patternFault(text);
    if (why !== null) context.addIssue({ code: "custom", message: why });
  });

/** RFC 6901: "" is the whole document; each "/" starts a part; "~" is followed by 0 or 1. */
const pointer = z
  .string()
  .max(1024)
  .regex(/^(\/([^~/]|~[01])*)*$/, "a JSON Pointer such as /status/ok");

/** What a body must show. All that are given hold together. */
export const bodyFields = {
  contains: z.string().min(1).optional(),
  matches: pattern.optional(),
  json: z.strictObject({ pointer, equals: z.json() }).optional(),
};

export interface BodyRules {
  readonly contains?: string | undefined;
  readonly matches?: string | undefined;
  readonly json?: { readonly pointer: string; readonly equals: Json } | undefined;
}

function patternFault(text: string): string | null {
  try {
    const size = RE2JS.compile(text).programSize();
    return size > MAX_PATTERN_SIZE
      ? `a pattern of at most ${MAX_PATTERN_SIZE} steps; this one has ${size}`
      : null;
  } catch (error) {
    return `an RE2 pattern: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The value a pointer names, and whether there is one. Only own properties count, only plain array indexes. */
function jsonAt(document: unknown, at: string): { found: boolean; value: unknown } {
  let value = document;
  for (const part of at.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) {
      if (!/^(0|[1-9][0-9]{0,8})$/.test(key) || Number(key) >= value.length)
        return { found: false, value: null };
    } else if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) {
      return { found: false, value: null };
    }
    value = (value as Record<string, unknown>)[key];
  }
  return { found: true, value };
}

/** Equal as JSON, walked along the policy's value, so that a deep answer cannot exhaust the stack. */
function sameJson(wanted: Json, got: unknown): boolean {
  if (wanted === null || typeof wanted !== "object") return wanted === got;
  if (got === null || typeof got !== "object" || Array.isArray(got) !== Array.isArray(wanted)) return false;
  const keys = Object.keys(wanted);
  if (keys.length !== Object.keys(got).length) return false;
  return keys.every((key) => {
    const value = (wanted as { readonly [key: string]: Json })[key];
    return (
      value !== undefined && Object.hasOwn(got, key) && sameJson(value, (got as Record<string, unknown>)[key])
    );
  });
}

/** Why a body does not show what it must, as a sentence; null where it does. */
export function bodyFault(body: Uint8Array, rules: BodyRules): string | null {
  const { contains, matches, json } = rules;
  if (contains !== undefined && !Buffer.from(body).includes(contains)) {
    return `The body does not hold ${JSON.stringify(shown(contains, 80))}.`;
  }
  if (matches !== undefined) {
    const text = Buffer.from(body).toString("utf8");
    const compiled = RE2JS.compile(matches);
    if (compiled.programSize() * text.length > MAX_PATTERN_STEPS) {
      return `A body of ${text.length} characters is too long for this pattern; use contains or a smaller pattern.`;
    }
    if (!compiled.matcher(text).find()) return `The body does not match ${shown(matches, 80)}.`;
  }
  return json === undefined ? null : jsonFault(body, json);
}

function jsonFault(body: Uint8Array, json: NonNullable<BodyRules["json"]>): string | null {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return "The body is not JSON.";
  }
  const got = jsonAt(document, json.pointer);
  if (!got.found) return `The body has nothing at ${shown(json.pointer, 80)}.`;
  if (sameJson(json.equals, got.value)) return null;
  return `The body has another value at ${JSON.stringify(shown(json.pointer, 80))} than the policy wants.`;
}
