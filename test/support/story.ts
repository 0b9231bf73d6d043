// The steps nearly every story of the queue is made of, through the real commands.
import { type AddTask, addTask } from "../../src/commands/add-task.ts";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import type { House } from "../../src/commands/house.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import type { Attempt } from "../../src/core/attempt.ts";
import type { Outcome } from "../../src/core/refusal.ts";
import { describeRefusal } from "../../src/core/refusal.ts";
import { proofPool } from "../../src/jobs/verify-proofs.ts";
import type { TaskFacts } from "../../src/ports/queue.ts";

export const OPERATOR = { actor: "person:test:operator" };
export const ROUTE = { provider: "anthropic", model: "claude-opus-5" };
/** A command that proves itself: the policy's own argv, run by the real verifier. */
export const TRUE_COMMAND = { name: "checks", kind: "command", argv: ["true"] } as const;

/** The value of an outcome that must be well; a refusal fails the test with its own words. */
export function well<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(describeRefusal(outcome.refusal));
  return outcome.value;
}

export async function added(house: House, input: Partial<AddTask> = {}): Promise<string> {
  const task = {
    title: "Cut the clip",
    acceptance: "It plays",
    lane: "builder",
    requirements: [TRUE_COMMAND],
    ...input,
  };
  return well(await addTask(house, task, OPERATOR));
}

export type Held = TaskFacts & { readonly attempt: Attempt };

export async function claimed(house: House, session = "s-1", agent = "ada", lane = "builder"): Promise<Held> {
  const claim = well(await claimTask(house, { lane, agent, session, route: ROUTE }));
  if (!("facts" in claim) || claim.facts.attempt === null)
    throw new Error(`nothing to claim: ${JSON.stringify(claim)}`);
  return { ...claim.facts, attempt: claim.facts.attempt };
}

/** What the holder says with every act. */
export function holder({ attempt }: { readonly attempt: Attempt }) {
  return { attempt: attempt.id, epoch: attempt.epoch, agent: attempt.agent };
}

export async function proved(house: House, held: Held, uri = "command:checks"): Promise<void> {
  const caller = { actor: `agent:${held.attempt.agent}` };
  well(await attachProof(house, { by: "holder", ...holder(held), uri }, caller));
}

export async function submitted(house: House, held: Held): Promise<void> {
  well(await submitAttempt(house, holder(held), { actor: `agent:${held.attempt.agent}` }));
}

/** Runs the verifying job until nothing is due now. */
export async function verified(house: House): Promise<void> {
  const pool = proofPool(house, new AbortController().signal);
  do {
    await pool.run();
    await pool.idle();
  } while ((await house.proofWork.due(1)).length > 0);
}

export async function completed(house: House, session = "s-1"): Promise<string> {
  const held = await claimed(house, session);
  await proved(house, held);
  await submitted(house, held);
  await verified(house);
  return held.task.key;
}
