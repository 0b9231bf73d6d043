import { type Beat, heartbeatTrust } from "../core/gates/heartbeat-trust.ts";
import { done, missing, type Outcome, type Refusal, refuse, refused } from "../core/refusal.ts";
import { saidRoute } from "../core/telemetry/attribute.ts";
import type { Caller, House } from "./house.ts";

export interface BeatInput extends Beat {
  readonly agent: string;
  readonly note?: string | undefined;
}

/** How often a beat whose guard refused, though the gate sees no fault, is taken for a race and tried again. */
const BEATS = 3;

/** Renews the lease where every field is the holder's, exactly; answers the new expiry in milliseconds since 1970 UTC. */
export async function beat(
  house: House,
  input: BeatInput,
  caller: Caller,
): Promise<Outcome<{ readonly leaseExpiresAt: number }>> {
  for (let tries = 1; tries <= BEATS; tries += 1) {
    const renewed = await house.queue.beat(input);
    if (renewed !== null) return done({ leaseExpiresAt: renewed });
    const facts = await house.queue.attempt(input.attempt);
    if (facts?.attempt == null) {
      return refused(
        missing("attempt", input.attempt, "No such attempt: use the id the claim answered with."),
      );
    }
    const barred = heartbeatTrust(
      { beat: input, agent: input.agent, attempt: facts.attempt, task: facts.task },
      facts.now,
    );
    if (barred) {
      await keepEvidence(house, input, facts.task.key, barred, caller);
      return refused(barred);
    }
    if (facts.task.status !== "offered") continue;
    // The first beat of an offered attempt is a change of the task: the promise of ACTIVE is made here.
    await house.queue.commit({
      task: facts.task.id,
      version: facts.task.version,
      attempt: facts.attempt.number,
      lease: "living",
      set: { status: "active" },
      event: { kind: "task.started", actor: caller.actor, data: { attempt: facts.attempt.id } },
    });
  }
  return refused(
    refuse("heartbeat-trust", "contended", {
      field: "attempt",
      expected: "an attempt that stands still",
      got: input.attempt,
      hint: "The attempt is changing at this moment: beat again.",
    }),
  );
}

/**
 * A refused beat is evidence, whichever door it came through; one that says another route is seen beside the others of
 * its session. An answer that could not be kept is not given: the agent beats again.
 */
async function keepEvidence(
  house: House,
  input: BeatInput,
  task: string,
  refusal: Refusal,
  caller: Caller,
): Promise<void> {
  await house.refusals.record(refusal, caller.actor, task);
  if (refusal.field?.startsWith("route.") !== true) return;
  const { session, agent, attempt, route } = input;
  await house.routes.record([
    { ...saidRoute(session, agent, route), attempt, source: "beat", errorType: refusal.code },
  ]);
}
