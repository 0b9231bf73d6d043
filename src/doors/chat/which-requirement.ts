import type { Refusal } from "../../core/refusal.ts";
import type { Answer } from "../../ports/chat-answer.ts";

/**
 * Where a link could prove several requirements people are asked which: a whole line for each, which platforms show as
 * buttons. Null for every other refusal.
 */
export function askWhich(refusal: Refusal, key: string, link: string): Answer | null {
  if (refusal.code !== "requirement-ambiguous" || !Array.isArray(refusal.expected)) return null;
  const names = refusal.expected.filter((name) => typeof name === "string");
  return {
    kind: "misunderstood",
    text: `Several requirements would take this link for ${key}: which one does it prove?`,
    suggestions: names.map((name) => `/gate prove ${key} ${quoted(link)} --requirement ${quoted(name)}`),
    usage: null,
  };
}

function quoted(text: string): string {
  return /[\s"'“”]/u.test(text) ? `"${text.replaceAll('"', String.raw`\"`)}"` : text;
}
