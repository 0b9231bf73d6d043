import { REST } from "discord.js";
import type { DiscordReceiverSettings } from "./settings.ts";

/** Interactions have three seconds: what hangs longer than that has failed. */
const ANSWER_TIMEOUT_MS = 5_000;

/** For answers to interactions: they speak by their token, and Discord's limit of 50 a second does not count them. */
export function answerRest({ apiUrl }: DiscordReceiverSettings): REST {
  return new REST({
    ...(apiUrl === undefined ? {} : { api: apiUrl }),
    retries: 1,
    timeout: ANSWER_TIMEOUT_MS,
    globalRequestsPerSecond: 100_000,
  });
}

/** For everything the bot asks by its own token. */
export function botRest({ apiUrl, token }: DiscordReceiverSettings): REST {
  return new REST({ ...(apiUrl === undefined ? {} : { api: apiUrl }), retries: 1 }).setToken(token);
}
