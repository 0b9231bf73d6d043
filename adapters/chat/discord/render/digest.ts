import type { DigestData, Figures } from "../../../../src/core/digest.ts";
import { line } from "../escape.ts";
import type { Presses } from "./buttons.ts";
import { type Part, rule, text } from "./layout.ts";
import { needsParts } from "./needs.ts";
import { counted, moment } from "./words.ts";

const KEYS_MAX = 20;
const REFUSALS_MAX = 8;

/** What one stretch of time came to: integrity first, then movement, then who is needed. */
export function digestParts(data: DigestData, presses: Presses): readonly Part[] {
  const { from, to, figures, before, refusals, completed, rotted, needs, counts, quiet } = data;
  return [
    text(0, `### Digest · ${moment(from, "f")} to ${moment(to, "t")}`),
    text(
      1,
      `✅ **${figures.proved}** proved done${keys(completed, figures.proved)}`,
      `🛡️ **${figures.refused}** refused${why(refusals)}`,
      `⚠️ **${counted(figures.opened, "contradiction")}** opened · ${figures.healed} healed · ${figures.escalated} escalated · ${figures.recurring} recurring`,
      figures.rotted === 0 ? null : `🥀 **${figures.rotted}** rotted${keys(rotted, figures.rotted)}`,
    ),
    text(30, moved(figures, before)),
    rule(2),
    ...needsParts(needs, counts, presses, 2),
    text(3, quiet === true ? `-# Quiet since ${moment(to, "t")}` : null),
  ];
}

function keys(all: readonly string[], total: number): string {
  if (all.length === 0) return "";
  const shown = [...new Set(all)].slice(0, KEYS_MAX);
  return ` · ${shown.map((key) => line(key, 60)).join(", ")}${total > shown.length ? " …" : ""}`;
}

function why(refusals: DigestData["refusals"]): string {
  const shown = refusals
    .slice(0, REFUSALS_MAX)
    .map(({ gate, code, count }) => `${gate} ${line(code, 60)} ${count}`);
  return shown.length === 0 ? "" : `\n-# ${shown.join(" · ")}${refusals.length > shown.length ? " …" : ""}`;
}

function moved({ moved: now }: Figures, { moved: then }: Figures): string {
  const words = Object.entries(now).flatMap(([word, count]) => {
    const earlier = then[word] ?? 0;
    return count === 0 && earlier === 0 ? [] : [`${count} ${line(word, 40)} (${earlier} before)`];
  });
  return `Moved: ${words.length === 0 ? "nothing" : words.join(" · ")}`;
}
