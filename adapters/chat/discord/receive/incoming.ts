import { type APIInteraction, ChannelType } from "discord-api-types/v10";
import type { MessageRef } from "../../../../src/core/message.ts";
import type { Person } from "../../../../src/ports/chat-receiver.ts";
import { messageIn, person, type Reply } from "./kept.ts";

/** An interaction of whatever kind: who did it, where, and how it is answered. */
export interface Incoming {
  readonly raw: APIInteraction;
  readonly person: Person;
  /** The channel; of a thread the one it belongs to. */
  readonly channel: string;
  /** The message at the head of the thread it happened in; null in the channel itself. */
  readonly head: MessageRef | null;
  /** When it came, in milliseconds since 1970 UTC. */
  readonly at: number;
}

const THREADS: ReadonlySet<ChannelType> = new Set([
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
  ChannelType.AnnouncementThread,
]);

/** Null for what comes from another server than ours, and from nobody. */
export function readIncoming(raw: APIInteraction, guild: string, at: number): Incoming | null {
  const { member, user, guild_id: from } = raw;
  const id = member?.user.id ?? user?.id;
  if (id === undefined || (from !== undefined && from !== guild)) return null;
  // Whoever writes to the bot alone has roles as well: those are asked for.
  return { raw, person: person(id, member?.roles ?? null), ...placeOf(raw), at };
}

function placeOf({ channel }: APIInteraction): Pick<Incoming, "channel" | "head"> {
  const id = channel?.id ?? "";
  const parent = channel !== undefined && "parent_id" in channel ? channel.parent_id : null;
  if (channel === undefined || !THREADS.has(channel.type) || parent == null)
    return { channel: id, head: null };
  // A thread that was started from a message bears the message's id.
  return { channel: parent, head: messageIn(parent, id) };
}

/** The channel a message stands in as Discord names it: the thread itself, not the one it belongs to. */
export function ownChannel({ raw, channel }: Incoming): string {
  return raw.channel?.id ?? channel;
}

export function replyTo(
  { raw, at }: Incoming,
  more: Pick<Reply, "shows" | "laidOut" | "visibility" | "quiet">,
): Reply {
  return { id: raw.id, token: raw.token, application: raw.application_id, at, ...more };
}
