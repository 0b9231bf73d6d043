import type { z } from "@hono/zod-openapi";
import { blockTask } from "../../commands/block-task.ts";
import { cancelTask } from "../../commands/cancel-task.ts";
import type { Caller, House } from "../../commands/house.ts";
import { prioritizeTask } from "../../commands/prioritize-task.ts";
import { reopenTask, requeueTask } from "../../commands/requeue-task.ts";
import { unblockTask } from "../../commands/unblock-task.ts";
import type { Outcome } from "../../core/refusal.ts";
import { type Call, defineCall } from "./call.ts";
import { TaskParams } from "./fields.ts";
import { BlockBody, PrioritizeBody, ReasonBody } from "./task-bodies.ts";
import { TaskJson } from "./task-json.ts";
import { presentTask } from "./tasks.ts";

/** An operator's verb on one task, answered with the task as it then stands. */
function action<B extends z.ZodType>(
  verb: string,
  summary: string,
  body: B,
  command: (house: House, input: z.output<B> & { key: string }, caller: Caller) => Promise<Outcome<unknown>>,
): Call {
  return defineCall({
    method: "post",
    path: `/v1/tasks/{key}/${verb}`,
    name: `${verb}Task`,
    summary,
    role: "operator",
    params: TaskParams,
    body,
    success: { status: 200, schema: TaskJson, description: "The task" },
    async run({ house, caller }, input) {
      const changed = await command(
        house,
        { ...(input.body as object), key: input.params.key } as never,
        caller,
      );
      return changed.ok ? presentTask(house, input.params.key) : changed;
    },
    recall: ({ house }, made) => presentTask(house, made.task ?? ""),
  });
}

export const taskActionCalls: readonly Call[] = [
  action("block", "Take a task out of the queue with one question to answer", BlockBody, blockTask),
  action("unblock", "Answer, and put a blocked task back into the queue", ReasonBody, unblockTask),
  action(
    "cancel",
    "End an open task for good; what waits for it is shown as stranded",
    ReasonBody,
    cancelTask,
  ),
  action("reopen", "Put a finished task back into the queue", ReasonBody, reopenTask),
  action("requeue", "Give a dead letter its attempts back", ReasonBody, requeueTask),
  action("prioritize", "Move a task up or down", PrioritizeBody, prioritizeTask),
];
