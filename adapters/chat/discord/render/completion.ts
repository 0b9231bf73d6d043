import { AUTO_COMPLETE, type AutoCompleteData, type CorrectionData } from "../../../../src/core/notice.ts";
import { shortEvidence } from "../../../../src/core/proof.ts";
import { code, line } from "../escape.ts";
import type { Presses } from "./buttons.ts";
import { type Part, part, rule, text } from "./layout.ts";
import { place } from "./words.ts";

const PROOFS_MAX = 12;

/** Begins as nothing else does, by the letter: people and programs look for it. */
export function completionParts(data: AutoCompleteData, presses: Presses): readonly Part[] {
  const { key, title, agent, attempt, proofs, buttons } = data;
  const more = proofs.length - PROOFS_MAX;
  return [
    text(0, `${AUTO_COMPLETE} ${key} ${line(title, 240)}`),
    ...proofs
      .slice(0, PROOFS_MAX)
      .map(({ requirement, evidence }, index) =>
        text(2 + index, `✅ **${line(requirement, 80)}** ${evidencePlace(evidence)}`),
      ),
    text(30, more > 0 ? `-# and ${more} more` : null),
    text(1, `-# by ${line(agent, 80)} · attempt ${line(attempt, 80)}`),
    rule(1),
    ...presses.rows(buttons, 1).map((row) => part(1, row)),
  ];
}

/** Evidence is an identity such as `github-commit:owner/name:SHA`; where it is an address it can be opened. */
function evidencePlace(evidence: string): string {
  return /^https?:/u.test(evidence) ? place(evidence) : code(shortEvidence(evidence), 160);
}

export function correctionParts(data: CorrectionData, presses: Presses): readonly Part[] {
  const { key, title, attempt, requirement, uri, reason, buttons } = data;
  return [
    text(
      0,
      `### ↩️ CORRECTION ${line(key, 60)} ${line(title, 240)}`,
      `It is not done any more: what proved **${line(requirement, 80)}** does not hold.`,
      line(reason, 400),
      "The task is back in the queue.",
    ),
    text(1, `-# ${place(uri)} · attempt ${line(attempt, 80)}`),
    ...presses.rows(buttons, 1).map((row) => part(1, row)),
  ];
}
