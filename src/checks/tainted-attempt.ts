import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

/** Its proof cannot close the task, whatever it shows. */
export const taintedAttempt = defineCheck({
  rule: "tainted-attempt",
  title: "Tainted attempt",
  weight: "urgent",
  cleanRuns: 1,
  healing: null,
  look: ({ routes }) =>
    (routes?.tainted ?? []).map(({ attempt, task, agent, lane, session, reason }) => ({
      key: attempt,
      task,
      source: sourceOf({ agent, lane }),
      detail: `${attempt} (${agent}, session ${session}) is tainted and cannot close ${task}: ${reason}.`,
      data: { attempt, session, agent, reason },
    })),
});
