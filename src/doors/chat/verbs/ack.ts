import { z } from "zod";
import {
  acknowledgeContradiction,
  finishAcknowledging,
} from "../../../commands/acknowledge-contradiction.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { contradictionArgument } from "./arguments.ts";

export const ack = defineVerb({
  path: "ack",
  summary: "Say that you look after a contradiction",
  example: '/gate ack 12 "restarting the agent without its model override"',
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    contradiction: contradictionArgument(1),
    note: {
      schema: z.string().trim().min(1).optional(),
      place: "rest",
      shown: "NOTE",
      about: "what you do about it",
      type: "text",
      long: true,
    },
    changed: {
      schema: z.string().trim().min(1).optional(),
      type: "text",
      shown: "WHAT",
      about: "what you changed at its source, where the queue cannot see it",
    },
  },
  async run(context, { contradiction: id, note, changed }) {
    const outcome = await acknowledgeContradiction(context.house, { id, note, changed }, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    const said = changed === undefined ? (note ?? null) : `changed: ${changed}`;
    return {
      kind: "done",
      task: outcome.value.task ?? null,
      text: `${context.speaker.actor} looks after #${id}${said === null ? "." : `: ${said}`}`,
    };
  },
  finish: (context, { contradiction: id, changed }) =>
    finishAcknowledging(context.house, { id, changed }, callerOf(context)),
});
