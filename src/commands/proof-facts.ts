import type { Proof } from "../core/proof.ts";

/** A proof as attached, and whether its attempt went to verification with it. */
export interface ProofFacts {
  readonly proof: Proof;
  /** The proofs of other requirements that the same link was attached to. */
  readonly others: readonly Proof[];
  readonly submitted: boolean;
}
