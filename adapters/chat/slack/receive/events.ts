import type { Json } from "../../../../src/core/json.ts";
import type { MessageRef } from "../../../../src/core/message.ts";
import type { Heard } from "../../../../src/ports/chat-receiver.ts";
import type { Arrival } from "../../../../src/ports/inbox.ts";
import { decodeMessage, withoutName } from "./decode.ts";
import {
  type Fields,
  fieldsOf,
  type Kept,
  type KeptEvent,
  type KeptProof,
  listOf,
  SLACK,
  textOf,
} from "./payload.ts";

/** Subtypes that are somebody saying something; all others tell of the channel. */
const SAID: ReadonlySet<string> = new Set(["thread_broadcast", "file_share", "bot_message", "me_message"]);

/**
 * What is kept of an `event_callback` about a message, under names that are the same however it is told: by a `message`
 * event, by an `app_mention`, or read back from the thread. Empty where it is of no interest.
 *
 * Slack promises no order. An edit or a deletion takes the name of the message itself as well: where that arrives only
 * afterwards it is known, and says nothing that is not so any more. An edit that comes first is the message.
 */
export function arrivalsOf(body: Fields): readonly Arrival[] {
  const event = fieldsOf(body["event"]);
  const channel = textOf(event["channel"]);
  if (channel === null) return [];
  const kept = keptEvent(body, event);
  const { type, subtype } = event;
  if (type === "message" && (subtype === "message_changed" || subtype === "message_deleted"))
    return changeArrivals(channel, event, kept);
  const ts = textOf(event["ts"]);
  const said = subtype === undefined || SAID.has(textOf(subtype) ?? "");
  if (ts === null || !said || (type !== "message" && type !== "app_mention") || isOwn(event, kept)) return [];
  const head = textOf(event["thread_ts"]) ?? ts;
  return [arrival(messageEvent(channel, ts), `${channel}:${head}`, kept)];
}

export function messageEvent(channel: string, ts: string): string {
  return `message:${channel}:${ts}`;
}

function arrival(event: string, thread: string | null, payload: Kept): Arrival {
  return { platform: SLACK, event, thread, payload };
}

function changeArrivals(channel: string, event: Fields, kept: KeptEvent): readonly Arrival[] {
  const change = readChange(event, kept);
  if (change === null) return [];
  const { ts, head, editedAt } = change;
  const thread = `${channel}:${head}`;
  const name = editedAt === null ? `deleted:${channel}:${ts}` : `edited:${channel}:${ts}:${editedAt}`;
  const first: Kept = isFresh(change) ? asMessage(kept, channel) : { kind: "nothing" };
  return [arrival(messageEvent(channel, ts), thread, first), arrival(name, thread, kept)];
}

/** Names are known for two days: what was edited later than that was heard once, and is not heard as new. */
const KNOWN_SECONDS = 40 * 3600;

function isFresh({ ts, editedAt }: Change): boolean {
  return editedAt !== null && Number(editedAt) - Number(ts) < KNOWN_SECONDS;
}

/** An edited message as it would have been told had it been written so. */
function asMessage(kept: KeptEvent, channel: string): KeptEvent {
  const message = fieldsOf(kept.event["message"]);
  const { channel_type } = kept.event;
  const event = { ...light(message), type: "message", channel };
  return { ...kept, event: channel_type === undefined ? event : { ...event, channel_type } };
}

interface Change {
  readonly ts: string;
  readonly head: string;
  readonly user: string | null;
  /** As Slack wrote it; null: deleted. */
  readonly text: string | null;
  /** When it was edited, as a name; null: deleted. */
  readonly editedAt: string | null;
}

/** A reply that was edited or deleted; null where it is none, is the bot's own, or says what it said before. */
function readChange(event: Fields, kept: Pick<KeptEvent, "bot" | "app">): Change | null {
  const now = fieldsOf(event["message"]);
  const before = fieldsOf(event["previous_message"]);
  // A message with replies that is deleted leaves a tombstone in its place.
  const gone = event["subtype"] === "message_deleted" || now["subtype"] === "tombstone";
  const ts = textOf(gone ? (event["deleted_ts"] ?? now["ts"] ?? before["ts"]) : now["ts"]);
  const head = textOf(now["thread_ts"]) ?? textOf(before["thread_ts"]);
  if (ts === null || head === null || head === ts || isOwn(now, kept) || isOwn(before, kept)) return null;
  // Whoever deleted it may be another than who wrote it, and is not told.
  if (gone) return { ts, head, user: null, text: null, editedAt: null };
  const edited = fieldsOf(now["edited"]);
  const user = textOf(edited["user"]) ?? textOf(now["user"]);
  const editedAt = textOf(edited["ts"]);
  // Without it, or with the same as before, Slack only unfolded a link.
  if (editedAt === null || editedAt === textOf(fieldsOf(before["edited"])["ts"])) return null;
  return { ts, head, user, text: wordsOf(now), editedAt };
}

