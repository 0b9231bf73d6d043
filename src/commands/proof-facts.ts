import type { Proof } from "../core/proof.ts";

/** A proof as attached, and whether its attempt went to verification with it. */
export interface ProofFacts {
  readonly proof: Proof;
  readonly submitted: boolean;
}
