import { defineCheck } from "../core/check.ts";
import { routeName } from "../core/route.ts";
import { sourceOf } from "../core/source.ts";

/** How long an attempt may go on before a call of it must have been seen, in milliseconds. */
const UNSEEN_MS = 15 * 60_000;

/** Its proof cannot close the task, whatever it shows: the lane demands what was seen, and that is another or nothing. */
export const taintedAttempt = defineCheck({
  rule: "tainted-attempt",
  title: "Tainted attempt",
  weight: "urgent",
  cleanRuns: 1,
  healing: null,
  look: ({ routes }, now) =>
    (routes ?? [])
      .filter(
        ({ open, tainted, drifted, startedAt }) =>
          open && tainted && (drifted.length > 0 || now - startedAt >= UNSEEN_MS),
      )
      .map(({ attempt, task, agent, lane, session, required, drifted }) => ({
        key: attempt,
        task,
        source: sourceOf({ agent, lane }),
        detail: `${attempt} (${agent}, session ${session}) cannot close ${task}: lane ${lane} demands calls seen on ${routeName(required)}, and ${drifted.length > 0 ? "some were seen elsewhere" : "none was seen"}.`,
        data: { attempt, session, agent, required: routeName(required), seen: drifted.length > 0 },
      })),
});
