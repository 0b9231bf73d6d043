import { z } from "zod";
import { approveTask } from "../../../commands/approve-task.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { taskArgument, versionArgument } from "./arguments.ts";

export const approve = defineVerb({
  path: "approve",
  summary: "Say that a task's proofs show the work done",
  example: "/gate approve CLIP-12",
  role: "viewer",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    task: taskArgument(1, ["verifying"]),
    requirement: {
      schema: z.string().trim().min(1).optional(),
      place: 2,
      shown: "REQUIREMENT",
      about: "which requirement, where the policy asks people more than once",
      type: "requirement",
    },
    version: versionArgument,
  },
  async run(context, { task: key, requirement, version }) {
    const outcome = await approveTask(
      context.house,
      { key, requirement, version, role: context.speaker.role },
      callerOf(context),
    );
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    return { kind: "done", task: key, text: `You approved ${key}, with its proofs as they stand.` };
  },
});
