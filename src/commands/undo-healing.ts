import type { Healing } from "../core/check.ts";
import { done, missing, type Outcome, type Refusal, refuse, refused } from "../core/refusal.ts";
import type { Block } from "../core/task.ts";
import type { HealingRecord } from "../ports/contradictions.ts";
import { blockTask } from "./block-task.ts";
import type { Caller, House } from "./house.ts";

/** Why some mending stays, whoever regrets it. */
const FOR_GOOD: Readonly<Record<Exclude<Healing, "unblock">, string>> = {
  reclaim:
    "A lapsed lease is never renewed: its holder may be gone, and the task may be another's. Whoever wants it claims it anew.",
  "refresh-brief": "The brief says what the queue says: change the queue, and it is made anew.",
  "verify-again": "Proofs that were looked at cannot be unseen: their verdict stands.",
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
  if (record.healing !== "unblock") return refused(staysMended(record, FOR_GOOD[record.healing]));
  const block = record.before["block"] as unknown as Omit<Block, "since"> | null;
  const version = record.after["version"];
  if (block === null || record.task === null || typeof version !== "number") {
    return refused(staysMended(record, "It was not blocked with a question that could be asked again."));
  }
  const blocked = await blockTask(house, { key: record.task, version, ...block }, caller);
  if (!blocked.ok) return blocked;
  await house.contradictions.undone(id, caller.actor);
  return done((await house.contradictions.healing(id)) ?? record);
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
    expected: "unblock",
    got: healing,
    hint: why,
  });
}
