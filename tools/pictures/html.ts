// What both interpreters of chat payloads share: pieces of HTML, and the clock of the story they are shown in.

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as HTML shows it. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/gu, (sign) => ENTITIES[sign] ?? sign);
}

/** One element; `inside` is HTML already. */
export function tag(name: string, classes: string, inside: string): string {
  return `<${name} class="${classes}">${inside}</${name}>`;
}

export interface Rule {
  /** Sticky: it matches where the reader stands. */
  readonly at: RegExp;
  readonly as: (match: RegExpExecArray) => string;
}

/** Reads text from its beginning: the first rule that matches where it stands, or else one character as it is. */
export function read(text: string, rules: readonly Rule[]): string {
  let html = "";
  let from = 0;
  while (from < text.length) {
    const [rule, match] = firstAt(text, from, rules);
    const plain = String.fromCodePoint(text.codePointAt(from) ?? 0);
    html += match === null ? escaped(plain) : rule.as(match);
    from += match === null ? plain.length : match[0].length;
  }
  return html;
}

const NONE: Rule = { at: /(?!)/uy, as: () => "" };

function firstAt(
  text: string,
  from: number,
  rules: readonly Rule[],
): readonly [Rule, RegExpExecArray | null] {
  for (const rule of rules) {
    rule.at.lastIndex = from;
    const match = rule.at.exec(text);
    if (match !== null && match[0] !== "") return [rule, match];
  }
  return [NONE, null];
}

/** `09:41` */
export function timeOf(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** `28 Nov` */
export function dayOf(at: number): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }).format(at);
}

const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** `21 minutes ago`, `in 9 minutes` */
export function spanOf(at: number, now: number): string {
  const [unit, ms] = STEPS.find(([, length]) => Math.abs(at - now) >= length) ?? ["second", 1000];
  return new Intl.RelativeTimeFormat("en").format(Math.round((at - now) / ms), unit);
}
