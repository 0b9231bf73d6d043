import type { DigestData } from "../../../../src/core/digest.ts";
import type { FloorAttempt, HeartbeatData } from "../../../../src/core/floor.ts";
import { momentText } from "../../../../src/core/local-time.ts";
import type { Origin } from "./actions.ts";
import { type Block, context, fields, header, SECTION_MAX, section, table } from "./blocks.ts";
import { fitting } from "./card.ts";
import { needBlocks } from "./needs.ts";
import { code, line, moment } from "./text.ts";

const LANES_SHOWN = 20;

/** `title` is the notice's first line: it holds the hour by the channel's clock. */
export function heartbeatBlocks(
  data: HeartbeatData,
  title: string,
  origin: Origin,
  zone: string,
): readonly Block[] {
  const { at, needs, counts, attempts, attemptsTotal, silent, silentTotal } = data;
  return [
    header(title),
    ...needBlocks(needs, counts, origin),
    ...lanes(data, zone),
    ...atWork("At work", attempts, attemptsTotal, zone),
    ...atWork("Silent", silent, silentTotal, zone),
    ...context(`As of ${moment(at, momentText(at, at, zone))}`),
  ];
}

function lanes({ at, lanes: all }: HeartbeatData, zone: string): readonly Block[] {
  const shown = all.slice(0, LANES_SHOWN);
  if (shown.length === 0) return [];
  const rows = shown.map(({ name, living, capacity, runnable, oldest, pausedReason }) => [
    name,
    `${living} of ${capacity}`,
    String(runnable),
    oldest === null ? "" : `${oldest.task}, ${momentText(oldest.readyAt, at, zone)}`,
    pausedReason === null ? "" : `paused: ${pausedReason}`,
  ]);
  return [
    table(["Lane", "At work", "Runnable", "Oldest waits since", "Note"], rows, [
      "left",
      "right",
      "right",
      "left",
      "left",
    ]),
  ];
}

function atWork(
  title: string,
  attempts: readonly FloorAttempt[],
  total: number,
  zone: string,
): readonly Block[] {
  if (total === 0 && attempts.length === 0) return [];
  const at = (time: number): string => moment(time, momentText(time, time, zone));
  const told = attempts.map(
    ({ attempt, agent, lane, startedAt, lastHeartbeatAt }) =>
      `• ${code(attempt, 100)} ${line(agent, 100)} in ${line(lane, 60)} since ${at(startedAt)}, last beat ${at(lastHeartbeatAt)}`,
  );
  const shown = fitting(told, SECTION_MAX - 200, Math.max(0, total - attempts.length));
  return [section([`*${title}* · ${total}`, ...shown].join("\n"))];
}

const KEYS_SHOWN = 20;
const REFUSALS_SHOWN = 8;

/** `lines`: the notice's text, of which the first names the window and the last, once nothing happens, since when. */
export function digestBlocks(data: DigestData, text: readonly string[], origin: Origin): readonly Block[] {
  const { figures, before, completed, rotted, refusals, needs, counts, quiet } = data;
  const figure = (now: number, then: number): string => `${now} (${then} before)`;
  const keys = (all: readonly string[], count: number): string =>
    all.length === 0
      ? ""
      : `\n${[...new Set(all)]
          .slice(0, KEYS_SHOWN)
          .map((key) => line(key, 60))
          .join(", ")}${count > Math.min(all.length, KEYS_SHOWN) ? " …" : ""}`;
  const why = refusals
    .slice(0, REFUSALS_SHOWN)
    .map(({ gate, code: reason, count }) => `${line(gate, 40)} ${line(reason, 60)} ${count}`)
    .join(", ");
  return [
    header(text[0] ?? "Digest"),
    ...fields([
      ["Proved done", figure(figures.proved, before.proved) + keys(completed, figures.proved)],
      ["Proofs rotted", figure(figures.rotted, before.rotted) + keys(rotted, figures.rotted)],
      ["Refused", figure(figures.refused, before.refused)],
      [
        "Contradictions",
        `${figures.opened} opened, ${figures.healed} healed, ${figures.escalated} escalated, ${figures.recurring} recurring`,
      ],
    ]),
    ...movement(figures.moved, before.moved),
    ...needBlocks(needs, counts, origin),
    ...context(why === "" ? "" : `Refused by ${why}`, quiet === true ? line(text.at(-1) ?? "", 300) : ""),
  ];
}

function movement(
  moved: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): readonly Block[] {
  const rows = Object.entries(moved).flatMap(([word, count]) => {
    const then = before[word] ?? 0;
    return count === 0 && then === 0 ? [] : [[word, String(count), String(then)]];
  });
  return rows.length === 0
    ? [section("Nothing moved.")]
    : [table(["Moved", "Now", "Before"], rows, ["left", "right", "right"])];
}
