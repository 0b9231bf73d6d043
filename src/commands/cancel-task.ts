import { queueTruth } from "../core/gates/queue-truth.ts";
import { type Outcome, refused } from "../core/refusal.ts";
import type { Committed } from "../ports/queue.ts";
import { type Caller, changeTask, type House } from "./house.ts";
import { reasonFault } from "./reason.ts";

export interface CancelTask {
  readonly key: string;
  readonly version?: number | undefined;
  readonly reason: string;
}

/** A person ends an open task for good, with a reason. What waits for it is stranded, and shown as such; never released. */
export async function cancelTask(
  house: House,
  input: CancelTask,
  caller: Caller,
): Promise<Outcome<Committed>> {
  const fault = reasonFault(input.reason);
  if (fault) return refused(fault);
  return changeTask(house, input.key, ({ task, attempt }) => {
    const barred = queueTruth({ task, basedOn: input.version, to: "cancelled" });
    if (barred) return barred;
    const open = attempt !== null && attempt.endedAt === null;
    return {
      task: task.id,
      version: task.version,
      ...(open
        ? { attempt: attempt.number, end: { outcome: "cancelled", reason: input.reason } as const }
        : {}),
      set: { status: "cancelled", epoch: task.epoch + (open ? 1 : 0) },
      event: {
        kind: "task.cancelled",
        actor: caller.actor,
        data: { reason: input.reason },
        requestId: caller.requestId,
      },
      block: null,
    };
  });
}
