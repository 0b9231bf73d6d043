import {
  type APIMessage,
  type GatewayMessageCreateDispatchData,
  type GatewayMessageUpdateDispatchData,
  MessageType,
} from "discord-api-types/v10";
import type { MessageRef } from "../../../../src/core/message.ts";
import type { Arrival } from "../../../../src/ports/inbox.ts";
import { keep, type MessageHeard, messageIn, PLATFORM, person } from "./kept.ts";

/** What people write; everything else Discord writes itself. */
const WRITTEN: ReadonlySet<MessageType> = new Set([MessageType.Default, MessageType.Reply]);

/** Names are known for two days: what was edited later than that was heard once, and is not heard as new. */
const KNOWN_MS = 40 * 3_600_000;

/** Where messages are read. */
export interface Reading {
  readonly bot: string;
  readonly guild: string;
  /** Discord shows it what people write; else only what names it or is written to it alone. */
  readonly content: boolean;
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
  const named = nameOf(reading);
  const place = await placeOf(reading, message);
  const addressed = direct || named.test(content);
  const text = content.replaceAll(named, " ").trim();
  // Without the intent of reading what people write, most of it comes empty.
  if (text === "" && !addressed) return null;
  const who = person(author.id, rolesOf(message, direct));
  const heard = { kind: "message", person: who, ...place, text, addressed } as const;
  return arrival(messageEvent(channel, id), place, heard);
}

/**
 * The same for one that was edited; none also where Discord only added a preview to it.
 *
 * The gateway promises no order. An edit or a deletion takes the name of the message itself as well: where that arrives only
 * afterwards it is known, and says nothing that is not so any more. An edit that comes first is the message.
 */
export async function editsOf(reading: Reading, message: Written): Promise<readonly Arrival[]> {
  const { id, channel_id: channel, author, edited_timestamp: when, timestamp, content } = message;
  if (when == null || !isForUs(reading, message)) return [];
  const direct = message.guild_id === undefined;
  const words = content.replaceAll(nameOf(reading), " ");
  // Kept from the bot, it would look as if everything had been taken out of it.
  if (!reading.content && !direct && words === "") return [];
  const place = await placeOf(reading, message);
  const heard = {
    kind: "edited",
    person: person(author.id, rolesOf(message, direct)),
    ...place,
    text: words.trim(),
  } as const;
  const isFresh = Date.parse(when) - Date.parse(timestamp) < KNOWN_MS;
  const first = isFresh ? await arrivalOf(reading, message) : null;
  return [
    first ?? nothing(messageEvent(channel, id), place),
    arrival(`edited:${channel}:${id}:${when}`, place, heard),
  ];
}

/** The same for one that was deleted: Discord tells neither whose it was nor who did it. */
export async function deletionsOf(
  reading: Reading,
  {
    id,
    channel,
    guild,
  }: { readonly id: string; readonly channel: string; readonly guild: string | undefined },
): Promise<readonly Arrival[]> {
  if (guild !== undefined && guild !== reading.guild) return [];
  const place = await placeIn(reading, channel, id, null);
  const heard = { kind: "edited", person: null, ...place, text: null } as const;
  return [nothing(messageEvent(channel, id), place), arrival(`deleted:${channel}:${id}`, place, heard)];
}

function messageEvent(channel: string, id: string): string {
  return `message:${channel}:${id}`;
}

/** How the bot is named in a message. */
function nameOf({ bot }: Reading): RegExp {
  return new RegExp(`<@!?${bot}>`, "gu");
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

function arrival(event: string, place: Place, heard: MessageHeard): Arrival {
  return {
    platform: PLATFORM,
    event,
    thread: threadOf(place),
    payload: keep({ sort: "message", heard }),
  };
}

/** Only its name counts: what comes under it afterwards is of yesterday. */
function nothing(event: string, place: Place): Arrival {
  return { platform: PLATFORM, event, thread: threadOf(place), payload: keep({ sort: "nothing" }) };
}

/** Those of one thread are handled in order; so are a message and what becomes of it. */
function threadOf({ message, head }: Place): string {
  const { message: id, channel } = head ?? message;
  return `${id}@${channel}`;
}
