import { z } from "zod";
import { assignTask } from "../../../commands/assign-task.ts";
import { personMeant } from "../person.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { laneArgument, personArgument, taskArgument, versionArgument } from "./arguments.ts";

export const assign = defineVerb({
  path: "assign",
  summary: "Give a task to another lane, or the question it is blocked on to a person",
  example: "/gate assign CLIP-12 --owner @ada",
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    task: taskArgument(1, ["blocked", "queued", "draft", "dead"]),
    lane: { ...laneArgument, place: 2, about: "the lane whose agents may pull it from now on" },
    owner: personArgument,
    reason: {
      schema: z.string().trim().min(1).optional(),
      type: "text",
      long: true,
      shown: "REASON",
      about: "why, for the log",
    },
    version: versionArgument,
  },
  async run(context, { task: key, lane: first, owner, reason, version }) {
    // `/gate assign CLIP-12 @ada` says as well who is meant.
    const mentioned = owner === undefined && first !== undefined && /^(?:@|<@|person:)/u.test(first);
    const lane = mentioned ? undefined : first;
    const named = mentioned ? first : owner;
    const person = named === undefined ? undefined : personMeant(context, named);
    const input = { key, version, lane, owner: person, reason };
    const outcome = await assignTask(context.house, input, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    const parts = [
      ...(lane === undefined ? [] : [`is in lane ${lane} now`]),
      ...(person === undefined ? [] : [`asks ${person} now`]),
    ];
    const why = reason === undefined ? "." : `: ${reason}`;
    return { kind: "done", task: key, text: `${key} ${parts.join(" and ")}${why}` };
  },
});
