import { z } from "zod";
import { prioritizeTask } from "../../../commands/prioritize-task.ts";
import { firstOfAll } from "../impact.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { priorityArgument, taskArgument, versionArgument } from "./arguments.ts";

export const prioritize = defineVerb({
  path: "prioritize",
  summary: "Move a task up or down in its lane",
  example: "/gate prioritize CLIP-12 P1",
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    task: taskArgument(1, ["queued", "blocked", "active", "draft"]),
    priority: priorityArgument(2),
    reason: {
      schema: z.string().trim().min(1).optional(),
      place: "rest",
      type: "text",
      long: true,
      shown: "REASON",
      about: "why, for the log",
    },
    version: versionArgument,
  },
  confirm: async ({ house }, { task, priority, version }) =>
    priority === "P0" ? firstOfAll(house, task, version) : null,
  async run(context, { task: key, priority, reason, version }) {
    const outcome = await prioritizeTask(
      context.house,
      { key, version, priority, reason },
      callerOf(context),
    );
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    return {
      kind: "done",
      task: key,
      text: reason === undefined ? `${key} is ${priority} now.` : `${key} is ${priority} now: ${reason}`,
    };
  },
});
