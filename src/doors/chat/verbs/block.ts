import { z } from "zod";
import { blockTask } from "../../../commands/block-task.ts";
import { personMeant } from "../person.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { personArgument, reasonArgument, taskArgument, versionArgument } from "./arguments.ts";

export const block = defineVerb({
  path: "block",
  summary: "Take a task out of the queue until somebody answers one question",
  example: '/gate block CLIP-12 Which font is licensed? --choices "Inter, Söhne" --owner @ada',
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    task: taskArgument(1, ["queued", "active"]),
    reason: reasonArgument("what stands in the way; a question is asked as it stands"),
    kind: {
      schema: z.string().trim().toLowerCase().default("question"),
      type: "text",
      shown: "WORD",
      about: "the sort of obstacle: question (where none is said), access, external …",
    },
    question: {
      schema: z.string().trim().min(1).optional(),
      type: "text",
      long: true,
      shown: "TEXT",
      about: "the one question that would free it",
    },
    choices: {
      schema: z
        .string()
        .trim()
        .transform((text) => text.split(text.includes(";") ? ";" : ",").map((one) => one.trim()))
        .transform((choices) => choices.filter((one) => one !== ""))
        .optional(),
      type: "list",
      shown: "ANSWERS",
      about: "answers to choose from, between commas, or semicolons where one has a comma",
    },
    owner: { ...personArgument, about: "who is asked; any operator where nobody is named" },
    version: versionArgument,
  },
  async run(context, { task: key, reason, owner, ...rest }) {
    const question = rest.question ?? (reason.endsWith("?") ? reason : undefined);
    const asked = owner === undefined ? undefined : personMeant(context, owner);
    const input = { ...rest, key, reason, question, owner: asked };
    const outcome = await blockTask(context.house, input, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    const whom = asked === undefined ? "" : ` ${asked} is asked.`;
    return { kind: "done", task: key, text: `${key} is blocked: ${reason}${whom}` };
  },
});
