import type { Requirement, Verdict } from "../core/proof.ts";

/** What a verifier is told. Times are milliseconds since 1970 UTC. */
export interface ProofUnderTest {
  /** From the task's policy, already shaped by this verifier's `parse`; never from the claimant. */
  readonly requirement: Requirement;
  /** The link the claimant attached. */
  readonly uri: string;
  /** When it was attached: what was changed after that is not what somebody vouched for. */
  readonly attachedAt: number;
  readonly task: { readonly key: string; readonly createdBy: string };
  /** The attempt that attached it: evidence from before `claimedAt` proves nothing of this attempt. */
  readonly attempt: { readonly id: string; readonly agent: string; readonly claimedAt: number };
  readonly now: number;
}

/** What is wrong with a requirement's fields: one entry a field. */
export interface RequirementFault {
  readonly field: string;
  readonly expected: string;
  readonly got: unknown;
}

/**
 * One kind of requirement. `verify` never throws for what a claimant can cause: what is not known is `inconclusive`,
 * what is wrong is `failed`, and nothing but `passed` proves. One file under `adapters/proof/` and one line in its `all.ts`.
 */
export interface Verifier {
  readonly kind: string;
  /** Kinds that say something else of the very same thing, so that one link may prove both: a pull request and its checks. */
  readonly beside?: readonly string[];
  /** Faults of a requirement as written in a policy; empty where it may stand. Unknown fields are faults. */
  check(requirement: Requirement): readonly RequirementFault[];
  /** True where a bare link could be meant for this requirement; decides nothing but which one is asked. */
  matches(requirement: Requirement, uri: string): boolean;
  verify(proof: ProofUnderTest, signal: AbortSignal): Promise<Verdict>;
}
