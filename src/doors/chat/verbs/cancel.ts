import { cancelTask } from "../../../commands/cancel-task.ts";
import { cancelling } from "../impact.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { reasonArgument, taskArgument, versionArgument } from "./arguments.ts";

export const cancel = defineVerb({
  path: "cancel",
  summary: "End a task for good; what waits for it is stranded, and shown so",
  example: "/gate cancel CLIP-12 the episode was dropped",
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    task: taskArgument(1, ["blocked", "queued", "active", "dead", "draft"]),
    reason: reasonArgument("why; it stays on record"),
    version: versionArgument,
  },
  confirm: ({ house }, { task, version }) => cancelling(house, task, version),
  async run(context, { task: key, reason, version }) {
    const outcome = await cancelTask(context.house, { key, reason, version }, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    return { kind: "done", task: key, text: `${key} is cancelled: ${reason}` };
  },
});
