import type { ShownNeed } from "../../../../src/core/need.ts";
import { buttonRow, isSnooze, type Origin, snoozeMenu } from "./actions.ts";
import { type Block, context, section } from "./blocks.ts";
import { line } from "./text.ts";

/** What one message has room for; the rest is in `/gate status` and on the page. */
const SHOWN = 10;
const SIGNS: Readonly<Record<ShownNeed["kind"], string>> = {
  blocked: "✋",
  contradiction: "⚠️",
  approval: "🙋",
  dead: "🪦",
  "stuck-proof": "⏳",
};

/** Who is needed: a line and its buttons each. */
export function needBlocks(
  needs: readonly ShownNeed[],
  counts: Readonly<Record<string, number>>,
  origin: Origin | null,
): readonly Block[] {
  if (needs.length === 0) return [];
  const shown = needs.slice(0, SHOWN);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const more = total - shown.length;
  return [
    section(`*Needs you* · ${Math.max(total, shown.length)}`),
    ...shown.flatMap((need) => oneNeed(need, origin)),
    ...context(more > 0 ? `… and ${more} more: \`/gate status\`` : ""),
  ];
}

function oneNeed({ kind, text, buttons, id }: ShownNeed, origin: Origin | null): readonly Block[] {
  const said = section(`${SIGNS[kind]} ${line(text, 800)}`);
  const [menu, others] = withSnoozeMenu(buttons, id);
  return [said, ...buttonRow(others, origin, menu)];
}

/** Where there is a button for four hours of silence, a menu of ends instead. */
export function withSnoozeMenu(
  buttons: ShownNeed["buttons"],
  contradiction: number | null,
): readonly [menu: readonly Block[], others: ShownNeed["buttons"]] {
  if (contradiction === null || !buttons.some(isSnooze)) return [[], buttons];
  return [[snoozeMenu(contradiction)], buttons.filter((one) => !isSnooze(one))];
}
