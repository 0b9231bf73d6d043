import { defineCheck } from "../core/check.ts";
import { RECURRENCE } from "../core/contradiction.ts";
import { partsOf, sourceName, WHOLE_QUEUE } from "../core/source.ts";
import type { Ending } from "../core/watch-facts.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TIMES = 3;

/**
 * What was put right three times in a day and comes from the same source is not put right: the process that makes it is
 * still running. It stands until the source was changed and three clean runs followed. What only follows from the state
 * of the queue has no source that could be changed: what makes that state is counted.
 */
export const recurrence = defineCheck({
  rule: RECURRENCE,
  title: "It keeps coming back",
  weight: "urgent",
  cleanRuns: 3,
  escalatesAfterMs: 0,
  healing: null,
  look: ({ endings, recurring }, now) => {
    const lately = Map.groupBy(
      endings.filter(({ at, source }) => now - at <= DAY_MS && source !== WHOLE_QUEUE),
      ({ rule, source }) => recurrenceKey(rule, source),
    );
    const standing = new Set(recurring.map(({ rule, source }) => recurrenceKey(rule, source)));
    const risen = [...lately].filter(([key, of]) => !standing.has(key) && timesOf(of) >= TIMES);
    // After its source was changed only what came since counts, and each time once: then the clean runs begin anew.
    const staying = recurring.filter(
      ({ changedAt, seenAt, lastSeenAt }) => changedAt === null || seenAt > Math.max(changedAt, lastSeenAt),
    );
    return [
      ...risen.map(([key, of]) => seen(key, evidence(of))),
      ...staying.map((one) => {
        const key = recurrenceKey(one.rule, one.source);
        return seen(key, joined(one, evidence(lately.get(key) ?? [])));
      }),
    ];
  },
});

/** Ten tasks freed within the hour are one time: it is how often it came back that counts. */
function timesOf(endings: readonly Ending[]): number {
  return new Set(endings.map(({ at }) => Math.floor(at / HOUR_MS))).size;
}

export function recurrenceKey(rule: string, source: string): string {
  return `${rule} ${source}`;
}

interface Evidence {
  readonly times: number;
  readonly sessions: readonly string[];
  readonly tasks: readonly string[];
}

function evidence(endings: readonly Ending[]): Evidence {
  return {
    times: timesOf(endings),
    sessions: sorted(endings.flatMap(({ session }) => session ?? [])),
    tasks: sorted(endings.flatMap(({ task }) => task ?? [])),
  };
}

/** What it was found by stays on its record when the day is over. */
function joined(before: Evidence, now: Evidence): Evidence {
  return {
    times: Math.max(before.times, now.times),
    sessions: sorted([...before.sessions, ...now.sessions]),
    tasks: sorted([...before.tasks, ...now.tasks]),
  };
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted();
}

function seen(key: string, { times, sessions, tasks }: Evidence) {
  const [rule = "", ...words] = key.split(" ");
  const source = words.join(" ");
  const { agent, lane, other } = partsOf(source);
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
      times,
    },
  };
}
