import { type Answer, type Call, flag, type Method, needed, Refused, refuse } from "./call.ts";
import { blockErrors, written } from "./limits.ts";
import { VIEWS } from "./views.ts";
import { BOT, type SlackChannel, type SlackMessage, TEAM } from "./workspace.ts";

const TEXT_MAX = 40_000;
const BLOCKS_MAX = 13_200;
const METADATA_MAX = 16_000;

/** The channel as the bot sees it: a private one it was not invited to is none. */
function channelOf({ workspace, args }: Call): SlackChannel {
  needed(args, "channel");
  const channel = workspace.channels.get(String(args["channel"]));
  if (channel === undefined || (channel.is_private && !channel.is_member)) refuse("channel_not_found");
  return channel;
}

/** One that may be written to. */
function openChannel(call: Call): SlackChannel {
  const channel = channelOf(call);
  if (channel.is_archived) refuse("is_archived");
  if (!channel.is_member && !call.scopes.has("chat:write.public")) refuse("not_in_channel");
  return channel;
}

function insideOf(call: Call): SlackChannel {
  const channel = channelOf(call);
  if (!channel.is_member) refuse("not_in_channel");
  return channel;
}

function historyScope(call: Call): string {
  const channel = call.workspace.channels.get(String(call.args["channel"]));
  return channel?.is_private === true ? "groups:history" : "channels:history";
}

interface Content {
  readonly text: string;
  readonly blocks: SlackMessage["blocks"];
  readonly metadata: SlackMessage["metadata"];
}

function content({ args }: Call): Content {
  const { text = "", blocks = [], metadata = null } = args;
  if (typeof text !== "string") refuse("invalid_arguments");
  if (typeof blocks === "string") refuse("invalid_blocks_format");
  const errors = blockErrors(blocks, "message");
  if (errors.length > 0) refuse("invalid_blocks", errors);
  if (text === "" && blocks.length === 0) refuse("no_text");
  if (text.length > TEXT_MAX) refuse("msg_too_long");
  if (written(blocks) > BLOCKS_MAX) refuse("msg_blocks_too_long");
  if (metadata !== null) {
    const fit = typeof metadata?.event_type === "string" && typeof metadata?.event_payload === "object";
    if (!fit) refuse("invalid_metadata_format");
    if (JSON.stringify(metadata).length > METADATA_MAX) refuse("metadata_too_large");
  }
  return { text, blocks, metadata };
}

function shown(message: SlackMessage, all: readonly SlackMessage[], withMetadata: boolean): Answer {
  const below = all.filter((one) => one.thread_ts === message.ts && one.ts !== message.ts);
  const { ts, user, text, blocks, bot_id, thread_ts, edited, metadata } = message;
  return {
    type: "message",
    ts,
    user,
    text,
    ...(blocks.length > 0 ? { blocks } : {}),
    ...(bot_id === undefined ? {} : { bot_id, app_id: BOT.app }),
    ...(thread_ts === null ? {} : { thread_ts }),
    ...(edited === null ? {} : { edited }),
    ...(below.length > 0 ? { thread_ts: ts, reply_count: below.length, latest_reply: below.at(-1)?.ts } : {}),
    ...(message.reactions.size > 0
      ? {
          reactions: [...message.reactions].map(([name, who]) => ({
            name,
            users: [...who],
            count: who.size,
          })),
        }
      : {}),
    ...(withMetadata && metadata !== null ? { metadata } : {}),
  };
}

/** A page of messages between `oldest` and `latest`. */
function page(call: Call, messages: readonly SlackMessage[], order: "newest" | "oldest"): Answer {
  const { oldest = "0", latest = "9999999999", limit = "100", cursor = "" } = call.args;
  const inclusive = flag(call.args["inclusive"]);
  const most = Number(limit);
  if (!(most >= 1 && most <= 999)) refuse("invalid_limit");
  const between = messages.filter(({ ts }) => {
    const after = Number(ts) > Number(oldest) || (inclusive && ts === oldest);
    return after && (Number(ts) < Number(latest) || (inclusive && ts === latest));
  });
  const sorted = order === "newest" ? between.toReversed() : between;
  const from =
    cursor === "" ? 0 : Number(Buffer.from(String(cursor), "base64").toString().replace("next:", ""));
  if (Number.isNaN(from)) refuse("invalid_cursor");
  const channel = String(call.args["channel"]);
  const all = call.workspace.messages(channel);
  const more = from + most < sorted.length;
  return {
    messages: sorted
      .slice(from, from + most)
      .map((one) => shown(one, all, flag(call.args["include_all_metadata"]))),
    has_more: more,
    response_metadata: { next_cursor: more ? Buffer.from(`next:${from + most}`).toString("base64") : "" },
  };
}