/** What the bot itself wrote, by whichever of its names the event gives. */
function isOwn(message: Fields, { bot, app }: Pick<KeptEvent, "bot" | "app">): boolean {
  const by = textOf(message["app_id"]) ?? textOf(fieldsOf(message["bot_profile"])["app_id"]);
  return (bot !== null && message["user"] === bot) || (app !== null && by === app);
}

/** Some bots write in blocks or attachments alone. */
function wordsOf(message: Fields): string {
  const text = textOf(message["text"]);
  if (text !== null) return text;
  const parts = [...listOf(message["blocks"]), ...listOf(message["attachments"])];
  return parts
    .map((part) => textOf(fieldsOf(part["text"])["text"]) ?? textOf(part["text"]) ?? textOf(part["fallback"]))
    .filter((words) => words !== null)
    .join("\n");
}

/** The event without its blocks, files and tokens; who we are stands beside it, since only Slack's envelope tells. */
function keptEvent(body: Fields, event: Fields): KeptEvent {
  const authorizations = listOf(body["authorizations"]);
  const own = authorizations.find(({ is_bot }) => is_bot === true) ?? authorizations[0];
  return {
    kind: "event",
    event: light(event),
    bot: textOf(own?.["user_id"]),
    app: textOf(body["api_app_id"]),
  };
}

const LIGHT = [
  "type",
  "subtype",
  "channel",
  "channel_type",
  "user",
  "bot_id",
  "app_id",
  "ts",
  "thread_ts",
  "deleted_ts",
  "edited",
] as const;

function light(event: Fields): { readonly [field: string]: Json } {
  const kept: { [field: string]: Json } = {};
  for (const name of LIGHT) {
    const value = event[name];
    if (value !== undefined) kept[name] = value;
  }
  const words = wordsOf(event);
  if (words !== "") kept["text"] = words;
  const profile = textOf(fieldsOf(event["bot_profile"])["app_id"]);
  if (profile !== null) kept["app_id"] ??= profile;
  for (const name of ["message", "previous_message"] as const) {
    if (event[name] !== undefined) kept[name] = light(fieldsOf(event[name]));
  }
  return kept;
}

/** What a kept event means; null where that is nothing. */
export function heardEvent(kept: KeptEvent): Heard | null {
  const event: Fields = kept.event;
  const channel = textOf(event["channel"]);
  if (channel === null) return null;
  const ref = (message: string): MessageRef => ({ platform: SLACK, channel, message });
  if (event["subtype"] === "message_changed" || event["subtype"] === "message_deleted") {
    const change = readChange(event, kept);
    if (change === null) return null;
    const { ts, head, user, text } = change;
    const person = user === null ? null : personOf(user);
    const words = text === null ? null : spoken(text, kept.bot).text;
    return { kind: "edited", person, message: ref(ts), head: ref(head), text: words };
  }
  const ts = textOf(event["ts"]);
  const author = textOf(event["user"]) ?? textOf(event["bot_id"]);
  if (ts === null || author === null) return null;
  const thread = textOf(event["thread_ts"]);
  const { text, addressed } = spoken(textOf(event["text"]) ?? "", kept.bot);
  return {
    kind: "message",
    person: personOf(author),
    message: ref(ts),
    head: thread === null || thread === ts ? null : ref(thread),
    text,
    addressed: addressed || event["type"] === "app_mention" || isDirect(event, channel),
  };
}

/** Slack tells no groups with an event: they are asked for. */
export function personOf(id: string) {
  return { platform: SLACK, id, groups: null };
}

export function heardProof({ user, channel, ts, head, text }: KeptProof): Heard {
  const ref = (message: string): MessageRef => ({ platform: SLACK, channel, message });
  return {
    kind: "message",
    person: personOf(user),
    message: ref(ts),
    head: ref(head),
    text: decodeMessage(text, "talk"),
    addressed: true,
  };
}

function isDirect(event: Fields, channel: string): boolean {
  return event["channel_type"] === "im" || channel.startsWith("D");
}

function spoken(text: string, bot: string | null): { readonly text: string; readonly addressed: boolean } {
  const named = withoutName(text, bot);
  if (!named.addressed) return { text: decodeMessage(text, "talk"), addressed: false };
  return { text: decodeMessage(named.text, "line"), addressed: true };
}
