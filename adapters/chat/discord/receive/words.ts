import { DiscordAPIError } from "discord.js";
import { GatewayCloseCodes } from "discord-api-types/v10";

const WRONG_TOKEN =
  "Discord does not take DISCORD_TOKEN. Reset the token in the Developer Portal under Bot, and set the new one.";

/** What the privileged intent is, where it is ticked, and what goes on without it. */
const NO_CONTENT =
  "Discord does not let this bot read what people write (4014): tick Message Content Intent in the Developer Portal under " +
  "Bot, and start Gatehouse again. Until then links in a card's thread are not picked up by themselves: `/gate prove`, " +
  "“Attach as proof” in a message's menu, and messages that name the bot work.";

/** Why the gateway closed for good, in words for whoever runs the bot. */
export function closeWords(code: GatewayCloseCodes): string {
  if (code === GatewayCloseCodes.AuthenticationFailed) return WRONG_TOKEN;
  if (code === GatewayCloseCodes.DisallowedIntents) return NO_CONTENT;
  if (code === GatewayCloseCodes.ShardingRequired)
    return "Discord wants this bot split up (4011): it is in too many servers. Gatehouse works in one; take it out of the others.";
  return `Discord closed the connection for good (${code}). It is tried again.`;
}

/** Why it could not be connected, in words. */
export function failureWords(error: unknown): string {
  if (error instanceof DiscordAPIError && error.status === 401) return WRONG_TOKEN;
  const words = error instanceof Error ? error.message : String(error);
  if (/invalid token/iu.test(words)) return WRONG_TOKEN;
  return `Discord cannot be reached: ${words}. It is tried again.`;
}

export function noGuildWords(guild: string | undefined, names: readonly string[]): string {
  const ids = names.length === 0 ? "in no server yet" : `in ${names.join(", ")}`;
  if (guild !== undefined)
    return `The bot is not in the server DISCORD_GUILD_ID names (${guild}); it is ${ids}. Invite it: \`gatehouse discord invite\` prints the link.`;
  return names.length === 0
    ? "The bot is in no server yet. Invite it: `gatehouse discord invite` prints the link."
    : `The bot is ${ids}. Set DISCORD_GUILD_ID to the one Gatehouse works in.`;
}

export function registrationWords(error: unknown): string {
  const words = error instanceof Error ? error.message.replaceAll("\n", " ") : String(error);
  return error instanceof DiscordAPIError && error.status === 403
    ? "Discord does not let the bot register its commands: invite it anew with the link of `gatehouse discord invite`."
    : `The /gate commands could not be registered: ${words}. It is tried again with the next connection.`;
}
