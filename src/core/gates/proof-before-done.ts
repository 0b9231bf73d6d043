import type { Attempt } from "../attempt.ts";
import { FRESH_EVIDENCE_MS, type Proof } from "../proof.ts";
import { type Refusal, refuse } from "../refusal.ts";
import type { Task } from "../task.ts";

export interface DoneFacts {
  readonly task: Task;
  readonly attempt: Attempt;
  /** The current proofs of that attempt, one at most a requirement. */
  readonly proofs: readonly Proof[];
  /** The hash of those proofs now, to be compared with the one taken at submit. */
  readonly proofSetHash: string;
}

/** What a requirement still lacks, in plain words; null where it passed. */
export function lacking(task: Task, proofs: readonly Proof[], name: string): Refusal | null {
  const requirement = task.requirements.find((one) => one.name === name);
  const proof = proofs.find((one) => one.requirement === name);
  if (requirement === undefined || proof === undefined) {
    return refuse("proof-before-done", "proof-missing", {
      field: name,
      expected: requirement?.kind ?? "a requirement of the policy",
      got: null,
      hint: `Attach a proof for "${name}" to this attempt.`,
    });
  }
  if (proof.kind !== requirement.kind) {
    return refuse("proof-before-done", "proof-kind", {
      field: name,
      expected: requirement.kind,
      got: proof.kind,
      hint: `The proof for "${name}" is of another kind than the policy asks.`,
    });
  }
  if (proof.verdict !== "passed") {
    return refuse("proof-before-done", `proof-${proof.verdict}`, {
      field: name,
      expected: "passed",
      got: proof.verdict,
      hint: proof.reason ?? `The proof for "${name}" has not been checked yet.`,
    });
  }
  return null;
}

/**
 * The gate proof-before-done: has every requirement of the policy a passed proof of this attempt? Its twin is the
 * trigger `proof_before_done`. Freshness is asked here alone: the store's clock is not the provider's.
 */
export function proofBeforeDone(facts: DoneFacts, now: number): Refusal | null {
  const { task, attempt, proofs } = facts;
  if (task.requirements.length === 0) {
    return refuse("proof-before-done", "policy-empty", {
      field: "policy",
      expected: "at least one requirement",
      got: 0,
      hint: `${task.key} has nothing that could prove it; give it a requirement.`,
    });
  }
  if (task.status !== "verifying" || attempt.endedAt !== null || attempt.epoch !== task.epoch) {
    return refuse("proof-before-done", "not-submitted", {
      field: "status",
      expected: "verifying, on the open attempt",
      got: attempt.outcome ?? task.status,
      hint: `Only a submitted attempt can complete ${task.key}.`,
    });
  }
  if (attempt.policyHash !== task.policyHash || attempt.proofSetHash !== facts.proofSetHash) {
    const changed = attempt.policyHash !== task.policyHash ? "policy" : "proofs";
    return refuse("proof-before-done", `${changed}-changed`, {
      field: changed,
      expected: changed === "policy" ? attempt.policyHash : attempt.proofSetHash,
      got: changed === "policy" ? task.policyHash : facts.proofSetHash,
      hint: "What was submitted is not what stands now; submit again.",
    });
  }
  for (const { name } of task.requirements) {
    const lack = lacking(task, proofs, name);
    if (lack) return lack;
  }
  const stale = proofs.find((proof) => now - (proof.checkedAt ?? 0) > FRESH_EVIDENCE_MS);
  if (stale !== undefined) {
    return refuse("proof-before-done", "evidence-old", {
      field: stale.requirement,
      expected: `checked within ${FRESH_EVIDENCE_MS / 1000} s`,
      got: stale.checkedAt,
      hint: `The proof for "${stale.requirement}" is checked again first.`,
    });
  }
  return null;
}

/** May the holder submit? Every requirement needs a proof that has not already failed. */
export function maySubmit(task: Task, proofs: readonly Proof[]): Refusal | null {
  for (const { name } of task.requirements) {
    const proof = proofs.find((one) => one.requirement === name);
    if (proof === undefined || proof.verdict === "failed") {
      return lacking(task, proofs, name);
    }
  }
  return null;
}
