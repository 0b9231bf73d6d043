// Who the bot is and the guild it is in.
import { ChannelType } from "discord-api-types/v10";
import { commandRoutes } from "./command-routes.ts";
import { refusals } from "./refusals.ts";
import type { Call, Route } from "./rest.ts";
import { isThread, user, type World } from "./world.ts";

export interface GuildSettings {
  readonly gatewayUrl: () => string;
  /** Whether the application was given the privileged intent of reading what people write. */
  readonly messageContent: () => boolean;
}

export function guildRoutes(world: World, { gatewayUrl, messageContent }: GuildSettings): readonly Route[] {
  const guild = ({ params }: Call): void => {
    if (params["guild"] !== world.guild.id) throw refusals.unknownGuild();
  };
  const application = () => ({
    id: world.application,
    name: "Gatehouse",
    icon: null,
    description: "",
    bot_public: false,
    bot_require_code_grant: false,
    verify_key: "0".repeat(64),
    flags: messageContent() ? 1 << 19 : 0,
    bot: world.bot,
    owner: world.members.get(world.guild.owner)?.user,
    team: null,
  });
  const started = { total: 1000, remaining: 999, reset_after: 3_600_000, max_concurrency: 1 };
  return [
    { method: "GET", path: "/gateway", open: true, run: () => ({ url: gatewayUrl() }) },
    {
      method: "GET",
      path: "/gateway/bot",
      run: () => ({ url: gatewayUrl(), shards: 1, session_start_limit: started }),
    },
    { method: "GET", path: "/users/@me", run: () => ({ ...world.bot, verified: true, mfa_enabled: false }) },
    {
      method: "GET",
      path: "/users/@me/guilds",
      run: () => [
        { id: world.guild.id, name: world.guild.name, owner: false, permissions: "0", features: [] },
      ],
    },
    { method: "POST", path: "/users/@me/channels", run: (call) => directChannel(world, call) },
    {
      method: "GET",
      path: "/users/:user",
      run({ params }) {
        const known = world.members.get(params["user"] ?? "");
        if (known === undefined) throw refusals.unknownUser();
        return known.user;
      },
    },
    { method: "GET", path: "/applications/@me", run: application },
    { method: "GET", path: "/oauth2/applications/@me", run: application },
    {
      method: "GET",
      path: "/guilds/:guild",
      run: (call) => {
        guild(call);
        return guildJson(world);
      },
    },
    {
      method: "GET",
      path: "/guilds/:guild/channels",
      run(call) {
        guild(call);
        const own = [...world.channels.values()].filter((each) => each.guild !== null && !isThread(each));
        return own.map((channel) => world.channelJson(channel));
      },
    },
    {
      method: "GET",
      path: "/guilds/:guild/threads/active",
      run(call) {
        guild(call);
        const open = [...world.channels.values()].filter((each) => isThread(each) && !each.archived);
        return { threads: open.map((thread) => world.channelJson(thread)), members: [] };
      },
    },
    {
      method: "GET",
      path: "/guilds/:guild/roles",
      run: (call) => {
        guild(call);
        return [...world.roles.values()];
      },
    },
    ...memberRoutes(world, guild),
    ...commandRoutes(world, guild),
  ];
}

function memberRoutes(world: World, guild: (call: Call) => void): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/guilds/:guild/members/search",
      run(call) {
        guild(call);
        const query = (call.query.get("query") ?? "").toLowerCase();
        const fit = [...world.members.values()].filter(({ user: { username } }) =>
          username.startsWith(query),
        );
        return fit.slice(0, Number(call.query.get("limit") ?? 1)).map((member) => world.memberJson(member));
      },
    },
    {
      method: "GET",
      path: "/guilds/:guild/members/:member",
      run(call) {
        guild(call);
        const id = call.params["member"] === "@me" ? world.bot.id : call.params["member"];
        const member = world.members.get(id ?? "");
        if (member === undefined) throw refusals.unknownMember();
        return world.memberJson(member);
      },
    },
  ];
}

function directChannel(world: World, { body }: Call): unknown {
  const id = String(body["recipient_id"]);
  if (!world.members.has(id)) throw refusals.unknownUser();
  const found = [...world.channels.values()].find((each) => each.guild === null && each.owner === id);
  const channel = found ?? world.channel(`dm-${id}`, { type: ChannelType.DM, guild: null, owner: id });
  return { ...world.channelJson(channel), recipients: [world.members.get(id)?.user ?? user(id, "?", false)] };
}

export function guildJson(world: World): Record<string, unknown> {
  const { id, name, owner } = world.guild;
  return {
    id,
    name,
    owner_id: owner,
    icon: null,
    features: [],
    roles: [...world.roles.values()],
    emojis: [],
    stickers: [],
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 1,
    explicit_content_filter: 0,
    mfa_level: 0,
    nsfw_level: 0,
    premium_tier: 0,
    preferred_locale: "en-US",
    system_channel_flags: 0,
  };
}
