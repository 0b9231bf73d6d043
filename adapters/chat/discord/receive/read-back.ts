import type { REST } from "discord.js";
import { type RESTGetAPIChannelMessagesResult, Routes } from "discord-api-types/v10";
import type { ChatDesk } from "../../../../src/ports/chat-receiver.ts";
import { arrivalOf, editsOf, type Reading } from "./messages.ts";
import { isShut } from "./threads.ts";

/** How many threads are read, the newest first: the others are too old for anybody to wait. */
const THREADS = 100;
const PAGE = 100;
/** Read a little further than it was away: clocks differ, and what is known already is known by its name. */
const MARGIN_MS = 60_000;
/** Names of what was received are kept for two days: what is older could be taken twice. */
const FAR_MS = 40 * 3_600_000;

interface ReadBack {
  readonly rest: REST;
  readonly desk: Pick<ChatDesk, "threads" | "receive">;
  readonly reading: Reading;
  readonly signal: AbortSignal;
}

/**
 * Reads the last messages below the bot's own since it last heard anything, and receives what was written or edited as if
 * it had been told: under the same names, so nothing is taken twice. A thread without one has nothing to read.
 */
export async function readBack(
  { rest, desk, reading, signal }: ReadBack,
  { since, now }: { readonly since: number; readonly now: number },
): Promise<void> {
  const from = Math.max(since - MARGIN_MS, now - FAR_MS);
  for (const { anchor } of await desk.threads(THREADS)) {
    if (signal.aborted) return;
    // One that itself stands in a thread heads none.
    if (anchor.includes("/")) continue;
    try {
      const query = new URLSearchParams({ limit: String(PAGE) });
      const route = Routes.channelMessages(anchor);
      const messages = (await rest.get(route, { query, signal })) as RESTGetAPIChannelMessagesResult;
      for (const message of messages.toReversed()) {
        const inGuild = { ...message, guild_id: reading.guild };
        const written = Date.parse(message.timestamp) < from ? null : await arrivalOf(reading, inGuild);
        const edited =
          Date.parse(message.edited_timestamp ?? "") < from ? [] : await editsOf(reading, inGuild);
        for (const arrival of [...(written === null ? [] : [written]), ...edited])
          await desk.receive(arrival);
      }
    } catch (error) {
      if (!isShut(error)) throw error;
    }
  }
}
