import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

/** An agent that works by the hour pulls by the hour: only a lane that misses two is left alone. */
const IDLE_MS = 2 * 3_600_000;

/** Work that may be pulled, an open lane, and nobody there. */
export const idleLane = defineCheck({
  rule: "idle-lane",
  title: "Runnable work and an idle lane",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: ({ lanes }, now) =>
    lanes.flatMap(({ name, capacity, pausedReason, livingLeases, oldest, lastClaimAt }) => {
      const waits = oldest.toSorted((a, b) => a.readyAt - b.readyAt)[0];
      if (waits === undefined || pausedReason !== null || livingLeases > 0 || capacity === 0) return [];
      const idleSince = Math.max(waits.readyAt, lastClaimAt ?? 0);
      if (now - idleSince < IDLE_MS) return [];
      return [
        {
          key: name,
          source: sourceOf({ lane: name }),
          detail: `Lane ${name} has work that may be pulled, ${waits.task} since ${new Date(waits.readyAt).toISOString()}, and nobody has pulled for ${Math.floor((now - idleSince) / 3_600_000)} h.`,
          data: { lane: name, task: waits.task, since: idleSince },
        },
      ];
    }),
});
