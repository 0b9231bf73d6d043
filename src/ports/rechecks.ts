import type { Proof } from "../core/proof.ts";
import type { ProofWork } from "./proof-work.ts";

/** A proof of a completed task, leased to one worker to be looked at once more. */
export interface Recheck extends ProofWork {
  readonly id: number;
  /** How long after done, in milliseconds; 0: the message that attached it was changed. */
  readonly afterMs: number;
  readonly tries: number;
  /** Whose lease it is: what was put back on the list meanwhile is not ended by who looked before. */
  readonly token: string;
  /** The AUTO-COMPLETE notice of that completion, by id; null where it was never announced. */
  readonly announcement: number | null;
}

/** A proof that came from a message, and what became of its attempt. */
export interface MessageProof {
  readonly proof: Proof;
  readonly taskKey: string;
  /** Null while the attempt is open. */
  readonly outcome: string | null;
}

/**
 * What is looked at again after done. The completion itself writes nothing for it: the log is walked behind, with one
 * mark for each delay.
 */
export interface RecheckStore {
  /**
   * Takes the completions of the log whose time has come onto the list and moves the delay's mark, as one batch: a step of
   * bounded size. `untilMs` after done it is too late for this delay. Answers in how many milliseconds there is more to
   * take, 0 where there is already, null where the log ends.
   */
  plan(delay: { readonly afterMs: number; readonly untilMs: number }): Promise<number | null>;
  /** What is due and leased to nobody, longest due first. */
  due(limit: number): Promise<readonly { readonly id: number; readonly uri: string }[]>;
  take(ids: readonly number[], leaseMs: number): Promise<readonly Recheck[]>;
  renew(ids: readonly number[], leaseMs: number): Promise<void>;
  /** Ends the lease on work that was called off. */
  giveBack(work: Recheck): Promise<void>;
  /** When the next is due, in the database's milliseconds; null where none waits. */
  nextDue(): Promise<number | null>;
  /** It still holds: counted on the proof, no version and no event, and off the list. */
  noted(work: Recheck): Promise<void>;
  /** No answer: asked again after `retryMs`, or given up where that is too late for this delay. */
  postpone(work: Recheck, retryMs: number): Promise<void>;
  /** Nobody needs the answer any more. */
  drop(work: Recheck): Promise<void>;
  /** Puts proofs of completed tasks onto the list at once; `untilMs` from now it is given up. */
  again(proofs: readonly number[], untilMs: number): Promise<void>;
  /** The proofs that a message attached and no later link replaced, by the message's name (`platform:channel:id`). */
  ofMessage(message: string): Promise<readonly MessageProof[]>;
}
