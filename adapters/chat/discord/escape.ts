import { tidyLine, tidyText } from "../../../src/core/text.ts";

/** What Discord's markdown gives a meaning to anywhere; `<` and `@` begin mentions, emoji, times and links. */
const MEANINGFUL = /[\\*_~`|[\]<@]/gu;
/** What has one at the beginning of a line: headings, small print, lists, quotes. */
const LINE_START = /^(\s*(?:\d+(?=[.)]))?)([-+#>.)])/gmu;
/** Characters nobody sees: fillers, marks of direction, joiners apart from the one emoji are made with, and tags. */
const INVISIBLE =
  /\u034f|[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/gu;
const LINK = /\bhttps?:\/\/[^\s<>"'`|\\]+/giu;
const LINK_END = /[.,;:!?)\]}*_~]+$/u;
/** Two blue circles in a row: the beginning of an announcement that only a completion may make. */
const CLAIM = /\u{1f535}(?=[\ufe0e\ufe0f\s]*\u{1f535})/gu;

/**
 * Words a person or an agent wrote, in one line, so that Discord shows exactly them: no markdown, no mention, no link
 * under a label, nothing hidden, nothing that looks like the announcement of a completion. A web address stays one that
 * can be opened, whole, so that its host is seen. `max`: of the words themselves, in UTF-16 units, which Discord's count of
 * characters never exceeds; escaping may double them.
 */
export function line(words: string, max = 300): string {
  return escaped(short(tidyLine(seen(words)), max));
}

/** The same of several lines. */
export function block(words: string, max = 1000): string {
  return escaped(short(tidyText(seen(words)).trim(), max));
}

/** The same where Discord reads no markdown: a button's label, a select's option, a thread's name. */
export function plain(words: string, max: number): string {
  return short(tidyLine(seen(words)), max);
}

/** Words as code: nothing is read in it, so only the sign that would end it is another. */
export function code(words: string, max = 200): string {
  const shown = plain(words, max).replaceAll("`", "ˋ");
  return shown === "" ? "" : `\`${shown}\``;
}

function seen(words: string): string {
  return words.toWellFormed().replaceAll(INVISIBLE, "").replaceAll(CLAIM, "🔹");
}

/** Cut at a whole character and never inside a web address: half of one would name another host. */
function short(words: string, max: number): string {
  if (words.length <= max) return words;
  let end = max - 1;
  for (const { index, 0: address } of words.matchAll(LINK)) {
    if (index < end && index + address.length > end) end = index;
  }
  return `${words
    .slice(0, end)
    .replace(/(?:[\ud800-\udbff]|\u200d|\ufe0f)+$/u, "")
    .trimEnd()}…`;
}

function escaped(words: string): string {
  let shown = "";
  let from = 0;
  for (const match of words.matchAll(LINK)) {
    const address = match[0].replace(LINK_END, "");
    shown += signs(words.slice(from, match.index)) + link(address);
    from = match.index + address.length;
  }
  return (shown + signs(words.slice(from))).replaceAll(LINE_START, String.raw`$1\$2`);
}

function signs(words: string): string {
  return words.replaceAll(MEANINGFUL, String.raw`\$&`);
}

/** Between angle brackets Discord shows the address itself and makes no preview of it. */
function link(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  // What stands before an @ looks like a host and is none.
  if (url === null || url.username !== "" || url.password !== "")
    return signs(address).replace("://", String.raw`\://`);
  return `<${url.href}>`;
}
