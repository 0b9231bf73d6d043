import type { Attempt } from "../attempt.ts";
import { FRESH_EVIDENCE_MS, HUMAN, type Proof } from "../proof.ts";
import { done, type Outcome, type Refusal, refuse, refused } from "../refusal.ts";
import { type Role, roleReaches } from "../role.ts";
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
  // An approval does not age: it is bound to the set of proofs, and those are looked at again.
  const stale = proofs.find(
    (proof) => proof.kind !== HUMAN && now - (proof.checkedAt ?? 0) > FRESH_EVIDENCE_MS,
  );
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

/** May the holder submit? Every requirement but people's approval needs a proof that has not already failed. */
export function maySubmit(task: Task, proofs: readonly Proof[]): Refusal | null {
  for (const { name, kind } of task.requirements) {
    if (kind === HUMAN) continue;
    const proof = proofs.find((one) => one.requirement === name);
    if (proof === undefined || proof.verdict === "failed") {
      return lacking(task, proofs, name);
    }
  }
  return null;
}

export interface ApprovalFacts {
  readonly task: Task;
  readonly attempt: Attempt;
  readonly proofs: readonly Proof[];
  readonly createdBy: string;
  /** The requirements this person approved already, for the set as it stands. */
  readonly approved: readonly string[];
  readonly person: string;
  /** All accounts of this person, that one included. */
  readonly accounts: readonly string[];
  readonly role: Role;
  /** Which requirement is meant; absent where there is only one. */
  readonly requirement?: string | undefined;
}

/** May this person approve, and what? Its twin is the trigger `proof_before_done_approval`. */
export function mayApprove(facts: ApprovalFacts): Outcome<{ readonly name: string; readonly proof: number }> {
  const { task, attempt, person, accounts, role } = facts;
  const no = (code: string, field: string, expected: string | readonly string[], got: string, hint: string) =>
    refused(refuse("proof-before-done", code, { field, expected, got, hint }));
  if (task.status !== "verifying" || attempt.endedAt !== null) {
    return no(
      "not-submitted",
      "status",
      "verifying",
      task.status,
      `${task.key} is ${task.status}: there is nothing submitted to approve.`,
    );
  }
  const asked = task.requirements.filter(({ kind }) => kind === HUMAN);
  const named = asked.filter(({ name }) => facts.requirement === undefined || name === facts.requirement);
  const [wanted] = named;
  if (wanted === undefined || named.length > 1) {
    const names = asked.map(({ name }) => name);
    const hint =
      names.length === 0 ? `The policy of ${task.key} asks no person.` : "Say which requirement you approve.";
    return no("requirement-unknown", "requirement", names, facts.requirement ?? "", hint);
  }
  const needed = (wanted["role"] as Role | undefined) ?? "operator";
  if (!person.startsWith("person:") || !roleReaches(role, needed)) {
    return no("approver-role", "role", needed, role, `Approving "${wanted.name}" takes the role ${needed}.`);
  }
  if (
    accounts.includes(facts.createdBy) ||
    facts.proofs.some(({ attachedBy, kind }) => accounts.includes(attachedBy) && kind !== HUMAN)
  ) {
    return no(
      "approver-involved",
      "person",
      "somebody else",
      person,
      "Who asked for the work or brought its proof cannot approve it.",
    );
  }
  const proof = facts.proofs.find(({ requirement }) => requirement === wanted.name);
  if (facts.approved.includes(wanted.name) || proof === undefined || proof.verdict === "passed") {
    return no(
      "already-approved",
      "person",
      "somebody who has not approved yet",
      person,
      `"${wanted.name}" has your approval already.`,
    );
  }
  return done({ name: wanted.name, proof: proof.id });
}
