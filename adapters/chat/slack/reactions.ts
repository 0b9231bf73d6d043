import { type MessageRef, messageName } from "../../../src/core/message.ts";
import { REACTIONS, type Reaction } from "../../../src/ports/chat.ts";
import { Remembered } from "./remembered.ts";
import { SlackTrouble } from "./trouble.ts";
import type { SlackWeb } from "./web.ts";

/** Slack's names of what the bot puts on messages. */
const EMOJI: Readonly<Record<Reaction, string>> = {
  "⏳": "hourglass_flowing_sand",
  "✅": "white_check_mark",
  "❌": "x",
};

/**
 * Puts the bot's one reaction on messages. The new one comes first and the old one goes then: a process that dies in between
 * leaves two, and whoever repeats it takes both others away, not knowing which there was.
 */
export function reactor(web: SlackWeb): (to: MessageRef, reaction: Reaction) => Promise<void> {
  const last = new Remembered<Reaction>();
  return async (to, reaction) => {
    const { channel, message } = to;
    const before = last.get(messageName(to));
    if (before === reaction) return;
    const call = (method: "reactions.add" | "reactions.remove", one: Reaction): Promise<unknown> =>
      web.call(
        { method, channel, who: `${message} ${one}` },
        { channel, timestamp: message, name: EMOJI[one] },
      );
    await unless("already_reacted", call("reactions.add", reaction));
    for (const other of REACTIONS) {
      if (other === reaction || (before !== undefined && before !== other)) continue;
      await unless("no_reaction", call("reactions.remove", other));
    }
    last.keep(messageName(to), reaction);
  };
}

/** Waits for a call that may find its work done already. */
async function unless(done: string, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof SlackTrouble) || error.word !== done) throw error;
  }
}
