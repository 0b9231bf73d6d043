import type { Dispatch } from "../core/dispatch.ts";

/** An offer on its way, leased to one worker. */
export interface DispatchWork {
  readonly id: number;
  /** `CLIP-12.2` */
  readonly attempt: string;
  readonly dispatch: Dispatch;
  /** Where it leads, for the bound a host. */
  readonly uri: string;
  /** How often it was sent, this time included. */
  readonly tries: number;
}

export interface OfferRequest {
  readonly lane: string;
  readonly dispatch: Dispatch & { readonly agent: string };
  /** How long the offers wait for a first heartbeat, in milliseconds. */
  readonly offerMs: number;
  /** At most so many; the lane's free capacity and what is runnable bound it further. */
  readonly count: number;
}

/** Offers: each a claim made for an agent, and the durable row it is sent by. */
export interface DispatchStore {
  /**
   * Offers the next runnable tasks of the lane, as one guarded batch under the gate runnable-pull; the attempts' ids.
   * None where the lane is paused or full, the agent may not pull, or the target cools down.
   */
  offer(request: OfferRequest): Promise<readonly string[]>;
  /**
   * Looks what became of the offers: one that lapsed counts against its target, which then rests; one that was taken
   * clears it. Counts each once, whoever asks how often.
   */
  settle(): Promise<{ readonly lapsed: number; readonly taken: number }>;
  /** Lanes whose target rests, and until when. */
  cooling(): Promise<ReadonlyMap<string, number>>;
  due(limit: number): Promise<readonly { readonly id: number; readonly uri: string }[]>;
  take(ids: readonly number[], leaseMs: number): Promise<readonly DispatchWork[]>;
  renew(ids: readonly number[], leaseMs: number): Promise<void>;
  nextDue(): Promise<number | null>;
  sent(work: DispatchWork): Promise<void>;
  /** Not sent: again after `retryMs`, or never where that is null. */
  unsent(work: DispatchWork, error: string, retryMs: number | null): Promise<void>;
}
