import type { Proof } from "../core/proof.ts";

/** One proof to be verified, leased to one worker. */
export interface ProofWork {
  readonly proof: Proof;
  readonly taskKey: string;
}

/** Verification as durable work: a row that is due, a lease while it runs, retries until a verdict. */
export interface ProofWorkStore {
  /** Leases up to `limit` due proofs for `leaseMs`; a worker that dies gives them back by doing nothing. */
  takeDue(limit: number, leaseMs: number): Promise<readonly ProofWork[]>;
  /** When the next proof is due, in the database's milliseconds; null where none waits. */
  nextDue(): Promise<number | null>;
  /** An inconclusive finding: kept on the proof, asked again after `retryMs`. No version, no event: nothing was decided. */
  postpone(proof: number, reason: string, retryMs: number): Promise<void>;
  /** The proof's attempt is over or another took its place: nobody asks for its verdict any more. */
  drop(proof: number): Promise<void>;
  /** The other task this evidence already proves, by key; null where it is free. Void attempts hold no evidence. */
  evidenceOwner(evidence: string, besides: number): Promise<string | null>;
}
