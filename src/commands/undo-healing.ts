import { HEALINGS, type Healing } from "../core/check.ts";
import { done, missing, type Outcome, type Refusal, refuse, refused } from "../core/refusal.ts";
import type { Block } from "../core/task.ts";
import type { HealingRecord } from "../ports/contradictions.ts";
import type { EventRecord } from "../ports/log.ts";
import { blockTask } from "./block-task.ts";
import type { Caller, House } from "./house.ts";

/** Why some mending stays, whoever regrets it. */
const FOR_GOOD: Readonly<Partial<Record<Healing, string>>> = {
  "refresh-brief":
    "The brief says what a valid queue says, and is made anew every hour: change the queue. What stood in an edited file is kept with the healing.",
  "verify-again":
    "Asking is no change that could be taken back: what has been looked at stands by its verdict, and unasked the task would be stuck again.",
};

/**
 * Takes back what the watch mended, by the guarded command that undoes it, where the task has not moved since. The same
 * condition is then left alone for a week: a person said so.
 */
export async function undoHealing(house: House, id: number, caller: Caller): Promise<Outcome<HealingRecord>> {
  const record = await house.contradictions.healing(id);
  if (record === null) {
    const hint = `There is no healing ${id}: \`gatehouse contradiction healings\` shows them.`;
    return refused(missing("healing", id, hint));
  }
  if (record.undoneAt !== null) return refused(undoneAlready(record));
  const why = FOR_GOOD[record.healing];
  if (why !== undefined) return refused(staysMended(record, why));
  const block = blockInstead(record, caller);
  const version = record.after["version"];
  if (block === null || record.task === null || typeof version !== "number") {
    return refused(staysMended(record, "It was not blocked with a question that could be asked again."));
  }
  const blocked = await blockTask(house, { key: record.task, version, ...block }, caller);
  if (!blocked.ok) return blocked;
  await house.contradictions.undone(id, caller.actor);
  return done((await house.contradictions.healing(id)) ?? record);
}

/**
 * What keeps the task from being pulled once the mending is taken back: the block it had; or, where a lapsed lease was taken
 * back, a question to whoever says that was wrong. The lease itself is never given again: its holder's beats stay refused.
 */
function blockInstead({ healing, before }: HealingRecord, { actor }: Caller): Omit<Block, "since"> | null {
  if (healing === "unblock") return before["block"] as unknown as Omit<Block, "since"> | null;
  const [attempt, session] = [before["attempt"] as string, before["session"] as string];
  return {
    kind: "holder",
    reason: `${attempt} was taken back from session ${session}, and ${actor} says that was wrong`,
    owner: actor,
    question: `Is session ${session} still at the work of ${attempt}, or may another have it?`,
    choices: ["Another may have it"],
  };
}

/** Which mending an event tells of; null where it tells of none, or of one that is not in the journal. */
export async function healingOf(
  house: Pick<House, "contradictions">,
  { kind, data }: Pick<EventRecord, "kind" | "data">,
): Promise<HealingRecord | null> {
  if (kind !== "contradiction.healed") return null;
  const id = Number(data["id"]);
  return (await house.contradictions.healingsOf([id])).get(id) ?? null;
}

/** Whether `undoHealing` has a way back for it. */
export function isUndoable({ healing, undoneAt }: Pick<HealingRecord, "healing" | "undoneAt">): boolean {
  return undoneAt === null && FOR_GOOD[healing] === undefined;
}

/** The second half of an undoing that a crash may have cut in two; done twice it is done once. */
export async function finishUndoing(house: House, id: number, { actor }: Caller): Promise<void> {
  await house.contradictions.undone(id, actor);
}

function undoneAlready({ id, undoneBy, undoneAt }: HealingRecord): Refusal {
  return refuse("queue-truth", "undone-already", {
    field: "healing",
    expected: "one that stands",
    got: undoneBy,
    hint: `Healing ${id} was taken back at ${new Date(undoneAt ?? 0).toISOString()}.`,
  });
}

function staysMended({ healing }: HealingRecord, why: string): Refusal {
  return refuse("queue-truth", "not-undoable", {
    field: "healing",
    expected: HEALINGS.filter((one) => FOR_GOOD[one] === undefined),
    got: healing,
    hint: why,
  });
}
