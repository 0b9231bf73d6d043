import type { MessageRef } from "../core/message.ts";
import type { Delivery } from "./outbox.ts";

/** What the bot thinks of a message somebody wrote: being looked at, holds, or does not. */
export const REACTIONS = ["⏳", "✅", "❌"] as const;
export type Reaction = (typeof REACTIONS)[number];

/**
 * What a platform's `Trouble` may be coded as, and what the outbox makes of it. Any other code is taken for
 * `unreachable`.
 *
 * - `rate-limited`, `unreachable`: certainly not sent; sent again later, not before `retryAfterMs`.
 * - `locked-out`: the platform does not take this installation's word, its token or its rights: certainly not sent; sent
 *   again later, until a person has mended it, however long that takes.
 * - `doubtful`: it may have been sent: looked up first.
 * - `rejected`: it will never be taken as it is; given up and shown as failed.
 */
export type ChatTroubleCode = "rate-limited" | "unreachable" | "locked-out" | "doubtful" | "rejected";

/**
 * A place where people read notices. One folder under `adapters/chat/` and one line in its `all.ts`. It renders each
 * kind with its own best parts, by an exhaustive switch on `delivery.kind`, and rejects with a `Trouble` alone. An
 * anchor is the platform's id of the message a notice became, unique within its channel.
 *
 * Deliveries of different threads are handed over side by side, those of one thread one after another; how many
 * the platform takes a second is for its adapter to know and to keep.
 */
export interface ChatPlatform {
  /** As in `channels.platform`: `local`, `slack`, `discord`. */
  readonly name: string;
  /** Answers with the anchor. */
  post(delivery: Delivery): Promise<string>;
  /** Makes the message at the anchor say what the delivery says now. Answers with the anchor, a new one where the platform had to post anew. */
  edit(delivery: Delivery & { readonly anchor: string }): Promise<string>;
  /** Posts below a message somebody wrote. Answers with the anchor. */
  reply(to: MessageRef, delivery: Delivery): Promise<string>;
  /** Puts the bot's one reaction on a message, in place of the one it put before. Twice is as good as once. */
  react(to: MessageRef, reaction: Reaction): Promise<void>;
  /**
   * After a doubtful send: the anchor where the message stands already, null where it certainly does not; rejects
   * with `doubtful` where that cannot be told. A platform that posts a delivery twice as one message answers null.
   */
  find(delivery: Delivery): Promise<string | null>;
}
