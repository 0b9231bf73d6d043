import type { Button } from "./button.ts";
import type { Json } from "./json.ts";
import type { VerdictName } from "./proof.ts";

/** What became of the links in a message somebody wrote: told on that very message. */
export type ProofReplyStatus = {
  /** The message, as `messageName` writes it. */
  readonly replyTo: string;
  /** The task, by key. */
  readonly task: string;
  readonly proofs: readonly {
    readonly requirement: string;
    readonly uri: string;
    readonly verdict: VerdictName;
    readonly reason: string | null;
  }[];
  readonly reaction: "⏳" | "✅" | "❌";
  /** The notice's words are needed as well: the reaction alone would leave somebody wondering. */
  readonly say: boolean;
};

/** A proof that has had no answer for so long that a person should look. */
export type ProofUnanswered = {
  readonly task: string;
  /** The proof's id. */
  readonly proof: number;
  readonly requirement: string;
  readonly uri: string;
  readonly reason: string;
  readonly buttons: readonly Button[];
};

/** What the bot says to a message that was no proof, or none yet: below it, on it, or both. */
export type MessageAnswer = {
  readonly replyTo: string;
  readonly reaction: "⏳" | "✅" | "❌" | null;
  readonly say: boolean;
  /** The same as data, as `ports/chat-answer.ts` has it, for platforms that draw it; null where the text is all. */
  readonly answer: Json;
};

/** What a proof-status notice holds. */
export type ProofStatusData = ProofReplyStatus | ProofUnanswered | MessageAnswer;
