import type { ShownNeed } from "../../../../src/core/need.ts";
import { line } from "../escape.ts";
import { beside, isSnooze, type Presses } from "./buttons.ts";
import { type Part, part, rule, text } from "./layout.ts";
import { moment } from "./words.ts";

/** How many are shown with all that can be done about them; those behind have one button. */
const WHOLE = 2;
const WORDS: Readonly<Record<ShownNeed["kind"], readonly [sign: string, said: string]>> = {
  blocked: ["⛔", "is blocked"],
  contradiction: ["⚠️", "contradicts itself"],
  approval: ["🖋️", "waits for approval"],
  dead: ["💀", "used up its attempts"],
  "stuck-proof": ["⏳", "has a proof without a verdict"],
};

/** Who is needed: the most pressing first, each with what a person can do about it at once. */
export function needsParts(
  needs: readonly ShownNeed[],
  counts: Readonly<Record<string, number>>,
  presses: Presses,
  rank: number,
): readonly Part[] {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  const more = total - needs.length;
  return [
    text(rank, `**Needs you** · ${total}`),
    ...needs.flatMap((need, index) => needParts(need, presses, rank + 1 + index, index < WHOLE)),
    text(rank + 1 + needs.length, more > 0 ? `-# and ${more} more` : null),
    rule(rank),
  ];
}

function needParts(need: ShownNeed, presses: Presses, rank: number, whole: boolean): readonly Part[] {
  const [sign, said] = WORDS[need.kind];
  const about = line(need.task ?? `#${need.id ?? "?"}`, 60);
  const owner = need.owner === null ? "" : ` · for ${line(need.owner, 80)}`;
  const content = `${sign} **${about}** ${said} · ${moment(need.since, "R")}${owner}\n${line(need.detail, 240)}`;
  const buttons = need.buttons.filter((button) => !isSnooze(button));
  const [first] = buttons;
  if (!whole || buttons.length < 2)
    return [part(rank, beside(content, first === undefined ? null : presses.button(first)))];
  return [text(rank, content), ...presses.rows(buttons, 1).map((row) => part(rank, row))];
}
