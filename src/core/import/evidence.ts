import type { ArchivedTask } from "../archive.ts";
import { type Refusal, refuse } from "../refusal.ts";

/**
 * The evidence a task's completions stand on alone: each piece proves one task, unless the requirement says `reuse`. The
 * twin is the trigger `proof_before_done_evidence_born`.
 */
export function evidenceOf({ row, history }: ArchivedTask): readonly string[] {
  const completed = new Set(
    history.attempts.filter(({ outcome }) => outcome === "done").map(({ number }) => number),
  );
  const reused = new Set(row.requirements.filter(({ reuse }) => reuse === true).map(({ name }) => name));
  return history.proofs.flatMap(({ attempt, requirement, superseded, verdict, evidence }) =>
    verdict === "passed" &&
    !superseded &&
    evidence !== null &&
    completed.has(attempt) &&
    !reused.has(requirement)
      ? [evidence]
      : [],
  );
}

/** Why the task's evidence proves something else already; null where it does not. `proving`: keys by evidence. */
export function reusedEvidence(
  task: ArchivedTask,
  ...proving: readonly ReadonlyMap<string, readonly string[]>[]
): Refusal | null {
  const { key } = task.row;
  for (const evidence of evidenceOf(task)) {
    const other = proving.flatMap((known) => known.get(evidence) ?? []).find((one) => one !== key);
    if (other === undefined) continue;
    return refuse("proof-before-done", "evidence-reused", {
      field: "evidence",
      expected: "evidence of its own",
      got: evidence,
      hint: `The same evidence already proves ${other}.`,
    });
  }
  return null;
}
