import { AUTO_COMPLETE } from "../../../../src/core/notice.ts";
import { tidyLine, tidyText } from "../../../../src/core/text.ts";

/**
 * What agents and people wrote, made fit for Slack: nothing in it mentions anybody, links anywhere under a false name,
 * turns the reading direction, or looks like the announcement of a completion. Every function here keeps to `max`
 * characters as Slack counts them, after escaping, and never cuts a character or an entity in two.
 */

/** Only announcements wear these: anywhere else they become plain circles. */
const CIRCLES = /🔵|:(?:large_)?blue_circle:/giu;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function harmless(text: string): string {
  return text.replace(CIRCLES, "⚪");
}

/** Cut to `max` characters with a mark where something is missing. */
function cut(text: string, max: number, width: (character: string) => string): string {
  // A character takes two places at most; what lies further out cannot be shown.
  const pieces = Array.from(text.slice(0, 2 * max + 2), width);
  let length = 0;
  for (const [index, piece] of pieces.entries()) {
    length += piece.length;
    if (length <= max) continue;
    let kept = pieces.slice(0, index);
    while (kept.length > 0 && kept.join("").length > max - 1) kept = kept.slice(0, -1);
    return `${kept.join("").trimEnd()}…`;
  }
  return pieces.join("");
}

const escaped = (character: string): string => ENTITIES[character] ?? character;
const asItIs = (character: string): string => character;

/** One line for mrkdwn. */
export function line(text: string, max: number): string {
  return cut(harmless(tidyLine(text)), max, escaped);
}

/** Several lines for mrkdwn. */
export function lines(text: string, max: number): string {
  return cut(harmless(tidyText(text)).trim(), max, escaped);
}

/** One line of plain text, where Slack reads no entities: headers, buttons, options. */
export function plain(text: string, max: number): string {
  return cut(harmless(tidyLine(text)), max, asItIs);
}

/** Between backticks, which end at the first backtick within. */
export function code(text: string, max: number): string {
  const words = line(text.replaceAll("`", "'"), max - 2);
  return words === "" ? "" : `\`${words}\``;
}

/** The announcement's own words, and whatever follows them made harmless. */
export function announced(text: string, max: number): string {
  const rest = text.startsWith(AUTO_COMPLETE) ? text.slice(AUTO_COMPLETE.length) : ` ${text}`;
  return `${AUTO_COMPLETE}${lines(`.${rest}`, max - AUTO_COMPLETE.length + 1).slice(1)}`;
}

/**
 * A proof's link: what can be opened is a link that shows its own host and never a name somebody chose; anything else is
 * shown as it is written.
 */
export function link(uri: string, max: number): string {
  const url = /^https?:\/\//i.test(uri) && URL.canParse(uri) ? new URL(uri) : null;
  if (url === null || url.username !== "" || url.password !== "") return code(uri, max);
  // Neither a bar nor an angle may stand in the address: they would end it.
  const address = url.href
    .replaceAll("|", "%7C")
    .replaceAll("<", "%3C")
    .replaceAll(">", "%3E")
    .replaceAll("&", "&amp;");
  const shown = line(`${url.host}${url.pathname === "/" ? "" : url.pathname}`, 80).replaceAll("|", "¦");
  const whole = `<${address}|${shown}>`;
  return whole.length <= max ? whole : code(`${url.host}/…`, max);
}

/** A moment by the reader's own clock; `fallback` where a client cannot tell it. */
export function moment(at: number, fallback: string): string {
  return `<!date^${Math.floor(at / 1000)}^{date_short_pretty} {time}|${line(fallback, 60).replaceAll("|", "¦")}>`;
}
