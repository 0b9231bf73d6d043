import type { Json } from "../../../src/core/json.ts";
import type { Heard, Person } from "../../../src/ports/chat-receiver.ts";

export const LOCAL = "local";
/** Whoever sits at the page. */
export const OPERATOR = "operator";
export const ME: Person = { platform: LOCAL, id: OPERATOR, groups: [] };

export interface KeptLine {
  readonly sort: "line";
  readonly event: string;
  readonly line: string;
  readonly channel: string;
  /** The message it was typed below; null in the channel itself. */
  readonly thread: number | null;
  readonly confirmed: boolean;
  /** When it was said, in milliseconds since 1970 UTC: a page waits no longer than `ANSWER_MS` for its answer. */
  readonly at: number;
}

/** So long a page waits for its answer; what was kept is done all the same. */
export const ANSWER_MS = 20_000;

/** What is kept in the inbox of one event. */
export type Kept =
  | KeptLine
  | { readonly sort: "message"; readonly heard: Extract<Heard, { kind: "message" | "edited" }> };

export function keep(kept: Kept): Json {
  return JSON.parse(JSON.stringify(kept)) as Json;
}

/** Null for what another version wrote, and this one does not know. */
export function readKept(payload: Json): Kept | null {
  if (payload === null || typeof payload !== "object" || Array.isArray(payload)) return null;
  const { sort } = payload as { readonly [field: string]: Json };
  return sort === "line" || sort === "message" ? (payload as unknown as Kept) : null;
}
