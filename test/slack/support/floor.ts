// Cards in a channel of the stand-in, posted through the real outbox.
import type { House } from "../../../src/commands/house.ts";
import { updateTaskCards } from "../../../src/jobs/task-cards.ts";
import type { SlackStandIn } from "../server.ts";
import { BOT } from "../workspace.ts";

export const CHANNEL = "C0GENERAL";

/** Every notice that is due stands in its channel afterwards, as a message of the bot's. */
export async function postDue(house: House, slack: SlackStandIn): Promise<void> {
  await updateTaskCards(house);
  for (const delivery of await house.outbox.takeDue(["slack"], 100, 30_000)) {
    const { channel, text, anchor } = delivery;
    const bot = { user: BOT.user, bot_id: BOT.id };
    const message = anchor === null ? slack.workspace.write(channel, { ...bot, text }, slack.now()) : null;
    await house.outbox.sent(delivery, anchor ?? message?.ts ?? null);
  }
}

/** Where the card of a task stands. */
export async function cardOf(house: House, key: string): Promise<string> {
  const card = (await house.outbox.cards("slack", 100)).find(({ task }) => task === key);
  if (card === undefined) throw new Error(`${key} has no card`);
  return card.anchor;
}
