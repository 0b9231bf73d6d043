import { snoozeContradiction } from "../../../commands/snooze-contradiction.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { contradictionArgument, durationArgument } from "./arguments.ts";

export const snooze = defineVerb({
  path: "snooze",
  summary: "Hear nothing of a contradiction for a while, at most a week",
  example: "/gate snooze 12 4h",
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    contradiction: contradictionArgument(1),
    for: durationArgument(2),
  },
  async run(context, { contradiction: id, for: forMs }) {
    const outcome = await snoozeContradiction(context.house, { id, forMs }, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    const until = new Date(outcome.value.snoozedUntil ?? 0).toISOString();
    return { kind: "done", task: outcome.value.task ?? null, text: `#${id} is silent until ${until}.` };
  },
});
