import type { Json } from "./json.ts";
import { clockText, momentText } from "./local-time.ts";
import { type NeedKind, type Needs, needsLines, needsTotal, type ShownNeed, shownNeeds } from "./need.ts";
import type { PlainNotice } from "./notice.ts";
import { tidyLine } from "./text.ts";

/** What goes on at this moment. Lists are cut; the totals beside them are not. Times are milliseconds since 1970 UTC. */
export interface FloorFacts {
  readonly now: number;
  readonly needs: Needs;
  readonly lanes: readonly FloorLane[];
  readonly attempts: readonly FloorAttempt[];
  readonly attemptsTotal: number;
  /** Holders that have missed two beats, their lease still alive. */
  readonly silent: readonly FloorAttempt[];
  readonly silentTotal: number;
}

export type FloorLane = {
  readonly name: string;
  readonly living: number;
  readonly capacity: number;
  readonly runnable: number;
  /** Of the runnable tasks the one that waits longest. */
  readonly oldest: { readonly task: string; readonly readyAt: number } | null;
  readonly pausedReason: string | null;
};

export type FloorAttempt = {
  /** `CLIP-12.2` */
  readonly attempt: string;
  readonly agent: string;
  readonly lane: string;
  readonly startedAt: number;
  readonly lastHeartbeatAt: number;
};

/** What a heartbeat notice holds. */
export type HeartbeatData = {
  /** When it was looked at. */
  readonly at: number;
  /** Tells two quiet hours apart; nothing to show. */
  readonly standing: Json;
  /** Who is needed, the most pressing first, and how many there are of each kind. */
  readonly needs: readonly ShownNeed[];
  readonly counts: Readonly<Record<NeedKind, number>>;
  /** Lanes, attempts and silent agents in words: the text after the needs, a line each. */
  readonly lines: readonly string[];
  readonly lanes: readonly FloorLane[];
  readonly attempts: readonly FloorAttempt[];
  readonly attemptsTotal: number;
  readonly silent: readonly FloorAttempt[];
  readonly silentTotal: number;
};

/** What the live message says after who is needed; null where nothing goes on and nobody is: then nothing is said at all. */
export function floorReport(facts: FloorFacts, zone: string): readonly string[] | null {
  const { now, needs, lanes, attempts, attemptsTotal, silent, silentTotal } = facts;
  const busy = lanes.filter(({ living, runnable }) => living > 0 || runnable > 0);
  if (needsTotal(needs) === 0 && attemptsTotal === 0 && busy.length === 0) return null;
  const lines = busy.map((lane) => laneLine(lane, now, zone));
  const one = (each: FloorAttempt): string =>
    `${each.attempt} ${tidyLine(each.agent)} since ${momentText(each.startedAt, now, zone)}, last beat ${momentText(each.lastHeartbeatAt, now, zone)}`;
  if (attemptsTotal > 0) lines.push(`At work: ${listed(attempts.map(one), attemptsTotal)}`);
  if (silentTotal > 0) lines.push(`Silent: ${listed(silent.map(one), silentTotal)}`);
  return lines;
}

function laneLine(lane: FloorLane, now: number, zone: string): string {
  const { oldest, pausedReason } = lane;
  const since =
    oldest === null ? "" : `, oldest ${oldest.task} since ${momentText(oldest.readyAt, now, zone)}`;
  const paused = pausedReason === null ? "" : `, paused: ${tidyLine(pausedReason)}`;
  return `${lane.name}: ${lane.living} of ${lane.capacity} at work, ${lane.runnable} runnable${since}${paused}`;
}

function listed(texts: readonly string[], total: number): string {
  const more = total - texts.length;
  return `${texts.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/**
 * What must differ before an hour in which nobody works is told again: who waits since when, and how the lanes stand. Not
 * the words: "nobody pulls for 3 h" is no news after "for 2 h".
 */
export function floorStanding({ needs, lanes, silentTotal }: FloorFacts): Json {
  return [
    { ...needs.counts },
    needs.items.map(({ kind, task, id, since }) => [kind, task, id, since]),
    lanes.map(({ name, living, runnable, pausedReason }) => [name, living, runnable, pausedReason]),
    silentTotal,
  ];
}

/** The live message of one channel and hour. `channel` is `platform:name`, `hour` when it began there. */
export function heartbeatNotice(
  facts: FloorFacts,
  lines: readonly string[],
  where: { readonly channel: string; readonly hour: number; readonly zone: string },
): PlainNotice<"heartbeat", HeartbeatData> {
  const { now, lanes, attempts, silent } = facts;
  const needs = shownNeeds(facts.needs, now, where.zone);
  return {
    kind: "heartbeat",
    subject: `${heartbeatSubjects(where.channel)}${new Date(where.hour).toISOString()}`,
    text: [
      `Heartbeat ${clockText(now, where.zone)}`,
      ...needsLines(facts.needs.counts, needs),
      ...lines,
    ].join("\n"),
    data: {
      at: now,
      standing: floorStanding(facts),
      needs,
      counts: { ...facts.needs.counts },
      lines: [...lines],
      lanes: lanes.map((lane) => ({ ...lane })),
      attempts: attempts.map((each) => ({ ...each })),
      attemptsTotal: facts.attemptsTotal,
      silent: silent.map((each) => ({ ...each })),
      silentTotal: facts.silentTotal,
    },
  };
}

/** What the subjects of one channel's live messages begin with; their hours sort as they follow each other. */
export function heartbeatSubjects(channel: string): string {
  return `heartbeat:${channel}:`;
}
