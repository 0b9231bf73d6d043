import { type Refusal, refuse } from "../refusal.ts";
import { mayMove, type Status, type Task, TRANSITIONS } from "../task.ts";

/** A change somebody wants, against the row as it stands. */
export interface ChangeFacts {
  readonly task: Pick<Task, "key" | "status" | "version">;
  /** The version the change was based on; absent where the caller did not name one. */
  readonly basedOn?: number | undefined;
  /** The status it leads to; absent where the status stays. */
  readonly to?: Status | undefined;
}

/** The gate queue-truth: does the row say so, at this version? Its twins are the triggers `queue_truth_*`. */
export function queueTruth(facts: ChangeFacts): Refusal | null {
  const { task, basedOn, to } = facts;
  if (basedOn !== undefined && basedOn !== task.version) {
    return refuse("queue-truth", "stale-version", {
      field: "version",
      expected: task.version,
      got: basedOn,
      hint: `${task.key} changed since you read it: it is ${task.status} at version ${task.version}. Read it again and decide anew.`,
    });
  }
  if (to !== undefined && !mayMove(task.status, to)) {
    const ways = TRANSITIONS.filter((edge) => edge.to === to).map((edge) => edge.from);
    return refuse("queue-truth", "transition", {
      field: "status",
      expected: [...new Set(ways)],
      got: task.status,
      hint: `${task.key} is ${task.status}; only ${[...new Set(ways)].join(", ")} can become ${to}.`,
    });
  }
  return null;
}
