import type { Json } from "../../../../src/core/json.ts";
import type { MessageRef } from "../../../../src/core/message.ts";
import type { Heard, Person } from "../../../../src/ports/chat-receiver.ts";
import { writePlace } from "../place.ts";

export const PLATFORM = "discord";

/** How an interaction is answered, also by another process: Discord takes answers under its token for fifteen minutes. */
export interface Reply {
  /** The interaction's id and token, and the application's id. */
  readonly id: string;
  readonly token: string;
  readonly application: string;
  /** When it came, in milliseconds since 1970 UTC. */
  readonly at: number;
  /** `here`: in place of what the pressed message says; `new`: a message of its own. */
  readonly shows: "new" | "here";
  /** The pressed message is laid out in components, and stays so. */
  readonly laidOut: boolean;
  /** Who sees the answer where it has to be promised first: that cannot be changed afterwards. */
  readonly visibility: "caller" | "channel";
  /** Only the person sees it, whatever it says: what they pressed shows everybody else what became of it. */
  readonly quiet: boolean;
}

export type MessageHeard = Extract<Heard, { kind: "message" | "edited" }>;

/** What is kept in the inbox of one event: what it means, and how it is answered. */
export type Kept =
  | {
      readonly sort: "line";
      readonly heard: Extract<Heard, { kind: "line" }>;
      readonly reply: Reply;
    }
  | { readonly sort: "message"; readonly heard: MessageHeard }
  /** It means nothing any more; its name is known. */
  | { readonly sort: "nothing" };

export function keep(kept: Kept): Json {
  return JSON.parse(JSON.stringify(kept)) as Json;
}

/** Null for what another version wrote, and this one does not know, and for what means nothing any more. */
export function readKept(payload: Json): Exclude<Kept, { sort: "nothing" }> | null {
  if (payload === null || typeof payload !== "object" || Array.isArray(payload)) return null;
  const { sort, heard } = payload as { readonly [field: string]: Json };
  return (sort === "line" || sort === "message") && typeof heard === "object"
    ? (payload as unknown as Exclude<Kept, { sort: "nothing" }>)
    : null;
}

/** Somebody, with the roles their server gave them where the event told. */
export function person(id: string, roles: readonly string[] | null): Person {
  return { platform: PLATFORM, id, groups: roles };
}

/** `thread` null: in the channel itself. A thread that was started from a message bears the message's id. */
export function messageIn(channel: string, message: string, thread: string | null = null): MessageRef {
  return { platform: PLATFORM, channel, message: writePlace({ thread, message }) };
}
