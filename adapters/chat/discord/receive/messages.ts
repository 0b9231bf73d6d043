import {
  type APIMessage,
  type GatewayMessageCreateDispatchData,
  type GatewayMessageUpdateDispatchData,
  MessageType,
} from "discord-api-types/v10";
import type { MessageRef } from "../../../../src/core/message.ts";
import type { Arrival } from "../../../../src/ports/inbox.ts";
import { keep, messageIn, PLATFORM, person } from "./kept.ts";

/** What people write; everything else Discord writes itself. */
const WRITTEN: ReadonlySet<MessageType> = new Set([MessageType.Default, MessageType.Reply]);

/** Where messages are read. */
export interface Reading {
  readonly bot: string;
  readonly guild: string;
  /** The channel a thread belongs to; null where the channel is no thread. */
  parentOf(channel: string): Promise<string | null>;
}

type Written = (GatewayMessageCreateDispatchData | GatewayMessageUpdateDispatchData | APIMessage) & {
  readonly guild_id?: string;
  readonly member?: { readonly roles: readonly string[] };
};

/** A message as it comes to the house; null for what is not for it. */
export async function arrivalOf(reading: Reading, message: Written): Promise<Arrival | null> {
  if (!isForUs(reading, message)) return null;
  const { id, channel_id: channel, author, content } = message;
  const direct = message.guild_id === undefined;
  const named = new RegExp(`<@!?${reading.bot}>`, "gu");
  const place = await placeOf(reading, message);
  const addressed = direct || named.test(content);
  const text = content.replaceAll(named, " ").trim();
  // Without the intent of reading what people write, most of it comes empty.
  if (text === "" && !addressed) return null;
  const who = person(author.id, rolesOf(message, direct));
  const heard = { kind: "message", person: who, ...place, text, addressed } as const;
  return arrival(`message:${channel}:${id}`, place, heard);
}

/** The same for one that was edited; null also where Discord only added a preview to it. */
export async function editOf(reading: Reading, message: Written): Promise<Arrival | null> {
  const { id, channel_id: channel, author, edited_timestamp: when, content } = message;
  if (when == null || !isForUs(reading, message)) return null;
  const place = await placeOf(reading, message);
  const direct = message.guild_id === undefined;
  const text = content.replaceAll(new RegExp(`<@!?${reading.bot}>`, "gu"), " ").trim();
  const heard = {
    kind: "edited",
    person: person(author.id, rolesOf(message, direct)),
    ...place,
    text,
  } as const;
  return arrival(`edited:${channel}:${id}:${when}`, place, heard);
}

/** The same for one that was deleted: Discord tells neither whose it was nor who did it. */
export async function deletionOf(
  reading: Reading,
  {
    id,
    channel,
    guild,
  }: { readonly id: string; readonly channel: string; readonly guild: string | undefined },
): Promise<Arrival | null> {
  if (guild !== undefined && guild !== reading.guild) return null;
  const place = await placeIn(reading, channel, id, null);
  const heard = { kind: "edited", person: null, ...place, text: null } as const;
  return arrival(`deleted:${channel}:${id}`, place, heard);
}

function isForUs({ bot, guild }: Reading, { author, type, guild_id: from }: Written): boolean {
  return author.id !== bot && WRITTEN.has(type) && (from === undefined || from === guild);
}

/** Another program has no role but what its own id was given. Of whoever writes to the bot alone, roles are asked for. */
function rolesOf({ author, member }: Written, direct: boolean): readonly string[] | null {
  if (author.bot === true) return [];
  return direct ? null : (member?.roles ?? null);
}

interface Place {
  readonly message: MessageRef;
  readonly head: MessageRef | null;
}

function placeOf(reading: Reading, message: Written): Promise<Place> {
  const { id, channel_id: channel, type, message_reference: reference } = message;
  const answered = type === MessageType.Reply ? (reference?.message_id ?? null) : null;
  return placeIn(reading, channel, id, answered);
}

/** A thread that was started from a message bears its id, and is of the message's channel. */
async function placeIn(
  reading: Reading,
  channel: string,
  id: string,
  answered: string | null,
): Promise<Place> {
  const parent = await reading.parentOf(channel);
  if (parent !== null) {
    return { message: messageIn(parent, id, channel), head: messageIn(parent, channel) };
  }
  return { message: messageIn(channel, id), head: answered === null ? null : messageIn(channel, answered) };
}

/** Those of one thread are handled in order; so are a message and what becomes of it. */
function arrival(event: string, { message, head }: Place, heard: object): Arrival {
  const thread = head?.message.concat("@", head.channel) ?? `${message.message}@${message.channel}`;
  return { platform: PLATFORM, event, thread, payload: keep({ sort: "message", heard } as never) };
}
