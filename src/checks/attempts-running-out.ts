import { defineCheck } from "../core/check.ts";

/** One more, and it is a dead letter: somebody may want to look before. */
export const attemptsRunningOut = defineCheck({
  rule: "attempts-running-out",
  title: "Attempts running out",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: ({ worn }) =>
    worn.flatMap(({ task, status, failures, maxAttempts, lapses, maxLapses }) => {
      if (["done", "cancelled", "dead"].includes(status)) return [];
      const failing = failures > 0 && failures === maxAttempts - 1;
      const lapsing = lapses > 0 && lapses === maxLapses - 1;
      if (!failing && !lapsing) return [];
      const spent = failing
        ? `${failures} of ${maxAttempts} attempts failed`
        : `${lapses} of ${maxLapses} leases lapsed`;
      return [
        {
          key: task,
          task,
          source: task,
          detail: `${task}: ${spent}. The next one makes it a dead letter.`,
          data: { failures, maxAttempts, lapses, maxLapses },
        },
      ];
    }),
});
