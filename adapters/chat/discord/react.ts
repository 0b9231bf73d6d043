import { type APIMessage, RESTJSONErrorCodes as Code } from "discord.js";
import { REACTIONS, type Reaction } from "../../../src/ports/chat.ts";
import type { DiscordApi } from "./api.ts";
import { type Place, routeChannel } from "./place.ts";
import { DiscordTrouble } from "./trouble.ts";

/** A message nobody lets the bot react to: its author blocked the bot, or twenty kinds stand there already. */
const UNWANTED: readonly number[] = [Code.ReactionWasBlocked, Code.MaximumNumberOfReactionsReached];

/**
 * Puts the bot's one reaction on a message and takes its earlier one away, the new one first: there is never none. What
 * stands is read beforehand, since each change of reactions counts against a narrow limit.
 */
export async function react(api: Pick<DiscordApi, "call">, place: Place, reaction: Reaction): Promise<void> {
  const route = `/channels/${routeChannel(place)}/messages/${place.message}` as const;
  const what = `reacting in ${place.channel}`;
  const { reactions = [] } = await api.call<APIMessage>("GET", route, { what });
  const own = REACTIONS.filter((each) => reactions.some(({ emoji, me }) => me && emoji.name === each));
  try {
    if (!own.includes(reaction)) await api.call("PUT", reactionRoute(route, reaction), { what });
  } catch (error) {
    if (error instanceof DiscordTrouble && UNWANTED.includes(error.discord)) return;
    throw error;
  }
  for (const each of own) {
    if (each !== reaction) await api.call("DELETE", reactionRoute(route, each), { what });
  }
}

function reactionRoute(message: `/${string}`, reaction: Reaction): `/${string}` {
  return `${message}/reactions/${encodeURIComponent(reaction)}/@me`;
}
