import type { FloorAttempt, FloorLane, HeartbeatData } from "../../../../src/core/floor.ts";
import { line } from "../escape.ts";
import type { Presses } from "./buttons.ts";
import { type Part, rule, text } from "./layout.ts";
import { needsParts } from "./needs.ts";
import { moment } from "./words.ts";

/** What goes on at this moment, whoever is needed first. */
export function heartbeatParts(data: HeartbeatData, presses: Presses): readonly Part[] {
  const { at, needs, counts, lanes, attempts, attemptsTotal, silent, silentTotal } = data;
  const busy = lanes.filter(({ living, runnable }) => living > 0 || runnable > 0);
  return [
    text(0, `### Heartbeat · ${moment(at, "t")}`),
    ...needsParts(needs, counts, presses, 1),
    ...busy.map((lane, index) => text(10 + index, laneLine(lane))),
    rule(10),
    ...working("At work", attempts, attemptsTotal, 20),
    ...working("Silent", silent, silentTotal, 8),
  ];
}

function laneLine({ name, living, capacity, runnable, oldest, pausedReason }: FloorLane): string {
  const since =
    oldest === null ? "" : ` · oldest ${line(oldest.task, 60)} ready ${moment(oldest.readyAt, "R")}`;
  const paused = pausedReason === null ? "" : `\n⏸️ paused: ${line(pausedReason, 120)}`;
  return `**${line(name, 60)}** ${living} of ${capacity} at work · ${runnable} runnable${since}${paused}`;
}

function working(
  title: string,
  attempts: readonly FloorAttempt[],
  total: number,
  rank: number,
): readonly Part[] {
  if (total === 0) return [];
  const more = total - attempts.length;
  const one = ({ attempt, agent, startedAt, lastHeartbeatAt }: FloorAttempt): string =>
    `\`${attempt}\` ${line(agent, 80)} began ${moment(startedAt, "R")}, last beat ${moment(lastHeartbeatAt, "R")}`;
  return [
    text(
      rank,
      `**${title}** · ${total}`,
      ...attempts.slice(0, 8).map(one),
      more > 0 ? `-# and ${more} more` : null,
    ),
  ];
}
