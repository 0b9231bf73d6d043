import { offerMs } from "../core/dispatch.ts";
import type { House } from "./house.ts";
import { reclaimLapsed } from "./reclaim-lapsed.ts";
import type { JobAnswer } from "./run-job.ts";

const AT_ONCE = 500;
/** Offers one run makes for one lane: what is left is offered by the next. */
const OFFERS_MAX = 100;

/** What one lane was given, or why nothing. */
export interface LaneOffers {
  readonly lane: string;
  /** Attempts, by id. */
  readonly offered: readonly string[];
  readonly skipped:
    | "pull"
    | "nothing-runnable"
    | "lane-paused"
    | "at-capacity"
    | "target-cooling"
    | "agent-barred"
    | null;
}

export interface Dispatched {
  readonly reclaimed: number;
  readonly promoted: number;
  readonly lanes: readonly LaneOffers[];
}

/**
 * One run: what lapsed is taken back and what waited for a time is let in first; then each lane that does not pull is
 * offered what it can take now, never more than its free capacity, and nothing where nothing is runnable.
 */
export async function dispatchReadyWork(house: House): Promise<JobAnswer<Dispatched>> {
  let reclaimed = 0;
  for (let more = AT_ONCE; more === AT_ONCE; reclaimed += more) more = await reclaimLapsed(house, AT_ONCE);
  await house.dispatches.settle();
  const promoted = await house.queue.promote();
  const cooling = await house.dispatches.cooling();
  const lanes: LaneOffers[] = [];
  for (const lane of await house.roster.lanes()) lanes.push(await offerLane(house, lane, cooling));
  const offered = lanes.reduce((sum, lane) => sum + lane.offered.length, 0);
  const detail = `${offered} offered, ${reclaimed} taken back, ${promoted} let in`;
  return { value: { reclaimed, promoted, lanes }, report: { outcome: "well", findings: offered, detail } };
}

type LaneNow = Awaited<ReturnType<House["roster"]["lanes"]>>[number];

async function offerLane(
  house: House,
  { name, dispatch, pausedReason, capacity, living, runnable }: LaneNow,
  cooling: ReadonlyMap<string, number>,
): Promise<LaneOffers> {
  const { agent } = dispatch;
  const skip = (skipped: LaneOffers["skipped"]): LaneOffers => ({ lane: name, offered: [], skipped });
  if (dispatch.kind === "pull" || agent === undefined) return skip("pull");
  if (pausedReason !== null) return skip("lane-paused");
  if (runnable === 0) return skip("nothing-runnable");
  if (living >= capacity) return skip("at-capacity");
  if (cooling.has(name)) return skip("target-cooling");
  const count = Math.min(capacity - living, runnable, OFFERS_MAX);
  const request = { lane: name, dispatch: { ...dispatch, agent }, offerMs: offerMs(dispatch), count };
  const offered = await house.dispatches.offer(request);
  return offered.length === 0 ? skip("agent-barred") : { lane: name, offered, skipped: null };
}
