import { queueTruth } from "../core/gates/queue-truth.ts";
import { done, type Outcome, type Refusal, refuse, refused } from "../core/refusal.ts";
import type { Status, Task } from "../core/task.ts";
import { notQueueable } from "../core/task-fields.ts";
import type { Committed } from "../ports/queue.ts";
import { type Caller, changeTask, type House } from "./house.ts";
import { reasonFault } from "./reason.ts";
import { onlyFrom } from "./wrong-status.ts";

export interface RequeueTask {
  readonly key: string;
  readonly version?: number | undefined;
  readonly reason: string;
}

/** A person reopens what was done, because it turned out not to be. The history and its announcement stay. */
export function reopenTask(house: House, input: RequeueTask, caller: Caller): Promise<Outcome<Committed>> {
  return backToQueue(house, input, caller, "done", "task.reopened", "reopened");
}

/** A person gives a dead letter its attempts back. */
export function requeueTask(house: House, input: RequeueTask, caller: Caller): Promise<Outcome<Committed>> {
  return backToQueue(house, input, caller, "dead", "task.requeued", "requeued");
}

/** Whichever of the two fits: people ask for a task back, and the row says which way leads there. */
export async function sendBack(
  house: House,
  input: RequeueTask,
  caller: Caller,
): Promise<Outcome<Committed & { readonly from: "done" | "dead" }>> {
  const status = (await house.queue.task(input.key))?.task.status;
  // What is neither is refused by either, with what is true of it.
  const from = status === "dead" ? "dead" : "done";
  const outcome = await (from === "dead" ? requeueTask : reopenTask)(house, input, caller);
  return outcome.ok ? done({ ...outcome.value, from }) : outcome;
}

async function backToQueue(
  house: House,
  input: RequeueTask,
  caller: Caller,
  from: Status,
  kind: string,
  past: string,
): Promise<Outcome<Committed>> {
  const fault = reasonFault(input.reason);
  if (fault) return refused(fault);
  return changeTask(house, input.key, ({ task }) => {
    const barred =
      cancelledForGood(task) ??
      queueTruth({ task, basedOn: input.version, to: "queued" }) ??
      onlyFrom(task, [from], past) ??
      notQueueable(task);
    return (
      barred ?? {
        task: task.id,
        version: task.version,
        set: { status: "queued", failures: 0, lapses: 0, notBefore: null, completion: null },
        event: { kind, actor: caller.actor, data: { reason: input.reason }, requestId: caller.requestId },
      }
    );
  });
}

/** The one status nothing leads out of: the hint says what does the same. */
function cancelledForGood({ key, status }: Pick<Task, "key" | "status">): Refusal | null {
  if (status !== "cancelled") return null;
  return refuse("queue-truth", "transition", {
    field: "status",
    expected: ["done", "dead"],
    got: status,
    hint: `${key} was cancelled, which is for good: add it anew as another task.`,
  });
}
