import type { Json } from "../core/json.ts";

export interface EventRecord {
  readonly id: number;
  readonly task: string | null;
  readonly version: number | null;
  readonly kind: string;
  readonly actor: string;
  readonly at: number;
  readonly attempt: string | null;
  readonly data: { readonly [field: string]: Json };
  /** It happened in another queue and came with its task's history: on record here, and told nobody again. */
  readonly imported?: true;
}

/** The append-only log, oldest first. */
export interface EventLog {
  events(filter: {
    readonly after: number;
    readonly task?: string | undefined;
    readonly limit: number;
  }): Promise<readonly EventRecord[]>;
  lastEvent(): Promise<number>;
  /** What an earlier request of this id already did; null where it did nothing yet. */
  byRequest(requestId: string): Promise<EventRecord | null>;
}
