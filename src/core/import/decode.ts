import type { SourceFault } from "./record.ts";

const NEW_LINE = 0x0a;

/**
 * A file's bytes as text. Lines that are not valid UTF-8 are left empty, so that the others keep their numbers, and are
 * named: a replacement character in a title would be one that nobody wrote.
 */
export function decodeLines(bytes: Uint8Array): {
  readonly text: string;
  readonly faults: readonly SourceFault[];
} {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return { text: decoder.decode(bytes), faults: [] };
  } catch {
    // Line by line then: a byte of a line end is never part of another character.
  }
  const lines: string[] = [];
  const faults: SourceFault[] = [];
  for (let start = 0; start <= bytes.length; ) {
    const found = bytes.indexOf(NEW_LINE, start);
    const end = found < 0 ? bytes.length : found;
    try {
      lines.push(decoder.decode(bytes.subarray(start, end)));
    } catch {
      lines.push("");
      const why = "The line is not valid UTF-8: save the file as UTF-8.";
      faults.push({ line: lines.length, field: "line", expected: "UTF-8", got: "other bytes", why });
    }
    start = end + 1;
  }
  return { text: lines.join("\n"), faults };
}
