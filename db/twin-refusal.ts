import { GATES, type Gate, type Refusal } from "../src/core/refusal.ts";

const PATTERN = new RegExp(`(${GATES.join("|")}): ([a-z-]+): ([^"\\n]+)`);

/** A trigger's abort, read back as the refusal it is; null where the error is something else. */
export function twinRefusal(error: unknown): Refusal | null {
  const match = PATTERN.exec(error instanceof Error ? error.message : "");
  if (match === null) return null;
  return {
    sort: "refused",
    gate: match[1] as Gate,
    code: match[2] as string,
    hint: `${(match[3] as string).trim()}.`,
  };
}
