import { tidyText } from "../../core/text.ts";

/** JSON for the page, in which nothing that people or agents wrote can hide or turn round what stands beside it. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === "string" ? tidyText(part) : part));
}
