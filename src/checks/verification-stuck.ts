import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";
import type { OverdueProof } from "../core/watch-facts.ts";
import { fromFindings } from "./from-findings.ts";

/** A proof that is due for so long is looked at by nobody. */
const UNTAKEN_MS = 10 * 60_000;
const UNANSWERED_MS = 6 * 3_600_000;

/** Work that was handed in and gets no verdict: asked again where nobody asks. */
export const verificationStuck = defineCheck({
  rule: "verification-stuck",
  title: "Verification stuck",
  weight: "loud",
  cleanRuns: 1,
  healing: "verify-again",
  look: (facts, now) => [
    ...fromFindings(facts, ["verifying-stuck"]),
    ...facts.overdueProofs.flatMap((proof) => {
      const why = stuckBecause(proof, now);
      if (why === null) return [];
      const { task, requirement, attachedAt } = proof;
      return [
        {
          key: [task, requirement].join(" "),
          task,
          source: sourceOf({ other: `verifier:${proof.kind}` }),
          detail: `The proof of ${task} for "${requirement}" has no verdict since ${new Date(attachedAt).toISOString()}: ${why}.`,
          data: { requirement, since: attachedAt, checks: proof.checks },
        },
      ];
    }),
  ],
});

function stuckBecause({ kind, dueAt, attachedAt, checks, reason }: OverdueProof, now: number): string | null {
  if (now - dueAt >= UNTAKEN_MS)
    return `it is due since ${new Date(dueAt).toISOString()} and nobody looks at it`;
  // People take the time they take.
  if (kind === "human" || checks === 0 || now - attachedAt < UNANSWERED_MS) return null;
  return `it was looked at ${checks} times without one${reason === null ? "" : ` (${reason})`}`;
}
