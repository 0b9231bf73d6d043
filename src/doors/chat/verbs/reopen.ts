import { sendBack } from "../../../commands/requeue-task.ts";
import { reopening } from "../impact.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { reasonArgument, taskArgument, versionArgument } from "./arguments.ts";

export const reopen = defineVerb({
  path: "reopen",
  summary: "Put a task that is done, or dead, back into the queue",
  example: "/gate reopen CLIP-12 the sound is missing",
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    task: taskArgument(1, ["dead", "done"]),
    reason: reasonArgument("what turned out not to be done, or what is different now"),
    version: versionArgument,
  },
  confirm: ({ house }, { task, version }) => reopening(house, task, version),
  async run(context, { task: key, reason, version }) {
    const outcome = await sendBack(context.house, { key, reason, version }, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    const how = outcome.value.from === "dead" ? "has its attempts back" : "is done no more";
    return { kind: "done", task: key, text: `${key} ${how} and is in the queue: ${reason}` };
  },
});
