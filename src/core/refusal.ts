import type { Json } from "./json.ts";

/** The four gates, spelled the same in code, tests, refusals and documents. */
export const GATES = ["queue-truth", "runnable-pull", "heartbeat-trust", "proof-before-done"] as const;
export type Gate = (typeof GATES)[number];

/**
 * Why something was not done, as a value. `sort` tells the doors how to answer: a gate said no to a well-formed
 * request (409), what was named does not exist (404), the request itself is wrong (422), or the caller may not (403).
 */
export interface Refusal {
  readonly sort: "refused" | "missing" | "invalid" | "forbidden";
  readonly gate: Gate;
  /** Stable, kebab-case, unique within its gate. */
  readonly code: string;
  readonly field?: string;
  readonly expected?: Json;
  readonly got?: Json;
  /** One sentence in plain words: what to do now. */
  readonly hint: string;
}

type Details = Omit<Refusal, "sort" | "gate" | "code">;

export function refuse(gate: Gate, code: string, details: Details): Refusal {
  return { sort: "refused", gate, code, ...details };
}

export function missing(what: string, got: Json, hint: string): Refusal {
  return { sort: "missing", gate: "queue-truth", code: "not-found", field: what, got, hint };
}

export function invalid(field: string, details: Omit<Details, "field">, gate: Gate = "queue-truth"): Refusal {
  return { sort: "invalid", gate, code: "invalid", field, ...details };
}

/** What a command answers: a value, or the refusal that kept it from one. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export function done<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function refused<T = never>(refusal: Refusal): Outcome<T> {
  return { ok: false, refusal };
}

/** The sentence a log, a terminal or a chat reply shows. */
export function describeRefusal(refusal: Refusal): string {
  const about = refusal.field === undefined ? "" : ` ${refusal.field}`;
  const wanted = refusal.expected === undefined ? "" : ` expected ${JSON.stringify(refusal.expected)}`;
  const came = refusal.got === undefined ? "" : ` got ${JSON.stringify(refusal.got)}`;
  const facts = [wanted, came].filter((part) => part !== "").join(",");
  return `${refusal.gate}: ${refusal.code}:${about}${facts === "" ? "" : `${about === "" ? "" : ":"}${facts}`}. ${refusal.hint}`;
}
