import type { House } from "../commands/house.ts";
import { settleProof } from "../commands/settle-proof.ts";
import type { Verdict } from "../core/proof.ts";
import { backoffMs } from "../core/task.ts";
import type { ProofWork } from "../ports/proof-work.ts";
import type { RunResult } from "./loop.ts";

/** How many proofs are looked at side by side. */
const AT_ONCE = 16;
/** The longest a verifier may take, in milliseconds; the lease on the work outlives it. */
const VERIFY_MS = 660_000;
const LEASE_MARGIN_MS = 30_000;
/** An inconclusive proof is asked again after 1 s, 2 s, 4 s …, or when the verifier said; at most every ten minutes. */
const RETRY_MAX_MS = 600_000;

/**
 * Verifies what is due, side by side, and settles each verdict. A process killed in between loses nothing: the lease
 * on the work lapses and the proof is verified again, and a verdict that comes twice finds the version moved.
 */
export async function verifyProofs(house: House, signal: AbortSignal): Promise<RunResult> {
  const due = await house.proofWork.takeDue(AT_ONCE, VERIFY_MS + LEASE_MARGIN_MS);
  await Promise.all(due.map((work) => verifyOne(house, work, signal)));
  if (due.length === AT_ONCE) return { nextDueMs: 0 };
  const next = await house.proofWork.nextDue();
  return { nextDueMs: next === null ? null : Math.max(0, next - (await house.queue.now())) };
}

async function verifyOne(house: House, work: ProofWork, signal: AbortSignal): Promise<void> {
  const verdict = await judge(house, work, signal);
  if (verdict === null) return;
  if (verdict.verdict === "inconclusive") {
    const retryMs = verdict.retryAfterMs ?? backoffMs(work.proof.checks + 1);
    await house.proofWork.postpone(work.proof.id, verdict.reason, Math.min(retryMs, RETRY_MAX_MS));
    return;
  }
  const outcome = await settleProof(house, work, verdict);
  if (!outcome.ok) {
    // A twin refused what core allowed: it stays due and visible, and is never taken for done.
    await house.proofWork.postpone(
      work.proof.id,
      `${outcome.refusal.gate}: ${outcome.refusal.hint}`,
      RETRY_MAX_MS,
    );
  }
}

/** The verifier's verdict; null where nobody needs it any more. Fails closed: an unknown kind proves nothing. */
async function judge(house: House, work: ProofWork, signal: AbortSignal): Promise<Verdict | null> {
  const { proof, taskKey } = work;
  const facts = await house.queue.attempt(`${taskKey}.${proof.attempt}`);
  const requirement = facts?.task.requirements.find((one) => one.name === proof.requirement);
  if (facts?.attempt == null || facts.attempt.endedAt !== null || requirement === undefined) {
    await house.proofWork.drop(proof.id);
    return null;
  }
  const verifier = house.verifiers.get(requirement.kind);
  if (verifier === undefined) {
    return { verdict: "inconclusive", reason: `No verifier for ${requirement.kind} is configured here.` };
  }
  try {
    return await verifier.verify(
      {
        requirement,
        uri: proof.uri,
        task: { key: taskKey, createdBy: facts.createdBy },
        attempt: { id: facts.attempt.id, agent: facts.attempt.agent, claimedAt: facts.attempt.startedAt },
        now: facts.now,
      },
      AbortSignal.any([signal, AbortSignal.timeout(VERIFY_MS)]),
    );
  } catch (error) {
    return {
      verdict: "inconclusive",
      reason: `The verifier broke: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
