import type { Change } from "../core/change.ts";
import { mayApprove } from "../core/gates/proof-before-done.ts";
import { queueTruth } from "../core/gates/queue-truth.ts";
import type { Outcome, Refusal } from "../core/refusal.ts";
import type { Role } from "../core/role.ts";
import { type Caller, type Changed, changeTask, type HeldFacts, type House, noTask } from "./house.ts";

export interface ApproveTask {
  readonly key: string;
  /** Which requirement; absent where the policy asks people only once. */
  readonly requirement?: string | undefined;
  readonly version?: number | undefined;
  /** What the person may do, as the door knows it. */
  readonly role: Role;
}

/** A person says that the proofs as they stand show the work done. Enough people make the requirement pass. */
export async function approveTask(
  house: House,
  input: ApproveTask,
  caller: Caller,
): Promise<Outcome<Changed>> {
  const facts = await house.queue.task(input.key);
  const given = facts?.attempt == null ? [] : await house.proofWork.approvals(facts.attempt.id, null);
  const accounts = await house.links.accountsOf(caller.actor);
  const approved = given
    .filter(({ person }) => accounts.includes(person))
    .map(({ requirement }) => requirement);
  return changeTask(house, input.key, (now) =>
    now.attempt === null
      ? noTask(input.key)
      : approval({ ...now, attempt: now.attempt }, input, { approved, accounts }, caller),
  );
}

function approval(
  facts: HeldFacts,
  input: ApproveTask,
  person: { readonly approved: readonly string[]; readonly accounts: readonly string[] },
  caller: Caller,
): Change | Refusal {
  const { task, attempt, proofs, createdBy } = facts;
  const stale = queueTruth({ task, basedOn: input.version });
  if (stale) return stale;
  const asked = mayApprove({
    task,
    attempt,
    proofs,
    createdBy,
    ...person,
    ...input,
    person: caller.actor,
  });
  if (!asked.ok) return asked.refusal;
  const { name, proof } = asked.value;
  return {
    task: task.id,
    version: task.version,
    attempt: attempt.number,
    set: {},
    event: {
      kind: "proof.approved",
      actor: caller.actor,
      data: { requirement: name, proofSetHash: attempt.proofSetHash },
      requestId: caller.requestId,
    },
    approval: { requirement: name, proofSetHash: attempt.proofSetHash ?? "", person: caller.actor },
    verify: [proof],
  };
}
