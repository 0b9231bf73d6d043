import { z } from "zod";
import { undoable, undoChange } from "../../../commands/undo-change.ts";
import { finishUndoing, undoHealing } from "../../../commands/undo-healing.ts";
import { auditText } from "../../../ports/chat-answer.ts";
import { auditLine } from "../audit-line.ts";
import { callerOf, defineVerb } from "../verb.ts";

export const undo = defineVerb({
  path: "undo",
  summary: "Take back a change of your own that has an exact way back, or what the bot mended",
  example: "/gate undo 412",
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    event: {
      schema: z
        .string()
        .trim()
        .regex(/^#?\d{1,15}$/u)
        .transform((text) => Number(text.replace("#", "")))
        .optional(),
      place: 1,
      type: "integer",
      shown: "EVENT",
      about: "its number, as /gate audit shows it; your last change where none is said",
    },
    healing: {
      schema: z.coerce.number().int().min(1).optional(),
      type: "integer",
      shown: "N",
      about: "instead, a mending of the bot's by its number in the journal",
    },
  },
  async confirm({ house, speaker }, { event: id, healing }) {
    if (id !== undefined || healing !== undefined) return null;
    const found = await undoable(house, undefined, speaker);
    if (!found.ok) return null;
    const { event } = found.value;
    return { text: `Undo your last change, ${auditText(auditLine(event))}?`, pins: { event: event.id } };
  },
  async run(context, { event, healing }) {
    if (healing !== undefined) {
      const outcome = await undoHealing(context.house, healing, callerOf(context));
      if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
      const task = outcome.value.task;
      return {
        kind: "done",
        task,
        text: `Mending ${healing} is taken back${task === null ? "." : `: ${task}.`}`,
      };
    }
    const outcome = await undoChange(context.house, event, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    const { event: undone, text } = outcome.value;
    return { kind: "done", task: undone.task, text: `#${undone.id} is undone: ${text}` };
  },
  async finish(context, { healing }) {
    if (healing !== undefined) await finishUndoing(context.house, healing, callerOf(context));
  },
});
