import { changeAgent } from "../../../commands/change-agent.ts";
import { resumeLane } from "../../../commands/pause-lane.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { workerMeant } from "../worker.ts";
import { workerArgument } from "./arguments.ts";

export const resume = defineVerb({
  path: "resume",
  summary: "Let a paused lane, or a paused agent, pull again",
  example: "/gate resume builder",
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: { name: workerArgument },
  async run(context, { name: typed }) {
    const meant = await workerMeant(context.house, typed);
    if (!meant.ok) return { kind: "refused", refusal: meant.refusal };
    const { kind, name } = meant.value;
    const outcome =
      kind === "lane"
        ? await resumeLane(context.house, name, callerOf(context))
        : await changeAgent(context.house, { name, change: "resume" }, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    const text = kind === "lane" ? `Lane ${name} is open.` : `Agent ${name} may pull again.`;
    return { kind: "done", task: null, text };
  },
});
