import { leaseLives } from "../core/attempt.ts";
import { giveBack } from "../core/ending.ts";
import { refuse } from "../core/refusal.ts";
import { type Caller, changeAttempt, type House } from "./house.ts";

const SYSTEM = { actor: "system:reclaim-lapsed" };

/** Takes back every attempt whose lease lapsed, `limit` at the most; how many. Safe to run anywhere, any number of times. */
export async function reclaimLapsed(house: House, limit = 500): Promise<number> {
  const ids = await house.queue.lapsed(limit);
  const outcomes = await Promise.all(ids.map((id) => reclaimAttempt(house, id, SYSTEM)));
  return outcomes.filter((outcome) => outcome.ok).length;
}

/** Takes back one attempt, if its lease has lapsed. */
export function reclaimAttempt(house: House, id: string, caller: Caller) {
  return changeAttempt(house, id, (facts) => {
    const { attempt, task, now } = facts;
    if (
      attempt.endedAt !== null ||
      leaseLives(attempt, now) ||
      !["offered", "active"].includes(task.status)
    ) {
      return refuse("heartbeat-trust", "lease-living", {
        field: "lease",
        expected: "lapsed",
        got: new Date(attempt.leaseExpiresAt).toISOString(),
        hint: `${id} is not lapsed: a beat came in between, or it ended.`,
      });
    }
    const offered = task.status === "offered";
    const reason = `no heartbeat since ${new Date(attempt.lastHeartbeatAt).toISOString()}`;
    const ending = offered
      ? ({ outcome: "offer-lapsed", counts: "nothing", reason } as const)
      : ({ outcome: "lapsed", counts: "lapse", reason } as const);
    return {
      ...giveBack(facts, ending, { kind: offered ? "offer.lapsed" : "lease.lapsed", actor: caller.actor }),
      lease: "lapsed" as const,
    };
  });
}
