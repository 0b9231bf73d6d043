import type { Proof, Requirement } from "./proof.ts";
import { HUMAN } from "./proof.ts";
import type { Task } from "./task.ts";

/** What one requirement still lacks. `code` is stable; `detail` is one sentence. */
export interface ProofLack {
  readonly code:
    | "proof-missing"
    | "proof-pending"
    | "proof-failed"
    | "proof-inconclusive"
    | "approval-missing";
  readonly detail: string;
}

/** What stands between a claimed task and done, a requirement each, in the policy's order; empty for all other tasks. */
export function proofLacks({
  task,
  proofs,
}: {
  readonly task: Task;
  readonly proofs: readonly Proof[];
}): readonly ProofLack[] {
  if (task.status !== "offered" && task.status !== "active" && task.status !== "verifying") return [];
  return task.requirements.flatMap((requirement) => {
    const proof = proofs.find((one) => one.requirement === requirement.name);
    return proof?.verdict === "passed" ? [] : [lackOf(requirement, proof)];
  });
}

function lackOf(requirement: Requirement, proof: Proof | undefined): ProofLack {
  const { name, kind } = requirement;
  if (kind === HUMAN) return approvalLack(requirement, proof);
  if (proof === undefined) return { code: "proof-missing", detail: `"${name}" (${kind}) has no proof yet.` };
  if (proof.verdict === "pending") {
    return { code: "proof-pending", detail: `"${name}" (${kind}) is being checked: ${proof.uri}` };
  }
  const reason = proof.reason ?? "no reason was given.";
  return proof.verdict === "failed"
    ? { code: "proof-failed", detail: `"${name}" (${kind}) failed: ${reason}` }
    : {
        code: "proof-inconclusive",
        detail: `"${name}" (${kind}) has no verdict yet and is asked again: ${reason}`,
      };
}

function approvalLack({ name, approvers, role }: Requirement, proof: Proof | undefined): ProofLack {
  const needed = typeof approvers === "number" ? approvers : 1;
  const who = typeof role === "string" ? role : "operator";
  const people =
    needed === 1 ? `the approval of one ${who} or more` : `the approval of ${needed} people (${who} or more)`;
  if (proof === undefined) {
    return {
      code: "approval-missing",
      detail: `"${name}" needs ${people}, once the other proofs are submitted.`,
    };
  }
  const far = proof.verdict === "inconclusive" && proof.reason !== null ? ` ${proof.reason}` : "";
  return { code: "approval-missing", detail: `"${name}" waits for ${people}.${far}` };
}
