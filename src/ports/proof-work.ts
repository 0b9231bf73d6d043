import type { Proof } from "../core/proof.ts";

/** One proof to be verified, leased to one worker. */
export interface ProofWork {
  readonly proof: Proof;
  readonly taskKey: string;
}

/** A person's word on one requirement, for the proofs that stand submitted. */
export interface Approval {
  readonly requirement: string;
  readonly person: string;
  readonly at: number;
}

/** Verification as durable work: a row that is due, a lease while it runs, retries until a verdict. */
export interface ProofWorkStore {
  /** What is due and leased to nobody, longest due first. */
  due(limit: number): Promise<readonly { readonly id: number; readonly uri: string }[]>;
  /** Leases those for `leaseMs` that nobody else took; a worker that dies gives them back by doing nothing. */
  take(ids: readonly number[], leaseMs: number): Promise<readonly ProofWork[]>;
  /** Work still under way keeps its lease, for `leaseMs` from now. */
  renew(ids: readonly number[], leaseMs: number): Promise<void>;
  /** Ends the lease on work that was called off, so that anybody may take it at once. */
  giveBack(proof: number): Promise<void>;
  /** When the next proof is due, in the database's milliseconds; null where none waits. */
  nextDue(): Promise<number | null>;
  /** An inconclusive finding: kept on the proof, asked again after `retryMs`. No version, no event: nothing was decided. */
  postpone(proof: number, reason: string, retryMs: number): Promise<void>;
  /** The proof's attempt is over or another took its place: nobody asks for its verdict any more. */
  drop(proof: number): Promise<void>;
  /** Approvals of an attempt's present set of proofs, by its id; of one requirement, or of all with null. */
  approvals(attempt: string, requirement: string | null): Promise<readonly Approval[]>;
  /** The other task this evidence already proves, by key; null where it is free. Void attempts hold no evidence. */
  evidenceOwner(evidence: string, besides: number): Promise<string | null>;
}
