// Channels, messages, threads and reactions.
import { ChannelType } from "discord-api-types/v10";
import { only } from "./components.ts";
import { edit, page, send, type Told } from "./messages.ts";
import { Faults, refusals } from "./refusals.ts";
import type { Call, Route } from "./rest.ts";
import { type FakeChannel, type FakeMessage, isThread, type Permission, type World } from "./world.ts";

/** Channels whose messages may have threads. */
const HEADS: readonly number[] = [ChannelType.GuildText, ChannelType.GuildAnnouncement];

export function channelRoutes(world: World, told: Told): readonly Route[] {
  const look = (id: string | undefined): FakeChannel => {
    const channel = world.channels.get(id ?? "");
    if (channel === undefined) throw refusals.unknownChannel();
    return channel;
  };
  const inside = ({ params }: Call, ...needs: readonly Permission[]): FakeChannel => {
    const channel = look(params["channel"]);
    if (!world.may(world.bot.id, channel, "ViewChannel")) throw refusals.missingAccess();
    if (!world.may(world.bot.id, channel, ...needs)) throw refusals.missingPermissions();
    return channel;
  };
  const messageOf = (channel: FakeChannel, { params }: Call): FakeMessage => {
    const message = channel.messages.get(params["message"] ?? "");
    if (message === undefined) throw refusals.unknownMessage();
    return message;
  };
  return [
    { method: "GET", path: "/channels/:channel", run: (call) => world.channelJson(inside(call)) },
    {
      method: "PATCH",
      path: "/channels/:channel",
      run: (call) => patchChannel(world, told, inside(call), call),
    },
    {
      method: "DELETE",
      path: "/channels/:channel",
      run(call) {
        const channel = inside(
          call,
          isThread(look(call.params["channel"])) ? "ManageThreads" : "ManageChannels",
        );
        world.channels.delete(channel.id);
        return world.channelJson(channel);
      },
    },
    {
      method: "GET",
      path: "/channels/:channel/messages",
      run: (call) => page(world, inside(call, "ReadMessageHistory"), call.query),
    },
    {
      method: "POST",
      path: "/channels/:channel/messages",
      run: (call) => send(world, told, inside(call), call),
    },
    {
      method: "GET",
      path: "/channels/:channel/messages/:message",
      run: (call) => world.readJson(messageOf(inside(call, "ReadMessageHistory"), call)),
    },
    {
      method: "PATCH",
      path: "/channels/:channel/messages/:message",
      run(call) {
        const channel = inside(call);
        return edit(world, told, channel, messageOf(channel, call), call);
      },
    },
    {
      method: "DELETE",
      path: "/channels/:channel/messages/:message",
      run(call) {
        const channel = inside(call);
        const message = messageOf(channel, call);
        if (message.author.id !== world.bot.id && !world.may(world.bot.id, channel, "ManageMessages"))
          throw refusals.missingPermissions();
        channel.messages.delete(message.id);
        told.dispatch("MESSAGE_DELETE", { id: message.id, channel_id: channel.id, guild_id: channel.guild });
        return null;
      },
    },
    {
      method: "POST",
      path: "/channels/:channel/messages/:message/threads",
      run(call) {
        const channel = inside(call, "CreatePublicThreads");
        if (!HEADS.includes(channel.type)) throw refusals.noThreadHere();
        const message = messageOf(channel, call);
        if (message.thread !== null) throw refusals.hasThread();
        const thread = startThread(world, told, channel, call.body, message.id);
        message.thread = thread.id;
        return world.channelJson(thread);
      },
    },
    {
      method: "POST",
      path: "/channels/:channel/threads",
      run: (call) =>
        world.channelJson(
          startThread(world, told, inside(call, "CreatePublicThreads"), call.body, world.nextId()),
        ),
    },
    ...reactionRoutes(world, inside, messageOf),
    {
      method: "POST",
      path: "/channels/:channel/typing",
      run(call) {
        inside(call, "SendMessages");
        return null;
      },
    },
    {
      method: "GET",
      path: "/channels/:channel/threads/archived/public",
      run(call) {
        const { id } = inside(call, "ReadMessageHistory");
        const all = [...world.channels.values()].filter(({ parent, archived }) => parent === id && archived);
        return { threads: all.map((thread) => world.channelJson(thread)), members: [], has_more: false };
      },
    },
  ];
}

