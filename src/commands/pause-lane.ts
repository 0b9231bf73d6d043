import { done, type Outcome, refused } from "../core/refusal.ts";
import type { Lane } from "../core/task.ts";
import type { Caller, House } from "./house.ts";
import { reasonFault } from "./reason.ts";

/** Nothing more is pulled from the lane, and whoever asks is told why. What is being worked on goes on. */
export async function pauseLane(
  house: House,
  input: { readonly name: string; readonly reason: string },
  caller: Caller,
): Promise<Outcome<Lane>> {
  const fault = reasonFault(input.reason);
  if (fault) return refused(fault);
  return answer(await house.roster.pauseLane(input.name, input.reason, caller.actor));
}

export async function resumeLane(house: House, name: string, caller: Caller): Promise<Outcome<Lane>> {
  return answer(await house.roster.pauseLane(name, null, caller.actor));
}

function answer(lane: Awaited<ReturnType<House["roster"]["pauseLane"]>>): Outcome<Lane> {
  return "gate" in lane ? refused(lane) : done(lane);
}
