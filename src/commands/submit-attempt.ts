import type { Change } from "../core/change.ts";
import { holderTrust, routeTrust } from "../core/gates/heartbeat-trust.ts";
import { maySubmit } from "../core/gates/proof-before-done.ts";
import { queueTruth } from "../core/gates/queue-truth.ts";
import { FRESH_EVIDENCE_MS, HUMAN, type Proof, proofSetText } from "../core/proof.ts";
import type { Outcome, Refusal } from "../core/refusal.ts";
import type { Task } from "../core/task.ts";
import type { Committed } from "../ports/queue.ts";
import { type Caller, changeAttempt, type HeldFacts, type House } from "./house.ts";

export interface SubmitAttempt {
  readonly attempt: string;
  readonly epoch: number;
  readonly agent: string;
}

/** The holder says it is finished: from here on only the verdicts count. */
export function submitAttempt(
  house: House,
  input: SubmitAttempt,
  caller: Caller,
): Promise<Outcome<Committed>> {
  const decide = (facts: HeldFacts) => {
    const { attempt, task, now } = facts;
    const barred = holderTrust({ agent: input.agent, epoch: input.epoch, attempt, task }, now);
    return barred ?? submission(house, facts, caller);
  };
  return changeAttempt(house, input.attempt, decide, "justSeen");
}

/** active → verifying, with the proofs that are to be checked (again). */
export function submission(house: House, facts: HeldFacts, caller: Caller): Change | Refusal {
  const { task, attempt, proofs, now } = facts;
  const barred = queueTruth({ task, to: "verifying" }) ?? routeTrust(facts) ?? maySubmit(task, proofs);
  if (barred) return barred;
  return {
    task: task.id,
    version: task.version,
    attempt: attempt.number,
    lease: "living",
    set: { status: "verifying" },
    event: {
      kind: "task.submitted",
      actor: caller.actor,
      data: { proofs: proofs.map((proof) => proof.requirement) },
      requestId: caller.requestId,
    },
    proofSetHash: house.identity.sha256(proofSetText(proofs)),
    ...peopleToAsk(task, proofs),
    verify: toVerify(proofs, now),
  };
}

/** People's approval has no link: its proof stands from the submission on, and waits for them. */
function peopleToAsk(task: Task, proofs: readonly Proof[]): Pick<Change, "addProofs"> {
  const asked = task.requirements.filter(({ kind }) => kind === HUMAN);
  if (asked.length === 0) return {};
  return {
    addProofs: asked.map(({ name }) => ({
      requirement: name,
      kind: HUMAN,
      uri: `human:${name}`,
      supersedes: proofs.find((proof) => proof.requirement === name)?.id ?? null,
    })),
  };
}

/**
 * What has a verdict that is not fresh is looked at again; what has none yet is due already. One at least is due, so
 * that somebody settles the task.
 */
function toVerify(all: readonly Proof[], now: number): readonly number[] {
  const proofs = all.filter(({ kind }) => kind !== HUMAN);
  const judged = proofs.filter(({ verdict }) => verdict === "passed" || verdict === "failed");
  const old = judged.filter(
    (proof) => proof.verdict !== "passed" || now - (proof.checkedAt ?? 0) > FRESH_EVIDENCE_MS / 2,
  );
  const settles = old.length > 0 || judged.length < proofs.length;
  return (settles ? old : judged.slice(0, 1)).map((proof) => proof.id);
}
