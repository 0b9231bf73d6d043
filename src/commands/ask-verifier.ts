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
  try {
    return await verifier.verify(proof, AbortSignal.any([signal, AbortSignal.timeout(VERIFY_MS)]));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { verdict: "inconclusive", reason: `The verifier broke: ${why}` };
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
