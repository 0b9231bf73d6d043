import { claimSighting } from "../checks/claim-in-chat.ts";
import { type MessageRef, messageName } from "../core/message.ts";
import { TASK_KEY, type Task } from "../core/task.ts";
import { tidyLine } from "../core/text.ts";
import type { Caller, House } from "./house.ts";
import { tellContradictions } from "./tell-contradictions.ts";

export interface ClaimInChat {
  readonly text: string;
  readonly messageRef: MessageRef;
  /** Who wrote it, as an actor (`person:slack:U1`) or as the platform names it. Never the bot itself. */
  readonly author: string;
}

export interface ClaimAnswer {
  /** What the queue says, to be posted in the message's thread. */
  readonly text: string;
  /** The contradiction it became; null where the queue says the same. */
  readonly contradiction: number | null;
}

/** Three discs and the words, however they are spaced or spelled. */
const CLAIM = /^\s*(?:🔵\s*){3}auto[\s-]*complete/iu;
const AUTHOR_MAX = 120;

/** True where somebody's message announces a completion, as only the bot may. */
export function claimsCompletion(text: string): boolean {
  return CLAIM.test(text);
}

/**
 * A message in a watched channel that announces a completion and is not the bot's: kept, held against the queue, and
 * answered with what that says. Null where the message announces nothing. The same message twice is one.
 */
export async function reportClaimInChat(
  house: Pick<House, "queue" | "contradictions" | "outbox">,
  { text, messageRef, author: written }: ClaimInChat,
  caller: Caller,
): Promise<ClaimAnswer | null> {
  if (!claimsCompletion(text)) return null;
  const author = tidyLine(written).slice(0, AUTHOR_MAX);
  const key = namedTask(text);
  const facts = key === null ? null : await house.queue.task(key);
  const message = messageName(messageRef);
  await house.contradictions.claimed({ message, author, task: key });
  const now = await house.queue.now();
  const status = facts?.task.status ?? null;
  const sighting = claimSighting({ message, author, task: key, status, at: now });
  const answer = queueSays(key, facts?.task ?? null);
  if (sighting === null) return { text: answer, contradiction: null };
  const openings = [sighting];
  const [opened] = await house.contradictions.apply({ openings, moves: [] }, caller.actor, now);
  await tellContradictions(house);
  const standing = opened ?? (await house.contradictions.standing()).find((one) => one.key === message);
  return { text: answer, contradiction: standing?.id ?? null };
}

/** The first word that is a task's key. */
function namedTask(text: string): string | null {
  return text.split(/[^A-Za-z0-9-]+/u).find((word) => TASK_KEY.test(word)) ?? null;
}

function queueSays(key: string | null, task: Task | null): string {
  const rule = "Only the bot announces a completion, and only after its proof was checked.";
  if (key === null) return `This announces a completion and names no task of the queue. ${rule}`;
  if (task === null) return `The queue knows no ${key}. ${rule}`;
  if (task.status === "done") {
    return `The queue says the same: ${task.key} is done (${task.completion ?? "proved"}), and was announced by the bot.`;
  }
  return `The queue says otherwise: ${task.key} is ${task.status}, at version ${task.version}. ${rule}`;
}
