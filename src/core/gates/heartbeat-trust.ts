import { type Attempt, leaseLives } from "../attempt.ts";
import { type Refusal, refuse } from "../refusal.ts";
import type { Route } from "../route.ts";
import { routeTaint, type SeenCall } from "../route-facts.ts";
import type { Lane, Status } from "../task.ts";

/** What a beat says of itself. Every field must be the attempt's own, exactly. */
export interface Beat {
  readonly attempt: string;
  readonly epoch: number;
  readonly lane: string;
  readonly task: string;
  readonly session: string;
  readonly route: Route;
}

export interface BeatFacts {
  readonly beat: Beat;
  /** Who sent it, by key. */
  readonly agent: string;
  readonly attempt: Attempt;
  readonly task: { readonly key: string; readonly status: Status; readonly epoch: number };
}

/**
 * The gate heartbeat-trust: is this beat the holder's, exactly? Its twins are the guarded renewal in the store and the
 * triggers `heartbeat_trust_*`. The order of the comparisons is the order an operator would ask in.
 */
export function heartbeatTrust(facts: BeatFacts, now: number): Refusal | null {
  const { beat, attempt, task } = facts;
  const compared: readonly (readonly [field: string, expected: string | number, got: string | number])[] = [
    ["task", task.key, beat.task],
    ["attempt", attempt.id, beat.attempt],
    ["agent", attempt.agent, facts.agent],
    ["lane", attempt.lane, beat.lane],
    ["session", attempt.session, beat.session],
    ["epoch", attempt.epoch, beat.epoch],
    ["route.provider", attempt.route.provider, beat.route.provider],
    ["route.model", attempt.route.model, beat.route.model],
  ];
  for (const [field, expected, got] of compared) {
    if (expected === got) continue;
    return refuse("heartbeat-trust", "mismatch", {
      field,
      expected,
      got,
      hint: `The beat's ${field} is not the attempt's. Stop this work: it is another session's, or this one has drifted.`,
    });
  }
  return holderTrust({ ...facts, epoch: beat.epoch }, now);
}

/** The part of the gate every act of a holder passes: same agent, current epoch, open attempt, living lease. */
export function holderTrust(
  facts: {
    readonly agent: string;
    readonly epoch: number;
    readonly attempt: Attempt;
    readonly task: { readonly key: string; readonly epoch: number };
  },
  now: number,
): Refusal | null {
  const { attempt, task } = facts;
  if (facts.agent !== attempt.agent) {
    return refuse("heartbeat-trust", "mismatch", {
      field: "agent",
      expected: attempt.agent,
      got: facts.agent,
      hint: `${attempt.id} is held by another agent.`,
    });
  }
  if (facts.epoch !== attempt.epoch) {
    return refuse("heartbeat-trust", "mismatch", {
      field: "epoch",
      expected: attempt.epoch,
      got: facts.epoch,
      hint: "Send the epoch the claim answered with; a past epoch may not act.",
    });
  }
  if (attempt.endedAt !== null || attempt.epoch !== task.epoch) {
    return refuse("heartbeat-trust", "attempt-ended", {
      field: "attempt",
      expected: "open",
      got: attempt.outcome ?? "superseded",
      hint: `${attempt.id} is over (${attempt.outcome ?? "superseded"}). Stop, and claim anew if you want work.`,
    });
  }
  if (!leaseLives(attempt, now)) {
    return refuse("heartbeat-trust", "lease-lapsed", {
      field: "lease",
      expected: `a beat before ${new Date(attempt.leaseExpiresAt).toISOString()}`,
      got: new Date(now).toISOString(),
      hint: `The lease on ${task.key} lapsed; the work may already be another's. Stop, and claim anew.`,
    });
  }
  return null;
}

/**
 * The part of the gate that asks instruments: where the lane demands it, an attempt may be submitted and completed only
 * on calls that were seen, each on the attempt's route. Its twin is the trigger `heartbeat_trust_observed`.
 */
export function routeTrust(facts: {
  readonly attempt: Pick<Attempt, "id" | "route">;
  readonly lane: Pick<Lane, "name" | "observe" | "routeAliases"> | null;
  /** The calls of the attempt that were seen answered. */
  readonly observed: readonly SeenCall[];
}): Refusal | null {
  const { attempt, lane, observed } = facts;
  if (lane === null || lane.observe !== "required") return null;
  const fault = routeTaint({ route: attempt.route, aliases: lane.routeAliases }, observed);
  if (fault === null) return null;
  const { field, expected, got } = fault;
  const hint =
    got === null
      ? `Lane ${lane.name} demands that an instrument sees the route, and nothing was seen of ${attempt.id}: point its OpenTelemetry exporter here, let it send, then submit again.`
      : `${attempt.id} was seen working on another route than lane ${lane.name} requires, so its proof cannot close the task: release it, mend the session's model setting, and claim anew.`;
  return refuse("heartbeat-trust", "route-tainted", { field, expected, got, hint });
}
