import type { MessageRef } from "../core/message.ts";
import type { VerdictName } from "../core/proof.ts";

/** A proof that somebody attached by writing a message, as it stands now. */
export interface RepliedProof {
  readonly replyTo: MessageRef;
  readonly task: string;
  readonly requirement: string;
  readonly uri: string;
  readonly verdict: VerdictName;
  readonly reason: string | null;
  /** A later link took its place. */
  readonly superseded: boolean;
  /** Its attempt has ended: nobody will check it any more. */
  readonly over: boolean;
}

/** What chat owes the people who attached proof there. */
export interface ProofReplies {
  /** Every proof of these tasks that came from a message; of many the newest. */
  ofTasks(keys: readonly string[]): Promise<readonly RepliedProof[]>;
  /** Tasks with such a proof that was looked at without a verdict and will be looked at again, by key. */
  waiting(limit: number): Promise<readonly string[]>;
}
