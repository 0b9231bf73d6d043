// Messages: made, read page by page, sent and edited.
import { readEdited, readSent } from "./message-body.ts";
import { Faults, refusals } from "./refusals.ts";
import type { Call } from "./rest.ts";
import { type FakeChannel, type FakeMessage, isThread, type World } from "./world.ts";

const HOUR_MS = 3_600_000;
/** How often a message older than an hour may be edited before that is throttled, and for how long. */
const LATE_EDITS = 3;
const LATE_EDITS_REST_SECONDS = 30;

export interface Told {
  readonly dispatch: (event: string, data: object) => void;
}

/** A message made as the bot or as anybody; the gateway tells of it. */
export function addMessage(
  world: World,
  told: Told,
  channel: FakeChannel,
  message: Partial<FakeMessage> & Pick<FakeMessage, "author">,
): FakeMessage {
  const made: FakeMessage = {
    content: "",
    components: [],
    flags: 0,
    embeds: [],
    editedAt: null,
    lateEdits: 0,
    nonce: null,
    repliesTo: null,
    reactions: new Map(),
    thread: null,
    ...message,
    pinged: world.heardBy(message.author.id, channel, message.pinged ?? []),
    id: world.nextId(),
    channel: channel.id,
    at: world.now(),
  };
  channel.messages.set(made.id, made);
  told.dispatch("MESSAGE_CREATE", { ...world.messageJson(made), ...inGuild(world, channel, made.author.id) });
  return made;
}

export function inGuild(world: World, channel: FakeChannel, userId: string): object {
  const member = world.members.get(userId);
  if (channel.guild === null) return {};
  if (member === undefined) return { guild_id: channel.guild };
  const { user: _, ...rest } = world.memberJson(member);
  return { guild_id: channel.guild, member: rest };
}

/** `after` and `before` are ids; the answer is newest first, `after`'s being those right behind it. */
export function page(world: World, channel: FakeChannel, query: URLSearchParams): unknown {
  const limit = Number(query.get("limit") ?? 50);
  const faults = new Faults();
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    faults.add(["limit"], "NUMBER_TYPE_MAX", "int value should be between 1 and 100.");
  for (const name of ["before", "after", "around"]) {
    const id = query.get(name);
    if (id !== null && !/^\d{1,20}$/.test(id))
      faults.add([name], "NUMBER_TYPE_COERCE", `Value "${id}" is not snowflake.`);
  }
  faults.throwIfAny();
  const before = query.get("before");
  const after = query.get("after");
  const all = [...channel.messages.values()].toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  const fit =
    after !== null
      ? all.filter(({ id }) => BigInt(id) > BigInt(after)).slice(0, limit)
      : all.filter(({ id }) => before === null || BigInt(id) < BigInt(before)).slice(-limit);
  return fit.toReversed().map((message) => world.readJson(message));
}

export function send(world: World, told: Told, channel: FakeChannel, { body }: Call): unknown {
  const thread = isThread(channel);
  if (!world.may(world.bot.id, channel, thread ? "SendMessagesInThreads" : "SendMessages"))
    throw refusals.missingPermissions();
  if (thread && channel.archived && channel.locked && !world.may(world.bot.id, channel, "ManageThreads"))
    throw refusals.archived();
  const content = readSent(body);
  const { nonce, enforce_nonce: enforce, message_reference: reference } = body;
  if (enforce === true) {
    const same = [...channel.messages.values()].find(
      (each) =>
        each.author.id === world.bot.id &&
        each.nonce === String(nonce) &&
        world.now() - each.at < world.nonceMs,
    );
    if (same !== undefined) return world.messageJson(same);
  }
  const answered = (reference as { message_id?: string; fail_if_not_exists?: boolean } | undefined) ?? null;
  const repliesTo = answered?.message_id ?? null;
  const stands = repliesTo !== null && channel.messages.has(repliesTo);
  if (repliesTo !== null && !stands && answered?.fail_if_not_exists !== false) {
    const faults = new Faults();
    faults.add(["message_reference"], "REPLIES_UNKNOWN_MESSAGE", "Unknown message");
    faults.throwIfAny();
  }
  // Writing in an archived thread that is not locked opens it again.
  if (thread) channel.archived = false;
  const message = addMessage(world, told, channel, {
    author: world.bot,
    ...content,
    nonce: typeof nonce === "string" ? nonce : nonce == null ? null : JSON.stringify(nonce),
    repliesTo: stands ? repliesTo : null,
  });
  return world.messageJson(message);
}

export function edit(
  world: World,
  told: Told,
  channel: FakeChannel,
  message: FakeMessage,
  { body }: Call,
): unknown {
  if (message.author.id !== world.bot.id) throw refusals.otherAuthor();
  if (channel.archived) throw refusals.archived();
  const { content, components, flags, embeds, pinged } = readEdited(body, message);
  if (world.now() - message.at > HOUR_MS) {
    message.lateEdits += 1;
    if (message.lateEdits % (LATE_EDITS + 1) === 0) throw refusals.oldEdits(LATE_EDITS_REST_SECONDS);
  }
  // An edit makes no sound, whatever it mentions.
  Object.assign(message, { content, components, flags, embeds: [...embeds], editedAt: world.now() });
  void pinged;
  told.dispatch("MESSAGE_UPDATE", {
    ...world.messageJson(message),
    ...inGuild(world, channel, message.author.id),
  });
  return world.messageJson(message);
}
