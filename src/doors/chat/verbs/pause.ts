import { changeAgent } from "../../../commands/change-agent.ts";
import { pauseLane } from "../../../commands/pause-lane.ts";
import { pausing } from "../impact.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { workerMeant } from "../worker.ts";
import { reasonArgument, workerArgument } from "./arguments.ts";

export const pause = defineVerb({
  path: "pause",
  summary: "Let nothing more be pulled from a lane, or by an agent; what is worked on goes on",
  example: "/gate pause builder the render farm is down",
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    name: workerArgument,
    reason: reasonArgument("why; whoever asks for work in a paused lane is told"),
  },
  async confirm({ house }, { name }) {
    const meant = await workerMeant(house, name);
    return meant.ok ? pausing(house, meant.value) : null;
  },
  async run(context, { name: typed, reason }) {
    const meant = await workerMeant(context.house, typed);
    if (!meant.ok) return { kind: "refused", refusal: meant.refusal };
    const { kind, name } = meant.value;
    const outcome =
      kind === "lane"
        ? await pauseLane(context.house, { name, reason }, callerOf(context))
        : await changeAgent(context.house, { name, change: "pause", reason }, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    return {
      kind: "done",
      task: null,
      text: `${kind === "lane" ? "Lane" : "Agent"} ${name} is paused: ${reason}`,
    };
  },
});
