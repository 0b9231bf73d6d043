import { DiscordAPIError, PermissionsBitField, type REST } from "discord.js";
import {
  type APIChannel,
  type APIGuildMember,
  type APIOverwrite,
  type APIRole,
  ApplicationFlags,
  PermissionFlagsBits,
  type RESTGetCurrentApplicationResult,
  Routes,
} from "discord-api-types/v10";
import type { Channel } from "../../../src/ports/channels.ts";
import type { ChatFinding } from "../../../src/ports/probes.ts";
import { botRest } from "./receive/rest.ts";
import type { DiscordReceiverSettings } from "./receive/settings.ts";
import { failureWords, noGuildWords } from "./receive/words.ts";
import { missingPermissions, PERMISSIONS } from "./register/invite.ts";

type Subscribed = Pick<Channel, "name" | "ping">;

/** Whether Discord takes the token, and what the bot may do in each channel of `subscribed`, by id. */
export async function discordFindings(
  settings: DiscordReceiverSettings,
  subscribed: readonly Subscribed[],
): Promise<readonly ChatFinding[]> {
  const rest = botRest(settings);
  try {
    const application = (await rest.get(Routes.currentApplication())) as RESTGetCurrentApplicationResult;
    const guilds = (await rest.get(Routes.userGuilds())) as { id: string; name: string }[];
    const [only] = guilds;
    const guild =
      settings.guildId === undefined && guilds.length === 1
        ? only
        : guilds.find(({ id }) => id === settings.guildId);
    const well = { name: "discord", ok: true, detail: `the bot of ${application.name}`, fix: null };
    if (guild === undefined) {
      const names = guilds.map(({ name, id }) => `${name} (${id})`);
      const fix = noGuildWords(settings.guildId, names);
      return [
        well,
        intents(application),
        { name: "discord server", ok: false, detail: "none to work in", fix },
      ];
    }
    const server = { name: "discord server", ok: true, detail: guild.name, fix: null };
    const bot = application.bot?.id ?? application.id;
    const channels = await channelFindings(rest, { guild: guild.id, bot }, subscribed);
    return [well, intents(application), server, ...channels];
  } catch (error) {
    return [
      {
        name: "discord",
        ok: false,
        detail: "Discord does not answer as it should",
        fix: failureWords(error),
      },
    ];
  }
}

function intents({ flags }: RESTGetCurrentApplicationResult): ChatFinding {
  const name = "discord intents";
  const granted = ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited;
  if (((flags ?? 0) & granted) !== 0)
    return { name, ok: true, detail: "may read what people write below a card", fix: null };
  return {
    name,
    ok: true,
    detail: "without Message Content: proof comes by `/gate prove`, “Attach as proof” and mention",
    fix:
      "Discord refuses a connection that asks for it (4014), so the bot goes without. For links in a card's thread tick " +
      "Message Content Intent in the Developer Portal under Bot, and start Gatehouse again.",
  };
}

async function channelFindings(
  rest: REST,
  { guild, bot }: { readonly guild: string; readonly bot: string },
  subscribed: readonly Subscribed[],
): Promise<readonly ChatFinding[]> {
  const roles = (await rest.get(Routes.guildRoles(guild))) as APIRole[];
  const member = (await rest.get(Routes.guildMember(guild, bot))) as APIGuildMember;
  const own = [guild, ...member.roles];
  const base = new PermissionsBitField(
    roles.filter(({ id }) => own.includes(id)).map(({ permissions }) => BigInt(permissions)),
  ).bitfield;
  const findings: ChatFinding[] = [];
  const standing = { guild, bot, own, base, roles };
  for (const channel of subscribed) findings.push(await channelFinding(rest, channel, standing));
  return findings;
}

interface Standing {
  readonly guild: string;
  readonly bot: string;
  readonly own: readonly string[];
  /** What the roles give everywhere, as Discord's bit set. */
  readonly base: bigint;
  /** All there are. */
  readonly roles: readonly APIRole[];
}

async function channelFinding(
  rest: REST,
  { name: id, ping }: Subscribed,
  standing: Standing,
): Promise<ChatFinding> {
  try {
    const channel = (await rest.get(Routes.channel(id))) as APIChannel & {
      readonly name?: string;
      readonly permission_overwrites?: readonly APIOverwrite[];
    };
    const name = `discord #${channel.name ?? id}`;
    const bits = permitted(standing, channel.permission_overwrites ?? []);
    const missing = missingPermissions(bits);
    const silent = ping === null ? null : pingFault(ping, bits, standing);
    if (missing.length === 0 && silent !== null) return { name, ok: false, ...silent };
    if (missing.length === 0) return { name, ok: true, detail: "may do all it has to", fix: null };
    const lacks = missing.map((one) => `${one} (${PERMISSIONS[one]})`).join(", ");
    const fix = "Give the bot's role these permissions in the channel's settings, or invite it anew.";
    return { name, ok: false, detail: `lacks ${lacks}`, fix };
  } catch (error) {
    if (!(error instanceof DiscordAPIError)) throw error;
    const detail = error.status === 404 ? "it was deleted" : "the bot does not see it";
    const fix = "Unsubscribe it with `/gate unsubscribe`, or let the bot's role view it.";
    return { name: `discord ${id}`, ok: false, detail, fix };
  }
}

/** Why the role a channel has pinged would not hear of it; null where it would. */
function pingFault(
  id: string,
  bits: bigint,
  { roles }: Standing,
): Pick<ChatFinding, "detail" | "fix"> | null {
  const role = roles.find((each) => each.id === id);
  if (role === undefined) {
    const fix = "Name another with `/gate subscribe ping:@role`, or `ping:off`.";
    return { detail: `the role it has pinged was deleted (${id})`, fix };
  }
  if (role.mentionable || (bits & PermissionFlagsBits.MentionEveryone) !== 0n) return null;
  const fix = "Tick “Allow anyone to @mention this role” in the role's settings.";
  return { detail: `the bot's mention of @${role.name} makes no sound`, fix };
}

/** As Discord reckons it: the roles, then what the channel says of everyone, of the roles, and of the bot itself. */
function permitted({ guild, bot, own, base }: Standing, overwrites: readonly APIOverwrite[]): bigint {
  const steps = [
    overwrites.filter(({ id }) => id === guild),
    overwrites.filter(({ id }) => id !== guild && own.includes(id)),
    overwrites.filter(({ id }) => id === bot),
  ];
  return steps.reduce((bits, those) => {
    const denied = those.reduce((sum, { deny }) => sum | BigInt(deny), 0n);
    const allowed = those.reduce((sum, { allow }) => sum | BigInt(allow), 0n);
    return (bits & ~denied) | allowed;
  }, base);
}

/** The bot's application, for the link it is invited with. Rejects where Discord does not tell. */
export async function applicationId(settings: DiscordReceiverSettings): Promise<string> {
  return ((await botRest(settings).get(Routes.currentApplication())) as RESTGetCurrentApplicationResult).id;
}
