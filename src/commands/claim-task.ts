import { mayPull } from "../core/gates/runnable-pull.ts";
import { done, missing, type Outcome, refused } from "../core/refusal.ts";
import type { ClaimRequest, Skipped, TaskFacts } from "../ports/queue.ts";
import type { House } from "./house.ts";

export type Claimed = { readonly facts: TaskFacts } | { readonly skipped: readonly Skipped[] };

/** How often an empty pick is taken for a race, while the gate itself sees something to pull. */
const PICKS = 3;

/**
 * Pulls the oldest runnable task of the highest priority. The pick is one guarded statement, so that claimants never
 * fight over the same row; only where it picked nothing is the gate asked why, in its own words.
 */
export async function claimTask(house: House, request: ClaimRequest): Promise<Outcome<Claimed>> {
  for (let picks = 1; ; picks += 1) {
    const facts = await house.queue.claim(request);
    if (facts !== null) return done({ facts });
    const pull = await house.queue.pullFacts(request);
    if (pull === null) {
      return refused(
        missing("lane", request.lane, "There is no such lane: `gatehouse lane list` shows them."),
      );
    }
    const barred = mayPull(pull);
    if (barred) return refused(barred);
    await house.queue.promote();
    const skipped = await house.queue.skipped(request.lane);
    const free = pull.lane.pausedReason === null && pull.livingLeases < pull.lane.capacity;
    if (!free || picks === PICKS || !(await house.queue.hasRunnable(request.lane))) return done({ skipped });
  }
}
