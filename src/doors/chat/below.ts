import type { House } from "../../commands/house.ts";
import type { MessageRef } from "../../core/message.ts";
import { Trouble } from "../../ports/trouble.ts";

type Looking = Pick<House, "outbox" | "queue" | "clock">;

/** A person waits for a form or a list no longer than this, in milliseconds. */
const PATIENCE_MS = 1_000;
const LOOK_AGAIN_MS = 25;

/**
 * The task of the message something stands below; null where that is none of the bot's. `at`: when it came, in milliseconds
 * since 1970 UTC. A message of the bot's is there for people a moment before it is written down where it stands: until that
 * is settled it cannot be told apart from other people's, and a Trouble says to come again.
 */
export async function taskBelow(
  { outbox }: Pick<Looking, "outbox">,
  head: MessageRef,
  at: number,
): Promise<string | null> {
  const { platform, channel, message } = head;
  const task = await outbox.taskByAnchor(platform, channel, message);
  if (task !== null) return task;
  if (await outbox.unsettledSince(platform, channel, at))
    throw new Trouble("unsettled", "What it stands below may be a message whose sending is not settled yet.");
  // It may have been settled between the two looks.
  return outbox.taskByAnchor(platform, channel, message);
}

/** The same for somebody who waits for it: looked for again for a moment, and then taken for none of the bot's. */
export async function taskSoon(house: Looking, head: MessageRef): Promise<string | null> {
  const { clock } = house;
  const at = await house.queue.now();
  const until = clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await taskBelow(house, head, at);
    } catch (error) {
      if (!(error instanceof Trouble && error.code === "unsettled")) throw error;
      if (clock.now() >= until) return null;
    }
    await clock.sleep(LOOK_AGAIN_MS, NEVER);
  }
}

const NEVER = new AbortController().signal;
