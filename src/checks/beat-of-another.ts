import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

const ROUTE = /^route\./u;

/** Beats that named another task, lane, session, attempt or epoch than the holder's, or a past attempt. */
export const beatOfAnother = defineCheck({
  rule: "beat-of-another",
  title: "Beat of another",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  returns: true,
  look: ({ refusedBeats }) =>
    refusedBeats
      .filter(({ field, code }) => !ROUTE.test(field) && !code.startsWith("session-"))
      .map(({ agent, task, lane, code, field, expected, got, count, firstAt }) => ({
        key: [agent, task ?? "-", code, field].join(" "),
        ...(task === null ? {} : { task }),
        source: sourceOf({ agent, lane: lane ?? undefined }),
        detail:
          code === "mismatch"
            ? `${agent} beats for ${task ?? "an attempt"} with another ${field} than its holder's: expected ${expected}, got ${got}. All of it was refused.`
            : `${agent} still beats for a past attempt at ${task ?? "a task"} (${code}: ${got}). All of it was refused.`,
        data: { field, expected, got, refused: count, since: firstAt, agent },
      })),
});
