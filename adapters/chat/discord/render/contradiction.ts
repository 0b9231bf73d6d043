import type { ContradictionMessage } from "../../../../src/core/contradiction-notice.ts";
import { line } from "../escape.ts";
import { isSnooze, type Presses } from "./buttons.ts";
import { type Part, part, text } from "./layout.ts";
import { actor, CONTRADICTION_LOOKS, counted, moment } from "./words.ts";

/** One message a contradiction, for as long as it lasts. */
export function contradictionParts(data: ContradictionMessage, presses: Presses): readonly Part[] {
  const { id, title, state, detail, source, task, count, openedAt, buttons } = data;
  const [sign] = CONTRADICTION_LOOKS[state];
  const about = task === null ? "" : ` · ${line(task, 60)}`;
  const silent = buttons.some(isSnooze);
  return [
    text(0, `### ${sign} #${id} ${line(title, 120)}`, line(detail, 600)),
    text(
      2,
      `-# from ${line(source, 120)}${about} · opened ${moment(openedAt, "R")} · seen in ${counted(count, "run")}`,
    ),
    text(0, stateLine(data)),
    ...presses
      .rows(
        buttons.filter((button) => !isSnooze(button)),
        1,
      )
      .map((row) => part(1, row)),
    ...(silent ? [part(1, presses.snooze(id))] : []),
  ];
}

function stateLine({ state, acknowledgedBy, snoozedUntil, remark }: ContradictionMessage): string | null {
  const why = remark === null ? "" : `: ${line(remark, 300)}`;
  switch (state) {
    case "open":
      return null;
    case "acknowledged":
      return `${acknowledgedBy === null ? "Somebody" : actor(acknowledgedBy)} looks after it${why}`;
    case "snoozed":
      return `Silent until ${moment(snoozedUntil ?? 0, "f")}${why}`;
    case "escalated":
      return `**Escalated**${why}`;
    case "healed":
      return `**Mended**${why}`;
    case "resolved":
      return `**Over**${why}`;
  }
}
