import { queueTruth } from "../core/gates/queue-truth.ts";
import type { Outcome } from "../core/refusal.ts";
import type { Priority } from "../core/task.ts";
import type { Committed } from "../ports/queue.ts";
import { type Caller, changeTask, type House } from "./house.ts";
import { onlyFrom } from "./wrong-status.ts";

export interface PrioritizeTask {
  readonly key: string;
  readonly version?: number | undefined;
  readonly priority: Priority;
  readonly reason?: string | undefined;
}

/** A person moves a task up or down. What is done or cancelled has no place in the queue to move from. */
export function prioritizeTask(
  house: House,
  input: PrioritizeTask,
  caller: Caller,
): Promise<Outcome<Committed>> {
  return changeTask(house, input.key, ({ task }) => {
    const barred =
      queueTruth({ task, basedOn: input.version }) ??
      onlyFrom(task, ["draft", "queued", "offered", "active", "verifying", "blocked", "dead"], "prioritized");
    return (
      barred ?? {
        task: task.id,
        version: task.version,
        set: { priority: input.priority },
        event: {
          kind: "task.prioritized",
          actor: caller.actor,
          data: { from: task.priority, to: input.priority, reason: input.reason ?? null },
          requestId: caller.requestId,
        },
      }
    );
  });
}
