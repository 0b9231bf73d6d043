import type { Json } from "../../../../src/core/json.ts";

/** The platform's name, in the database and in every name of a message. */
export const SLACK = "slack";

/** Anything Slack sent: read field by field, since nothing vouches for its shape. */
export type Fields = { readonly [field: string]: Json | undefined };

export function fieldsOf(value: Json | undefined): Fields {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: Json | undefined): readonly Fields[] {
  return Array.isArray(value) ? (value as readonly Json[]).map(fieldsOf) : [];
}

/** A text that is not empty; null where there is none. */
export function textOf(value: Json | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A line somebody typed, pressed or filled in, with all that answering it takes, also after a restart. */
export type KeptLine = {
  readonly kind: "line";
  readonly user: string;
  readonly line: string;
  readonly confirmed: boolean;
} & Place;

/** Where a line came from, and where its answer goes. */
export type Place = {
  /** The channel's id; null where there is none, as behind a shortcut: the answer goes to the person alone. */
  readonly channel: string | null;
  /** Takes up to five answers within half an hour. */
  readonly url: string | null;
  /** The thread that is looked at: answers stand in it. */
  readonly thread: string | null;
  /** The bot's message that was pressed on: what everybody may see is answered below it. */
  readonly message: string | null;
  /** That message was seen by one person alone, and asked him: the answer takes its place. */
  readonly asked: boolean;
};

export const NOWHERE: Place = { channel: null, url: null, thread: null, message: null, asked: false };

/** An event of a message, without what is heavy or secret in it. `bot`, `app`: who we are, as the event itself tells. */
export type KeptEvent = {
  readonly kind: "event";
  readonly event: { readonly [field: string]: Json };
  readonly bot: string | null;
  readonly app: string | null;
};

/** Somebody attached a message of another's as proof: handled as if it had been theirs. */
export type KeptProof = {
  readonly kind: "proof";
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly head: string;
  readonly text: string;
};

/** Only its name counts: what arrives later under it is known already. */
export type KeptNothing = { readonly kind: "nothing" };

export type Kept = KeptLine | KeptEvent | KeptProof | KeptNothing;
