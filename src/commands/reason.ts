import { invalid, type Refusal } from "../core/refusal.ts";
import { deceivingInText } from "../core/text.ts";

/** The longest reason, in UTF-16 code units. */
const REASON_MAX = 2000;

/** What somebody says in one or two sentences: present, bounded, and showing what it says. */
export function reasonFault(text: string, field = "reason"): Refusal | null {
  if (text.trim() === "" || text.length > REASON_MAX) {
    return invalid(field, {
      expected: `1 to ${REASON_MAX} characters`,
      got: text.length,
      hint: `Say the ${field} in a sentence.`,
    });
  }
  const character = deceivingInText(text);
  if (character === null) return null;
  return invalid(field, {
    expected: "no control or direction-changing characters",
    got: character,
    hint: `Remove ${character}.`,
  });
}
