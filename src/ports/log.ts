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
  /** The channel it was asked for in, as `slack:C012AB`; absent where it came by no chat. */
  readonly via?: string;
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
  event(id: number): Promise<EventRecord | null>;
  /**
   * Backwards from `before`, newest first: of one task, one actor, or since a moment in milliseconds since 1970 UTC. Looks
   * back so far at a time and no further; `next` is the `before` to go on with, null at the log's beginning.
   */
  recent(filter: {
    readonly before?: number | undefined;
    readonly task?: string | undefined;
    readonly actor?: string | undefined;
    readonly since?: number | undefined;
    readonly limit: number;
  }): Promise<{ readonly events: readonly EventRecord[]; readonly next: number | null }>;
  /** What an earlier request of this id already did; null where it did nothing yet. */
  byRequest(requestId: string): Promise<EventRecord | null>;
}
