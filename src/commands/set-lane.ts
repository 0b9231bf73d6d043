import { type Dispatch, dispatchFault } from "../core/dispatch.ts";
import { done, invalid, type Outcome, type Refusal, refused } from "../core/refusal.ts";
import { LANE_DEFAULTS, laneFault, nameFault } from "../core/roster.ts";
import type { Lane } from "../core/task.ts";
import type { LaneSettings } from "../ports/roster.ts";
import type { Caller, House } from "./house.ts";

/** Adds a lane, or changes what is said of one and leaves the rest. Work under way keeps the route it was claimed on. */
export async function setLane(house: House, settings: LaneSettings, caller: Caller): Promise<Outcome<Lane>> {
  const lane = await house.roster.lane(settings.name);
  const fault =
    nameFault("lane", settings.name) ?? wholeFault(settings, lane) ?? wayFault(house, settings.dispatch);
  if (fault !== null) return refused(fault);
  const set = await house.roster.setLane(settings, caller.actor);
  return "gate" in set ? refused(set) : done(set);
}

/** What a lane may be is asked of the lane as it would stand: a beat fits its lease, whichever of them was said. */
function wholeFault(settings: LaneSettings, lane: Lane | null): Refusal | null {
  const route = settings.route ?? lane?.route;
  // Without a route the store answers: only it knows whether somebody has just added the lane.
  if (route === undefined) return null;
  const stands = lane ?? LANE_DEFAULTS;
  return laneFault({
    name: settings.name,
    route,
    capacity: settings.capacity ?? stands.capacity,
    leaseMs: settings.leaseMs ?? stands.leaseMs,
    heartbeatMs: settings.heartbeatMs ?? stands.heartbeatMs,
    routeAliases: settings.routeAliases ?? stands.routeAliases,
  });
}

/** What every way of handing work out needs, and then what this one asks of its own settings. */
function wayFault({ dispatchers }: House, dispatch: Dispatch | undefined): Refusal | null {
  if (dispatch === undefined) return null;
  const fault = dispatchFault(dispatch, [...dispatchers.keys()]);
  if (fault !== null) return fault;
  const [first] = dispatchers.get(dispatch.kind)?.check(dispatch) ?? [];
  if (first === undefined) return null;
  const { field, expected, got } = first;
  const hint = `Mend this setting of --dispatch ${dispatch.kind}; docs/dispatch.md lists what it takes.`;
  return invalid(`dispatch.${field}`, { expected, got, hint }, "runnable-pull");
}
