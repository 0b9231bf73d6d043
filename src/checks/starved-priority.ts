import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

const STARVED_MS = 2 * 3_600_000;
const HIGH = ["P0", "P1"];

/** Something urgent may be pulled for hours while less urgent work of its lane is. */
export const starvedPriority = defineCheck({
  rule: "starved-priority",
  title: "Starved priority",
  weight: "urgent",
  cleanRuns: 1,
  healing: null,
  look: ({ lanes }, now) =>
    lanes.flatMap(({ name, oldest, claims }) =>
      oldest
        .filter(({ priority, readyAt }) => HIGH.includes(priority) && now - readyAt >= STARVED_MS)
        .flatMap(({ priority, task, readyAt }) => {
          const pulled = claims.find((claim) => claim.priority > priority && claim.at > readyAt);
          if (pulled === undefined) return [];
          return [
            {
              key: [name, priority].join(" "),
              task,
              source: sourceOf({ lane: name }),
              detail: `${task} (${priority}) may be pulled since ${new Date(readyAt).toISOString()}, and ${pulled.task} (${pulled.priority}) of the same lane ${name} was pulled instead.`,
              data: { lane: name, since: readyAt, instead: pulled.task },
            },
          ];
        }),
    ),
});
