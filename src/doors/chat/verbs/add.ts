import { z } from "zod";
import { addTask } from "../../../commands/add-task.ts";
import { PRIORITIES } from "../../../core/task.ts";
import { readRequirements } from "../requirements.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { laneArgument } from "./arguments.ts";

export const add = defineVerb({
  path: "add",
  summary: "Add a task; what proves it is its epic's or lane's policy where you don't say",
  example:
    '/gate add Cut the intro clip --lane builder --acceptance "It plays for 20 s" --require reviewed-by-one',
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    title: {
      schema: z.string().trim().min(1),
      place: "rest",
      type: "text",
      shown: "TITLE",
      about: "what is to be done, on one line",
    },
    lane: { ...laneArgument, about: "who may pull it" },
    acceptance: {
      schema: z.string().trim().min(1).optional(),
      type: "text",
      long: true,
      shown: "TEXT",
      about: "when it is done, in words",
    },
    require: {
      schema: z.string().trim().min(1).optional(),
      type: "text",
      long: true,
      shown: "PROOF",
      about: "templates such as tests-pass tests=20; reviewed-by-one, or requirements as JSON",
    },
    epic: {
      schema: z.string().trim().toUpperCase().optional(),
      type: "epic",
      shown: "EPIC",
      about: "the epic it belongs to; GATE where none is said",
    },
    priority: {
      schema: z.string().trim().toUpperCase().pipe(z.enum(PRIORITIES)).optional(),
      type: "priority",
      choices: PRIORITIES,
      shown: "PRIORITY",
      about: "P0 (first) to P4 (last); P2 where none is said",
    },
    "depends-on": {
      schema: z
        .string()
        .trim()
        .toUpperCase()
        .transform((text) => text.split(/[\s,]+/u).filter((key) => key !== ""))
        .optional(),
      type: "list",
      shown: "TASKS",
      about: "tasks that must be done first, between commas",
    },
    body: {
      schema: z.string().trim().min(1).optional(),
      type: "text",
      long: true,
      shown: "TEXT",
      about: "more about it",
    },
    draft: {
      schema: z.literal(true).optional(),
      type: "flag",
      shown: "",
      about: "keep it out of the queue for now: lane, acceptance and proof may come later",
    },
  },
  async run(context, { require: typed, "depends-on": dependsOn, ...said }) {
    const read = typed === undefined ? undefined : readRequirements(typed);
    if (read?.ok === false) return { kind: "refused", refusal: read.refusal };
    const task = { ...said, dependsOn, requirements: read?.value ?? [] };
    const outcome = await addTask(context.house, task, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    const key = outcome.value;
    const added = (await context.house.queue.task(key))?.task;
    const proof = added?.requirements.map(({ name, kind }) => `${name} (${kind})`).join(", ");
    const shows = proof === undefined || proof === "" ? "" : ` It is done when this is proved: ${proof}.`;
    return {
      kind: "done",
      task: key,
      text: `Added ${key} “${said.title}”, ${added?.status ?? "queued"}.${shows}`,
    };
  },
});
