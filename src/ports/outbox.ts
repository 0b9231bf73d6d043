import type { Json } from "../core/json.ts";
import type { NewNotice, NoticeKind } from "../core/notice.ts";

/** A notice on its way to one channel. `revision` rises each time its text changes; `anchor` is where it already stands. */
export interface Delivery {
  readonly notice: number;
  readonly channelId: number;
  readonly platform: string;
  readonly channel: string;
  readonly kind: NoticeKind;
  readonly task: string | null;
  readonly text: string;
  readonly data: { readonly [field: string]: Json };
  readonly revision: number;
  readonly anchor: string | null;
  /** Where the notice that `data.under` names stands in this channel: it is posted below that. */
  readonly under?: string | null;
  /** How often it was taken since it last got through, this time included. Fences off a worker that took too long. */
  readonly tries: number;
  /** An earlier try may have got through without anybody knowing: look for the message before sending it again. */
  readonly doubtful: boolean;
  /** When a try that may have got through began at the earliest, this one included: milliseconds since 1970 UTC. */
  readonly triedSince?: number;
  /** For how long it has only failed, in milliseconds: being told to wait is no failure. Absent where it has not. */
  readonly failingMs?: number;
  /** Whom it pings, by the platform's id of a group: only where it tells, for the first time, that something escalated. */
  readonly ping?: string | null;
}

export type DeliveryState = "pending" | "sending" | "sent" | "uncertain" | "failed";

export interface NoticeRecord {
  readonly id: number;
  readonly kind: NoticeKind;
  readonly task: string | null;
  readonly text: string;
  readonly at: number;
  readonly deliveries: readonly {
    readonly platform: string;
    readonly channel: string;
    readonly state: DeliveryState;
    /** Why it is not there yet, or never will be. */
    readonly error: string | null;
  }[];
}

/** A notice that no task's change carries. */
export interface Posting {
  readonly notice: NewNotice;
  /** The task it is about, by key. */
  readonly task: string | null;
  /** Goes to this channel alone, whatever kinds that takes; without it, to every channel that takes its kind. */
  readonly only?: { readonly platform: string; readonly channel: string } | undefined;
}

export interface LastNotice {
  readonly subject: string;
  readonly data: { readonly [field: string]: Json };
}

/** The transactional outbox: what was written beside a change, sent afterwards, each to its channel exactly once. */
export interface OutboxStore {
  /** Writes a notice. With `subject`, replaces the text of the live one; the same text again changes nothing. */
  post(notice: NewNotice, task: string | null, only?: Posting["only"]): Promise<void>;
  /** Of the notices whose subject begins so, the one whose subject sorts last; null where there is none. */
  newest(subjects: string): Promise<LastNotice | null>;
  /** The live notices of exactly these subjects. */
  live(subjects: readonly string[]): Promise<readonly LastNotice[]>;
  /** How far a view of the event log has come: the last event's id it has seen, 0 at the beginning. */
  derivedUpTo(view: string): Promise<number>;
  /**
   * Writes what a view makes of the events after `from`, up to `to`, and moves its mark, as one batch. False, and
   * nothing written, where another process has moved the mark meanwhile.
   */
  derive(view: string, from: number, to: number, postings: readonly Posting[]): Promise<boolean>;
  /** Of these tasks and of those that depend on them, the ones that have a card, by key. */
  carded(keys: readonly string[]): Promise<readonly string[]>;
  /**
   * Leases up to `limit` due deliveries to these platforms for `leaseMs`. Of the notices of one task, none is handed
   * out for a channel before the earlier ones stand there.
   */
  takeDue(platforms: readonly string[], limit: number, leaseMs: number): Promise<readonly Delivery[]>;
  /** `anchor` null where it left no message of its own, such as a reaction. Due again where its text changed meanwhile. */
  sent(delivery: Delivery, anchor: string | null): Promise<void>;
  /** `retryMs` null: given up, kept as failed and visible. `waits`: the platform only said to wait, which is no failure. */
  unsent(delivery: Delivery, error: string, retryMs: number | null, waits?: boolean): Promise<void>;
  /** It may have got through. `retryMs` null: nobody looks for it any more, kept as uncertain and visible. */
  uncertain(delivery: Delivery, error: string, retryMs: number | null, waits?: boolean): Promise<void>;
  /** In how many milliseconds the next delivery to these platforms is due, 0 where one is; null where none waits. */
  dueInMs(platforms: readonly string[]): Promise<number | null>;
  notices(filter: {
    readonly kind?: NoticeKind | undefined;
    readonly task?: string | undefined;
    readonly after: number;
    readonly limit: number;
  }): Promise<readonly NoticeRecord[]>;
  /** Where the cards of tasks that are not over stand on this platform, newest first. */
  cards(
    platform: string,
    limit: number,
  ): Promise<readonly { readonly channel: string; readonly anchor: string; readonly task: string }[]>;
  /** What a notice says now, as data; null where there is none of that id. */
  dataOf(notice: number): Promise<{ readonly [field: string]: Json } | null>;
  /** The task a message is about: the notice whose anchor it is. */
  taskByAnchor(platform: string, channel: string, anchor: string): Promise<string | null>;
  /**
   * Whether anything that was being sent to this channel at that time, in milliseconds since 1970 UTC, still is, or may stand
   * there without anybody knowing: until that is settled a message of the channel's may be one of the bot's.
   */
  unsettledSince(platform: string, channel: string, at: number): Promise<boolean>;
}
