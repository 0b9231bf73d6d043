import type { ContradictionData, ContradictionMessage } from "../../../../src/core/contradiction-notice.ts";
import { momentText } from "../../../../src/core/local-time.ts";
import { buttonRow, type Origin } from "./actions.ts";
import { type Block, context, fields, section } from "./blocks.ts";
import { withSnoozeMenu } from "./needs.ts";
import { code, line, lines, moment } from "./text.ts";

const STATES: Readonly<Record<ContradictionMessage["state"], string>> = {
  open: "⚠️ open",
  acknowledged: "👀 looked after",
  snoozed: "🔕 silent",
  escalated: "🔺 escalated",
  healed: "✅ mended",
  resolved: "✅ over",
};

export function contradictionBlocks(
  data: ContradictionData,
  text: string,
  origin: Origin,
  zone: string,
): readonly Block[] {
  // What stands below the message is one sentence: the layout is above it.
  if ("step" in data) return [section(lines(text, 2000))];
  const { id, rule, title, state, detail, source, task, count, openedAt, buttons } = data;
  const at = (time: number): string => moment(time, momentText(time, time, zone));
  const over = state === "healed" || state === "resolved";
  const [menu, others] = withSnoozeMenu(buttons, id);
  return [
    section(
      `${over ? "✅" : state === "escalated" ? "🔺" : "⚠️"} *#${id} ${line(title, 300)}*\n${line(detail, 2400)}`,
    ),
    ...fields([
      ["State", stateWords(data, at)],
      ["Seen", `${count} ${count === 1 ? "time" : "times"} since ${at(openedAt)}`],
      ["Task", task === null ? "" : line(task, 100)],
      ["Comes from", line(source, 300)],
    ]),
    ...buttonRow(others, origin, menu),
    ...context(
      data.remark === null ? "" : line(data.remark, 1000),
      `Rule ${code(rule, 100)}${data.escalated && state !== "escalated" ? " · escalated before" : ""}`,
    ),
  ];
}

function stateWords(data: ContradictionMessage, at: (time: number) => string): string {
  const { state, acknowledgedBy, snoozedUntil } = data;
  const by = state === "acknowledged" && acknowledgedBy !== null ? ` by ${line(acknowledgedBy, 200)}` : "";
  const until = state === "snoozed" && snoozedUntil !== null ? ` until ${at(snoozedUntil)}` : "";
  return `${STATES[state]}${by}${until}`;
}
