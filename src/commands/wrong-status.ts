import { type Refusal, refuse } from "../core/refusal.ts";
import type { Status, Task } from "../core/task.ts";

/** Several edges lead to `queued`; a verb walks only its own. `done` is the verb's past form, for the sentence. */
export function onlyFrom(
  task: Pick<Task, "key" | "status">,
  from: readonly Status[],
  done: string,
): Refusal | null {
  if (from.includes(task.status)) return null;
  return refuse("queue-truth", "transition", {
    field: "status",
    expected: [...from],
    got: task.status,
    hint: `${task.key} is ${task.status}: only ${from.join(" or ")} tasks can be ${done}.`,
  });
}
