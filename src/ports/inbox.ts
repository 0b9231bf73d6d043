import type { Json } from "../core/json.ts";

/** Code of a Trouble: only another process can finish this; `retryAfterMs` says how long that one is to be left to it. */
export const ELSEWHERE = "elsewhere";

/** Something a chat platform handed over, as it came. */
export interface Arrival {
  readonly platform: string;
  /**
   * The platform's own name of what happened, unique within it. Of a message its id (`message:CHANNEL:ID`), so that one
   * that is read back after a restart is the one that was heard before.
   */
  readonly event: string;
  /** Arrivals of one thread are handled one after another, in the order they came; null: whenever there is room. */
  readonly thread: string | null;
  readonly payload: Json;
}

export interface InboxEntry extends Arrival {
  readonly id: number;
  /** Milliseconds since 1970 UTC, by the database's clock. */
  readonly receivedAt: number;
  /** How often it was taken, this time included: more than once, and a process died on it or could not. */
  readonly tries: number;
}

/** Arrivals are written here before the platform is thanked for them, and handled afterwards: each once, and none lost. */
export interface Inbox {
  /** True where it is new; false where the same event was received within the last two days. */
  receive(arrival: Arrival): Promise<boolean>;
  /** Leases up to `limit` due entries of these platforms for `leaseMs`, of each thread the first alone, and none of `except`. */
  take(
    platforms: readonly string[],
    limit: number,
    leaseMs: number,
    except?: readonly number[],
  ): Promise<readonly InboxEntry[]>;
  renew(ids: readonly number[], leaseMs: number): Promise<void>;
  /** It is over: its payload goes, its event stays known for two days. */
  handled(id: number): Promise<void>;
  /** `retryMs` null: given up; kept, with the reason. */
  unhandled(id: number, error: string, retryMs: number | null): Promise<void>;
  /** In how many milliseconds the next entry of these platforms is due, 0 where one is; null where none waits. */
  dueInMs(platforms: readonly string[]): Promise<number | null>;
  /** When this platform last handed something over; null where it never did within two days. */
  lastReceived(platform: string): Promise<number | null>;
  /** Forgets what was over for two days. */
  prune(): Promise<void>;
}
