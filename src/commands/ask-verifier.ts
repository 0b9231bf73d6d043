import type { Proof, Verdict } from "../core/proof.ts";
import type { TaskFacts } from "../ports/queue.ts";
import type { ProofUnderTest } from "../ports/verifier.ts";
import type { House } from "./house.ts";

/** The longest a verifier may take, in milliseconds: the longest a command may, and a little. */
const VERIFY_MS = 660_000;

/** The verdict of the verifier of this kind. Fails closed: an unknown kind and a verifier that breaks prove nothing. */
export async function askVerifier(
  house: Pick<House, "verifiers">,
  proof: ProofUnderTest,
  signal: AbortSignal,
): Promise<Verdict> {
  const { kind } = proof.requirement;
  const verifier = house.verifiers.get(kind);
  if (verifier === undefined) {
    return { verdict: "inconclusive", reason: `No verifier for ${kind} is configured here.` };
  }
  // By hand: `AbortSignal.any` and `timeout` cost more, and each proof would leave its timer behind for all those minutes.
  const over = new AbortController();
  const end = (): void => over.abort();
  const late = setTimeout(end, VERIFY_MS).unref();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    return await verifier.verify(proof, over.signal);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { verdict: "inconclusive", reason: `The verifier broke: ${why}` };
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", end);
  }
}

/** What the verifier is told of a proof that stands; null where the policy asks for nothing of that name. */
export function underTest({ task, attempt, createdBy, now }: TaskFacts, proof: Proof): ProofUnderTest | null {
  const requirement = task.requirements.find(({ name }) => name === proof.requirement);
  if (requirement === undefined || attempt === null) return null;
  return {
    requirement,
    uri: proof.uri,
    attachedAt: proof.attachedAt,
    task: { key: task.key, createdBy },
    attempt: { id: attempt.id, agent: attempt.agent, claimedAt: attempt.startedAt },
    now,
  };
}
