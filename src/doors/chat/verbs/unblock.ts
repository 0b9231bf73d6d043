import { z } from "zod";
import { unblockTask } from "../../../commands/unblock-task.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { taskArgument, versionArgument } from "./arguments.ts";

export const unblock = defineVerb({
  path: "unblock",
  summary: "Answer what a blocked task asks; it goes back to the queue",
  example: '/gate unblock CLIP-12 "Use the licensed font"',
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    task: taskArgument(1, ["blocked"]),
    answer: {
      schema: z.string().trim().min(1),
      place: "rest",
      type: "text",
      long: true,
      shown: "ANSWER",
      about: "the answer, or why the obstacle is gone",
    },
    version: versionArgument,
  },
  async run(context, { task: key, answer, version }) {
    const outcome = await unblockTask(context.house, { key, version, reason: answer }, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    return { kind: "done", task: key, text: `${key} is back in the queue. Answer: ${answer}` };
  },
});
