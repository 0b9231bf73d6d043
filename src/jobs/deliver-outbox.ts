import type { House } from "../commands/house.ts";
import { type MessageRef, parseMessageName } from "../core/message.ts";
import { type ChatPlatform, type ChatTroubleCode, REACTIONS, type Reaction } from "../ports/chat.ts";
import type { Delivery, OutboxStore } from "../ports/outbox.ts";
import { Trouble } from "../ports/trouble.ts";
import type { RunResult } from "./loop.ts";

/** How many deliveries are under way side by side. */
const AT_ONCE = 64;
/** Longer than any adapter's own time limit: who is still sending must not be taken for dead. */
const LEASE_MS = 120_000;
/** Until a platform that answered nothing can be asked whether the message stands. */
const DOUBT_MS = 60_000;
const RETRY_MAX_MS = 300_000;
/** With the longest rest about a day: a chat that is down for that long loses nothing. */
const TRIES_MAX = 300;
/**
 * Nor is anything given up that did not fail for so long without a break: tries that only waited their turn, behind a limit or
 * until somebody mended a token, say nothing of whether it can be sent.
 */
const GIVE_UP_MS = 86_400_000;

/**
 * Sends what is due to the platforms given, side by side, and writes down what became of each. A process killed in
 * between leaves leases that run out; what it held is then doubtful, looked up, and sent where it does not stand.
 */
export async function deliverOutbox(
  house: Pick<House, "outbox">,
  platforms: readonly ChatPlatform[],
): Promise<RunResult> {
  const names = platforms.map(({ name }) => name);
  const dueMs = await house.outbox.dueInMs(names);
  if (dueMs === null || dueMs > 0) return { nextDueMs: dueMs };
  const due = await house.outbox.takeDue(names, AT_ONCE, LEASE_MS);
  await Promise.all(
    due.map(async (delivery) => {
      const platform = platforms.find(({ name }) => name === delivery.platform);
      if (platform !== undefined) await deliverOne(house.outbox, platform, delivery);
    }),
  );
  return { nextDueMs: await house.outbox.dueInMs(names) };
}

async function deliverOne(outbox: OutboxStore, platform: ChatPlatform, delivery: Delivery): Promise<void> {
  let anchor: string | null;
  const doubt = { lasts: delivery.doubtful };
  try {
    anchor = await send(platform, delivery, doubt);
  } catch (error) {
    if (!(error instanceof Trouble)) {
      // A broken adapter shows on the delivery first, and then in the log.
      await outbox.unsent(delivery, `The ${platform.name} adapter broke: ${String(error)}`, RETRY_MAX_MS);
      throw error;
    }
    await keepTrouble(outbox, delivery, error, doubt.lasts);
    return;
  }
  await outbox.sent(delivery, anchor);
}

/** `doubt` ends where the message was looked for and does not stand: whatever comes then, it was not sent before. */
async function send(
  platform: ChatPlatform,
  delivery: Delivery,
  doubt: { lasts: boolean },
): Promise<string | null> {
  const { anchor } = delivery;
  const answers = answeredMessage(delivery);
  if (answers !== null) {
    if (answers.reaction !== null) await platform.react(answers.to, answers.reaction);
    // What was said while there was no verdict is put right as well.
    if (!answers.say && anchor === null) return null;
  }
  if (anchor !== null) return platform.edit({ ...delivery, anchor });
  const found = delivery.doubtful ? await platform.find(delivery) : null;
  // What stands already may say an earlier revision.
  if (found !== null) return platform.edit({ ...delivery, anchor: found });
  doubt.lasts = false;
  const below = answers?.to ?? placeBelow(delivery);
  return below === null ? platform.post(delivery) : platform.reply(below, delivery);
}

/** A correction stands in the thread of what it corrects. */
function placeBelow({ platform, channel, under }: Delivery): MessageRef | null {
  return under == null ? null : { platform, channel, message: under };
}

/** A `proof-status` notice answers a message somebody wrote: with a reaction, with words, or both. */
function answeredMessage(
  delivery: Delivery,
): { readonly to: MessageRef; readonly reaction: Reaction | null; readonly say: boolean } | null {
  const { replyTo, reaction, say } = delivery.data;
  const to = typeof replyTo === "string" ? parseMessageName(replyTo) : null;
  return to && { to, reaction: REACTIONS.find((one) => one === reaction) ?? null, say: say === true };
}

/** A doubt that lasts is kept: being told to wait before the message could be looked for does not end it. */
function keepTrouble(
  outbox: OutboxStore,
  delivery: Delivery,
  trouble: Trouble,
  doubtful: boolean,
): Promise<void> {
  const { message, retryAfterMs = 0 } = trouble;
  const code = trouble.code as ChatTroubleCode;
  if (code === "rejected") return outbox.unsent(delivery, message, null);
  const told = code === "rate-limited" || code === "locked-out";
  const backoffMs = Math.min(1000 * 2 ** Math.min(delivery.tries - 1, 20), RETRY_MAX_MS);
  const restMs =
    code === "rate-limited" ? 0 : code === "doubtful" ? Math.max(DOUBT_MS, backoffMs) : backoffMs;
  const { tries, failingMs = 0 } = delivery;
  const givenUp = tries >= TRIES_MAX && failingMs >= GIVE_UP_MS && !told;
  const retryMs = givenUp ? null : Math.max(retryAfterMs, restMs);
  return code === "doubtful" || doubtful
    ? outbox.uncertain(delivery, message, retryMs, told)
    : outbox.unsent(delivery, message, retryMs, told);
}
