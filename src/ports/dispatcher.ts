import type { Dispatch } from "../core/dispatch.ts";
import type { Json } from "../core/json.ts";
import type { PlainNotice } from "../core/notice.ts";

/** What is handed over: a task that waits for the first heartbeat of this very attempt. */
export interface Offer {
  /** The attempt's id, `CLIP-12.2`: the same however often it is sent. */
  readonly id: string;
  readonly dispatch: Dispatch;
  /** What the agent needs to take it up and to do it, as the API writes it. */
  readonly payload: { readonly [field: string]: Json };
  /** The same for people's eyes. */
  readonly card: PlainNotice;
}

export interface DispatchFault {
  readonly field: string;
  readonly expected: string;
  readonly got: Json;
}

/**
 * One way of handing work to agents. One file under `adapters/dispatch/` and one line in its `all.ts`. `send` rejects with
 * a Trouble: `rejected` where it will never be taken as it is, any other code where it is worth another try.
 */
export interface Dispatcher {
  readonly kind: string;
  /** Faults of a lane's settings beside `kind`, `agent` and `offerSeconds`; unknown fields are faults. */
  check(dispatch: Dispatch): readonly DispatchFault[];
  send(offer: Offer, signal: AbortSignal): Promise<void>;
}
