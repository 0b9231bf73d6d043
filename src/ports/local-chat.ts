import type { Json } from "../core/json.ts";
import type { NoticeKind } from "../core/notice.ts";

/** A notice; what somebody said; or what the bot answered to it. */
export type LocalMessageKind = NoticeKind | "said" | "answer";

export interface LocalMessage {
  readonly id: number;
  /** Rises with every change of any message: what comes after a reader's last one is what he has not seen. */
  readonly change: number;
  readonly channel: string;
  /** The message it stands below; null in the channel itself. */
  readonly thread: number | null;
  readonly author: string;
  readonly kind: LocalMessageKind;
  readonly task: string | null;
  readonly text: string;
  readonly data: { readonly [field: string]: Json };
  readonly reaction: string | null;
  readonly at: number;
  readonly changedAt: number;
  /** How many messages stand below it. */
  readonly replies: number;
}

export interface NewLocalMessage {
  readonly channel: string;
  readonly thread: number | null;
  readonly author: string;
  readonly kind: LocalMessageKind;
  /** A notice's id: posting it again makes the one message say this instead. */
  readonly notice?: number | undefined;
  readonly task: string | null;
  readonly text: string;
  readonly data: { readonly [field: string]: Json };
  readonly reaction?: string | undefined;
}

/** The messages of the chat that Gatehouse brings along. Ids and changes only rise, also from several processes. */
export interface LocalChatStore {
  /** Answers with the message's id; null where `thread` is no message of the channel that can have any below it. */
  post(message: NewLocalMessage): Promise<number | null>;
  react(channel: string, id: number, reaction: string): Promise<void>;
  message(channel: string, id: number): Promise<LocalMessage | null>;
  /** A message by its id alone, in whatever channel it stands. */
  find(id: number): Promise<LocalMessage | null>;
  /**
   * What a person said, said anew by the same person: `data.editedAt` tells when. With null it is deleted: its text goes,
   * its place stays, `data.deletedAt` tells when. Null where it is not this person's message, or gone already.
   */
  revise(channel: string, id: number, author: string, text: string | null): Promise<LocalMessage | null>;
  /** The newest messages of the channel itself, oldest first; `before` a message's id, for those above it. */
  page(
    channel: string,
    page: { readonly before?: number | undefined; readonly limit: number },
  ): Promise<readonly LocalMessage[]>;
  /** What stands below a message, oldest first; of more than `limit` the newest. */
  thread(channel: string, id: number, limit: number): Promise<readonly LocalMessage[]>;
  /** Messages changed after `after`, threads included, in the order of their last change. */
  changes(channel: string, after: number, limit: number): Promise<readonly LocalMessage[]>;
  lastChange(): Promise<number>;
}