/** A message of the bot's own that is still there. */
function ownMessage(call: Call, channel: SlackChannel): SlackMessage {
  needed(call.args, "ts");
  const message = call.workspace.message(channel.id, String(call.args["ts"]));
  if (message === null) refuse("message_not_found");
  return message;
}

function reacted(call: Call): { readonly message: SlackMessage; readonly name: string } {
  const { args, workspace } = call;
  needed(args, "name", "timestamp");
  const channel = openChannel(call);
  const message = workspace.message(channel.id, String(args["timestamp"]));
  if (message === null) refuse("message_not_found");
  if (!/^[a-z0-9_+'-]{1,100}$/.test(String(args["name"]))) refuse("invalid_name");
  return { message, name: String(args["name"]) };
}

function postMessage(call: Call): Answer {
  const channel = openChannel(call);
  const told = content(call);
  const { thread_ts: thread, unfurl_links: links, unfurl_media: media } = call.args;
  if (thread !== undefined && call.workspace.message(channel.id, String(thread)) === null)
    refuse("thread_not_found");
  const message = call.workspace.write(
    channel.id,
    {
      ...told,
      user: BOT.user,
      bot_id: BOT.id,
      thread_ts: thread === undefined ? null : String(thread),
      unfurl: { links: links === undefined || flag(links), media: media === undefined || flag(media) },
    },
    call.now,
  );
  return { channel: channel.id, ts: message.ts, message: shown(message, [], true) };
}

function update(call: Call): Answer {
  const channel = openChannel(call);
  const message = ownMessage(call, channel);
  if (message.bot_id !== BOT.id) refuse("cant_update_message");
  const told = content(call);
  message.text = told.text;
  // What is not handed in stays as it is.
  if (call.args["blocks"] !== undefined) message.blocks = told.blocks;
  message.metadata = told.metadata ?? message.metadata;
  message.edited = { user: BOT.user, ts: call.workspace.stamp(call.now) };
  return { channel: channel.id, ts: message.ts, text: message.text, message: shown(message, [], false) };
}

const bot = (run: Method["run"], scope?: Method["scope"]): Method => ({
  token: "bot",
  run,
  ...(scope === undefined ? {} : { scope }),
});

export const METHODS: Readonly<Record<string, Method>> = {
  ...VIEWS,
  "auth.test": bot(() => ({
    url: TEAM.url,
    team: TEAM.name,
    team_id: TEAM.id,
    user: BOT.name,
    user_id: BOT.user,
    bot_id: BOT.id,
    is_enterprise_install: false,
  })),
  "chat.postMessage": bot(postMessage, "chat:write"),
  "chat.update": bot(update, "chat:write"),
  "chat.delete": bot((call) => {
    const channel = openChannel(call);
    const message = ownMessage(call, channel);
    if (message.bot_id !== BOT.id) refuse("cant_delete_message");
    call.workspace.remove(channel.id, message.ts);
    return { channel: channel.id, ts: message.ts };
  }, "chat:write"),
  "chat.postEphemeral": bot((call) => {
    needed(call.args, "user");
    const channel = openChannel(call);
    if (!call.workspace.users.has(String(call.args["user"]))) refuse("user_not_in_channel");
    content(call);
    return { channel: channel.id, message_ts: call.workspace.stamp(call.now) };
  }, "chat:write"),
  "chat.getPermalink": bot((call) => {
    needed(call.args, "message_ts");
    const channel = channelOf(call);
    const message = call.workspace.message(channel.id, String(call.args["message_ts"]));
    if (message === null) refuse("message_not_found");
    return { channel: channel.id, permalink: permalinkOf(channel.id, message) };
  }),
  "reactions.add": bot((call) => {
    const { message, name } = reacted(call);
    const who = message.reactions.get(name) ?? new Set<string>();
    if (who.has(BOT.user)) refuse("already_reacted");
    message.reactions.set(name, who.add(BOT.user));
    return {};
  }, "reactions:write"),
  "reactions.remove": bot((call) => {
    const { message, name } = reacted(call);
    if (message.reactions.get(name)?.delete(BOT.user) !== true) refuse("no_reaction");
    if (message.reactions.get(name)?.size === 0) message.reactions.delete(name);
    return {};
  }, "reactions:write"),
  "conversations.history": bot((call) => {
    const channel = insideOf(call);
    return page(call, call.workspace.heads(channel.id), "newest");
  }, historyScope),
  "conversations.replies": bot((call) => {
    needed(call.args, "ts");
    const channel = insideOf(call);
    const thread = call.workspace.thread(channel.id, String(call.args["ts"]));
    if (thread.length === 0) refuse("thread_not_found");
    // The head comes with every page, whatever the bounds say.
    const [head, ...below] = thread as [SlackMessage, ...SlackMessage[]];
    const told = page(call, below, "oldest") as { messages: readonly Answer[] };
    const all = call.workspace.messages(channel.id);
    const first = shown(head, all, flag(call.args["include_all_metadata"]));
    return { ...told, messages: [first, ...told.messages] };
  }, historyScope),
  "conversations.info": bot((call) => ({ channel: channelOf(call) }), "channels:read"),
  "conversations.list": bot(
    ({ workspace, args }) => ({
      channels: [...workspace.channels.values()].filter(
        (one) => (!one.is_private || one.is_member) && !(flag(args["exclude_archived"]) && one.is_archived),
      ),
      response_metadata: { next_cursor: "" },
    }),
    "channels:read",
  ),
  "conversations.open": bot(({ workspace, args }) => {
    needed(args, "users");
    const user = String(args["users"]);
    if (!workspace.users.has(user)) refuse("user_not_found");
    const id = `D${user.slice(1)}`;
    return { channel: workspace.channels.get(id) ?? workspace.addChannel({ id, is_private: true }) };
  }, "im:write"),
  "users.info": bot(({ workspace, args }) => {
    needed(args, "user");
    const user = workspace.users.get(String(args["user"]));
    if (user === undefined) refuse("user_not_found");
    return { user: { ...user, team_id: TEAM.id, profile: { real_name: user.real_name ?? user.name } } };
  }, "users:read"),
  "users.list": bot(
    ({ workspace }) => ({ members: [...workspace.users.values()], response_metadata: { next_cursor: "" } }),
    "users:read",
  ),
  "usergroups.list": bot(
    ({ workspace }) => ({
      usergroups: [...workspace.groups.values()].map(({ id, handle }) => ({
        id,
        handle,
        team_id: TEAM.id,
        date_delete: 0,
      })),
    }),
    "usergroups:read",
  ),
  "usergroups.users.list": bot(({ workspace, args }) => {
    needed(args, "usergroup");
    const group = workspace.groups.get(String(args["usergroup"]));
    if (group === undefined) refuse("no_such_subteam");
    return { users: [...group.users] };
  }, "usergroups:read"),
};

export function permalinkOf(channel: string, { ts, thread_ts: thread }: SlackMessage): string {
  const plain = `${TEAM.url}archives/${channel}/p${ts.replace(".", "")}`;
  return thread === null || thread === ts ? plain : `${plain}?thread_ts=${thread}&cid=${channel}`;
}

/** The scope a call needs and lacks, as Slack names it; null where it may go on. */
export function missingScope(method: Method, call: Call): string | null {
  const scope = typeof method.scope === "function" ? method.scope(call) : (method.scope ?? null);
  return scope === null || call.scopes.has(scope) ? null : scope;
}

export function scopeRefusal(needs: string, scopes: ReadonlySet<string>): Refused {
  return new Refused("missing_scope", { needed: needs, provided: [...scopes].join(",") });
}
