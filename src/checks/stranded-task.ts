import { defineCheck } from "../core/check.ts";

/** Waits, through others, for what was cancelled: nothing on its own row shows that it will never run. */
export const strandedTask = defineCheck({
  rule: "stranded-task",
  title: "Stranded task",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: ({ stranded }) =>
    stranded.map(({ task, cancelled }) => ({
      key: task,
      task,
      source: cancelled,
      detail: `${task} waits, through others, for ${cancelled}, which was cancelled: it will never be pulled.`,
      data: { cancelled },
    })),
});
