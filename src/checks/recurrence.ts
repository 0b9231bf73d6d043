import { defineCheck } from "../core/check.ts";
import { partsOf, sourceName } from "../core/source.ts";
import type { Ending, WatchFacts } from "../core/watch-facts.ts";

const DAY_MS = 86_400_000;
const TIMES = 3;

/**
 * What was put right three times in a day and comes from the same source is not put right: the process that makes it is
 * still running. It stands until the source was changed and three clean runs followed.
 */
export const recurrence = defineCheck({
  rule: "recurrence",
  title: "It keeps coming back",
  weight: "urgent",
  cleanRuns: 3,
  escalatesAfterMs: 0,
  healing: null,
  look: (facts, now) =>
    [...Map.groupBy(facts.endings, ({ rule, source }) => recurrenceKey(rule, source))]
      .flatMap(([key, all]) => {
        const standing = facts.recurring.find((one) => recurrenceKey(one.rule, one.source) === key);
        if (standing !== undefined) return [];
        const endings = all.filter(({ at }) => now - at <= DAY_MS);
        return timesOf(endings) < TIMES ? [] : [seen(key, endings)];
      })
      .concat(standingStill(facts)),
});

/** Ten tasks freed in one run are one time: it is how often it came back that counts. */
function timesOf(endings: readonly Ending[]): number {
  return new Set(endings.map(({ at }) => at)).size;
}

function standingStill(facts: WatchFacts) {
  return facts.recurring
    .filter(({ changedAt, seenAt }) => changedAt === null || (seenAt ?? 0) > changedAt)
    .map((one) => {
      const key = recurrenceKey(one.rule, one.source);
      return seen(
        key,
        facts.endings.filter(({ rule, source }) => recurrenceKey(rule, source) === key),
      );
    });
}

export function recurrenceKey(rule: string, source: string): string {
  return `${rule} ${source}`;
}

function seen(key: string, endings: readonly Ending[]) {
  const [rule = "", ...words] = key.split(" ");
  const source = words.join(" ");
  const { agent, lane, other } = partsOf(source);
  const sessions = [...new Set(endings.flatMap(({ session }) => session ?? []))].toSorted();
  const tasks = [...new Set(endings.flatMap(({ task }) => task ?? []))].toSorted();
  const change = [
    ...(agent === undefined ? [] : [`the settings of agent ${agent}`]),
    ...(lane === undefined ? [] : [`lane ${lane}`]),
    ...(other === undefined ? [] : [other]),
  ].join(" or ");
  return {
    key,
    source,
    detail: `${rule} keeps coming back from ${sourceName(source)}: putting it right does not change what makes it. It is left as it is until ${change} was changed and three clean runs followed.`,
    data: {
      of: rule,
      agent: agent ?? null,
      lane: lane ?? null,
      configuration: other ?? null,
      sessions,
      tasks,
      times: timesOf(endings),
    },
  };
}
