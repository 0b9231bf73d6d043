import { defineCheck } from "../core/check.ts";

/** What was proved does not hold any more; it stands until the task is done again or given up. */
export const proofRotted = defineCheck({
  rule: "proof-rotted",
  title: "Proof rotted",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: ({ rotted }) =>
    rotted.map(({ task, at, reason }) => ({
      key: task,
      task,
      source: task,
      detail: `${task} was done, and its proof does not hold any more: ${reason}`,
      data: { since: at },
    })),
});
