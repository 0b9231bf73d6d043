import type { House } from "../commands/house.ts";
import { sendOffer } from "../commands/send-offer.ts";
import type { DispatchWork } from "../ports/dispatches.ts";
import { Places, type WorkPool, workPool } from "./work-pool.ts";

/** Sends offers side by side, each under a lease: one whose worker was killed is sent again under the same id. */
export function offerPool(
  house: House,
  signal: AbortSignal,
  settled: () => void = () => undefined,
): WorkPool {
  return workPool<DispatchWork>({
    shelf: house.dispatches,
    about: ({ id, uri }) => ({ id, uri }),
    work: (work) => sendOffer(house, work, signal),
    settled,
    places: new Places(),
    clock: house.clock,
    now: () => house.queue.now(),
  });
}
