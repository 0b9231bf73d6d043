import type { House } from "../commands/house.ts";
import { type Refreshed, refreshBrief } from "../commands/refresh-brief.ts";
import type { Outcome } from "../core/refusal.ts";

/** One run: the brief anew from a valid queue, or a refusal that lists what is wrong. Safe to run on any process. */
export function queueOperatingRefresh(house: House): Promise<Outcome<Refreshed>> {
  return refreshBrief(house, { actor: "system:queue-operating-refresh" });
}
