import type { Attempt, AttemptOutcome } from "./attempt.ts";
import type { Change, NewEvent } from "./change.ts";
import { backoffMs, type Task } from "./task.ts";

/** How an attempt ended without the task being done, and whom it is counted against. */
export interface Ending {
  readonly outcome: Extract<AttemptOutcome, "released" | "lapsed" | "failed" | "offer-lapsed">;
  /** The work failed, the infrastructure was lost, or neither. */
  readonly counts: "failure" | "lapse" | "nothing";
  readonly reason: string;
}

/**
 * The task goes back to the queue, or to the dead letters once its attempts are used up. The epoch rises in the same
 * write, before anyone can be offered the task again: whoever still believes to hold it is refused.
 */
export function giveBack(
  facts: { readonly task: Task; readonly attempt: Attempt; readonly now: number },
  ending: Ending,
  event: Omit<NewEvent, "data">,
): Change {
  const { task, attempt, now } = facts;
  const failures = task.failures + (ending.counts === "failure" ? 1 : 0);
  const lapses = task.lapses + (ending.counts === "lapse" ? 1 : 0);
  const usedUp = failures >= task.limits.maxAttempts || lapses >= task.limits.maxLapses;
  const rest = ending.counts === "nothing" ? null : now + backoffMs(failures + lapses);
  return {
    task: task.id,
    version: task.version,
    attempt: attempt.number,
    set: {
      status: usedUp && task.status !== "offered" ? "dead" : "queued",
      epoch: task.epoch + 1,
      failures,
      lapses,
      notBefore: usedUp ? null : later(task.notBefore, rest),
    },
    event: {
      ...event,
      data: { outcome: ending.outcome, reason: ending.reason, failures, lapses, dead: usedUp },
    },
    end: { outcome: ending.outcome, reason: ending.reason },
  };
}

function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
