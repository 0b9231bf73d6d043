import { done, type Outcome, refused } from "../core/refusal.ts";
import type { Lane } from "../core/task.ts";
import type { Caller, House } from "./house.ts";
import { reasonFault } from "./reason.ts";

/** Nothing more is pulled from the lane, and whoever asks is told why. What is being worked on goes on. */
export async function pauseLane(
  house: House,
  input: {
    readonly name: string;
    readonly reason: string;
    /** Only where it was so until now; null: where it ran. */
    readonly from?: string | null | undefined;
  },
  caller: Caller,
): Promise<Outcome<Lane>> {
  const fault = reasonFault(input.reason);
  if (fault) return refused(fault);
  const { name, reason, from } = input;
  const { actor, requestId } = caller;
  return answer(await house.roster.pauseLane(name, reason, actor, { requestId, from }));
}

/** `from` is the reason it must still be paused for, where that matters. */
export async function resumeLane(
  house: House,
  name: string,
  caller: Caller,
  from?: string,
): Promise<Outcome<Lane>> {
  const { actor, requestId } = caller;
  return answer(await house.roster.pauseLane(name, null, actor, { requestId, from }));
}

function answer(lane: Awaited<ReturnType<House["roster"]["pauseLane"]>>): Outcome<Lane> {
  return "gate" in lane ? refused(lane) : done(lane);
}
