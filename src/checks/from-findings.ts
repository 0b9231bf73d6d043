import type { Sighting } from "../core/contradiction.ts";
import { sourceOf } from "../core/source.ts";
import type { RuleName } from "../core/validation.ts";
import type { WatchFacts } from "../core/watch-facts.ts";

/** A check that queue-validate makes already: its findings, as sightings. One rule of a task is one condition. */
export function fromFindings(
  facts: WatchFacts,
  rules: readonly RuleName[],
): readonly Omit<Sighting, "rule">[] {
  return facts.findings
    .filter(({ rule }) => rules.includes(rule))
    .map(({ rule, code, task, lane, detail, fix }) => {
      const holder = facts.attempts.find((attempt) => attempt.task === task);
      return {
        key: [code, task ?? lane ?? "queue"].join(" "),
        ...(task === undefined ? {} : { task }),
        source: sourceOf({
          agent: holder?.agent,
          lane: lane ?? holder?.lane,
          other: holder || lane ? undefined : task,
        }),
        detail,
        data: {
          code,
          finding: rule,
          fix,
          ...(holder === undefined ? {} : { attempt: holder.id, session: holder.session }),
        },
      };
    });
}
