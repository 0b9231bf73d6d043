import { parseAttemptId } from "../core/attempt.ts";
import { mayPull } from "../core/gates/runnable-pull.ts";
import { done, missing, type Outcome, type Refusal, refused } from "../core/refusal.ts";
import { saidRoute } from "../core/telemetry/attribute.ts";
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
    if (barred) {
      await keepEvidence(house, request, barred);
      return refused(barred);
    }
    await house.queue.promote();
    const skipped = await house.queue.skipped(request.lane);
    const free = pull.lane.pausedReason === null && pull.livingLeases < pull.lane.capacity;
    if (!free || picks === PICKS || !(await house.queue.hasRunnable(request.lane))) return done({ skipped });
  }
}

/** What a session said of itself and was not believed: kept, and another route seen beside the others of its session. */
async function keepEvidence(house: House, request: ClaimRequest, refusal: Refusal): Promise<void> {
  const { field = "", code, got } = refusal;
  if (!code.startsWith("session-") && !field.startsWith("route.")) return;
  const { session, agent, route } = request;
  const held = field === "session" && typeof got === "string" ? parseAttemptId(got) : null;
  await house.refusals.record(refusal, `agent:${agent}`, held?.taskKey ?? null);
  if (!field.startsWith("route.")) return;
  await house.routes.record([
    { ...saidRoute(session, agent, route), attempt: null, source: "claim", errorType: code },
  ]);
}
