import { recentValidation } from "../../../commands/validate-queue.ts";
import { defineVerb } from "../verb.ts";

/** As many as people read in a chat; the command line lists them all. */
const SHOWN = 20;

export const validate = defineVerb({
  path: "validate",
  summary: "Check the whole queue against every rule, and say what to mend",
  example: "/gate validate",
  role: "viewer",
  changes: false,
  visibility: "caller",
  answers: "later",
  arguments: {},
  async run({ house }) {
    const { valid, checkedAt, tasks, findings, omitted } = await recentValidation(house);
    const unlisted = omitted.reduce((sum, { suspects }) => sum + suspects, 0);
    return {
      kind: "findings",
      valid,
      checkedAt,
      tasks,
      findings: findings.slice(0, SHOWN),
      more: Math.max(0, findings.length - SHOWN) + unlisted,
    };
  },
});