function reactionRoutes(
  world: World,
  inside: (call: Call, ...needs: readonly Permission[]) => FakeChannel,
  messageOf: (channel: FakeChannel, call: Call) => FakeMessage,
): readonly Route[] {
  const path = "/channels/:channel/messages/:message/reactions/:emoji/@me";
  const own = (
    call: Call,
    change: (who: Set<string>, reactions: FakeMessage["reactions"], emoji: string) => void,
  ) => {
    const channel = inside(call, "ReadMessageHistory");
    const emoji = call.params["emoji"] ?? "";
    if (!/^\p{Emoji}/u.test(emoji)) throw refusals.unknownEmoji();
    const { reactions } = messageOf(channel, call);
    if (channel.archived) throw refusals.archived();
    const who = reactions.get(emoji) ?? new Set<string>();
    change(who, reactions, emoji);
    return null;
  };
  return [
    {
      method: "PUT",
      path,
      run: (call) =>
        own(call, (who, reactions, emoji) => {
          // Joining a reaction that stands already takes no permission.
          if (who.size === 0) inside(call, "AddReactions");
          reactions.set(emoji, who.add(world.bot.id));
        }),
    },
    {
      method: "DELETE",
      path,
      run: (call) =>
        own(call, (who, reactions, emoji) => {
          who.delete(world.bot.id);
          if (who.size === 0) reactions.delete(emoji);
        }),
    },
  ];
}

function startThread(
  world: World,
  told: Told,
  channel: FakeChannel,
  body: Call["body"],
  id: string,
): FakeChannel {
  const faults = new Faults();
  only(faults, [], body, ["name", "auto_archive_duration", "rate_limit_per_user", "type", "invitable"]);
  faults.text(["name"], body["name"], 1, 100);
  const duration = body["auto_archive_duration"];
  if (duration !== undefined && ![60, 1440, 4320, 10_080].includes(Number(duration)))
    faults.add(
      ["auto_archive_duration"],
      "BASE_TYPE_CHOICES",
      "Value must be one of (60, 1440, 4320, 10080).",
    );
  faults.throwIfAny();
  const name = String(body["name"]);
  const kind = { type: ChannelType.PublicThread, parent: channel.id, owner: world.bot.id };
  const thread = world.channel(name, { id, ...kind, guild: channel.guild });
  told.dispatch("THREAD_CREATE", { ...world.channelJson(thread), newly_created: true });
  return thread;
}

function patchChannel(world: World, told: Told, channel: FakeChannel, { body }: Call): unknown {
  const thread = isThread(channel);
  const moderates = world.may(world.bot.id, channel, "ManageThreads");
  if (!thread && !world.may(world.bot.id, channel, "ManageChannels")) throw refusals.missingPermissions();
  // Whoever may write there may open an archived thread, unless it is locked.
  const opens = Object.keys(body).every((field) => field === "archived") && body["archived"] === false;
  if (thread && !moderates && (channel.locked || !opens) && channel.owner !== world.bot.id)
    throw refusals.missingPermissions();
  if (thread && !moderates && (channel.locked || body["locked"] !== undefined))
    throw refusals.missingPermissions();
  if (typeof body["archived"] === "boolean") channel.archived = body["archived"];
  if (typeof body["locked"] === "boolean") channel.locked = body["locked"];
  if (typeof body["name"] === "string") channel.name = body["name"];
  told.dispatch(thread ? "THREAD_UPDATE" : "CHANNEL_UPDATE", world.channelJson(channel));
  return world.channelJson(channel);
}
