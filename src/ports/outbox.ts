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
  readonly tries: number;
}

export interface NoticeRecord {
  readonly id: number;
  readonly kind: NoticeKind;
  readonly task: string | null;
  readonly text: string;
  readonly at: number;
  readonly deliveries: readonly { readonly platform: string; readonly channel: string; readonly state: string }[];
}

/** The transactional outbox: what was written beside a change, sent afterwards, each to its channel exactly once. */
export interface OutboxStore {
  /** Writes a notice that no task's change carries. With `subject`, replaces the text of the live one. */
  post(notice: NewNotice, task: string | null): Promise<void>;
  takeDue(limit: number, leaseMs: number): Promise<readonly Delivery[]>;
  sent(delivery: Delivery, anchor: string): Promise<void>;
  /** `retryMs` null: given up, kept as failed and visible. */
  unsent(delivery: Delivery, error: string, retryMs: number | null): Promise<void>;
  nextDue(): Promise<number | null>;
  notices(filter: {
    readonly kind?: NoticeKind | undefined;
    readonly task?: string | undefined;
    readonly after: number;
    readonly limit: number;
  }): Promise<readonly NoticeRecord[]>;
  /** The task a message is about: the notice whose anchor it is. */
  taskByAnchor(platform: string, channel: string, anchor: string): Promise<string | null>;
}
