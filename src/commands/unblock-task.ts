import { queueTruth } from "../core/gates/queue-truth.ts";
import { type Outcome, refused } from "../core/refusal.ts";
import { notQueueable } from "../core/task-fields.ts";
import { type Caller, type Changed, changeTask, type House } from "./house.ts";
import { reasonFault } from "./reason.ts";
import { onlyFrom } from "./wrong-status.ts";

export interface UnblockTask {
  readonly key: string;
  readonly version?: number | undefined;
  /** The answer to the question, or why the obstacle is gone. */
  readonly reason: string;
}

/** A person answers: the task goes back to the queue, if it has what a queued task must have. */
export async function unblockTask(
  house: House,
  input: UnblockTask,
  caller: Caller,
): Promise<Outcome<Changed>> {
  const fault = reasonFault(input.reason);
  if (fault) return refused(fault);
  return changeTask(house, input.key, ({ task }) => {
    const barred =
      queueTruth({ task, basedOn: input.version, to: "queued" }) ??
      onlyFrom(task, ["blocked"], "unblocked") ??
      notQueueable(task);
    return (
      barred ?? {
        task: task.id,
        version: task.version,
        set: { status: "queued" },
        event: {
          kind: "task.unblocked",
          actor: caller.actor,
          data: { answer: input.reason, question: task.block?.question ?? null },
          requestId: caller.requestId,
        },
        block: null,
      }
    );
  });
}
