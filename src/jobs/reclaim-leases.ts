import type { House } from "../commands/house.ts";
import { reclaimLapsed } from "../commands/reclaim-lapsed.ts";
import type { RunResult } from "./loop.ts";

const AT_ONCE = 500;

/** Takes back what lapsed and lets tasks whose time has come into the runnable index. */
export async function reclaimLeases(house: House): Promise<RunResult> {
  const reclaimed = await reclaimLapsed(house, AT_ONCE);
  const promoted = await house.queue.promote();
  return { nextDueMs: reclaimed + promoted > 0 ? 0 : null };
}
