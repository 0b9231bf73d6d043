/** Characters that could make a line show something else than it says: controls, and bidirectional overrides. */
const DECEIVING_LINE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/u;
const DECEIVING_TEXT = /(?![\t\n\r])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/**
 * The first character that may not stand in a one-line field, as `U+202E`; null where there is none. Right-to-left
 * scripts and emoji are welcome; what reorders or hides other characters is not.
 */
export function deceivingInLine(text: string): string | null {
  return named(DECEIVING_LINE.exec(text));
}

/** The same for text of several lines, where tabs and line ends are fine. */
export function deceivingInText(text: string): string | null {
  return named(DECEIVING_TEXT.exec(text));
}

function named(match: RegExpExecArray | null): string | null {
  if (match === null) return null;
  return `U+${(match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** What somebody wrote elsewhere, made fit for a one-line field: deceiving characters and line ends become spaces. */
export function tidyLine(text: string): string {
  return text.replace(new RegExp(DECEIVING_LINE.source, "gu"), " ").replace(/ {2,}/g, " ").trim();
}

/** The same for text of several lines. */
export function tidyText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(new RegExp(DECEIVING_TEXT.source, "gu"), " ");
}
