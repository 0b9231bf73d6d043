import { z } from "zod";
import { prioritizeTask } from "../../../commands/prioritize-task.ts";
import { defineVerb } from "../verb.ts";
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
  confirm: ({ task, priority }) =>
    priority === "P0" ? `P0 puts ${task} before everything else in its lane. Do it?` : null,
  async run({ house, speaker }, { task: key, priority, reason, version }) {
    const outcome = await prioritizeTask(house, { key, version, priority, reason }, { actor: speaker.actor });
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    return {
      kind: "done",
      task: key,
      text: reason === undefined ? `${key} is ${priority} now.` : `${key} is ${priority} now: ${reason}`,
    };
  },
});
