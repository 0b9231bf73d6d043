import type { Route } from "./route.ts";
import { type AttemptRoute, type RouteObservation, routeFacts } from "./route-facts.ts";

/** What is known of an attempt's route, each with where it is from and when. Times are milliseconds since 1970 UTC. */
export interface RouteLedger {
  readonly attempt: string;
  readonly task: string;
  readonly session: string;
  readonly agent: string;
  readonly lane: string;
  readonly observe: AttemptRoute["observe"];
  readonly tainted: boolean;
  readonly required: { readonly route: Route; readonly source: "lane"; readonly at: number };
  readonly requested: { readonly route: Route; readonly source: "claim"; readonly at: number };
  /** What the beats say, as far as there were any. */
  readonly reported: {
    readonly route: Route;
    readonly source: "beat";
    readonly at: number;
    readonly count: number;
  } | null;
  /** Claims and beats of the session that said another route, and were refused. */
  readonly refused: readonly RouteObservation[];
  /** Answered calls that tell which model the provider answered with. */
  readonly resolved: readonly RouteObservation[];
  /** Answered calls. Empty: unobserved. */
  readonly observed: readonly RouteObservation[];
  readonly errors: readonly RouteObservation[];
}

export function routeLedger(attempt: AttemptRoute, all: readonly RouteObservation[]): RouteLedger {
  const seen = [
    ...new Map(all.map((one) => [JSON.stringify({ ...one, message: null }), one])).values(),
  ].toSorted((a, b) => b.lastSeenAt - a.lastSeenAt);
  const own = seen.filter((one) => one.attempt === attempt.attempt);
  const observed = own.filter(({ kind }) => kind === "ok");
  const { task, session, agent, lane, observe } = attempt;
  return {
    attempt: attempt.attempt,
    task,
    session,
    agent,
    lane,
    observe,
    tainted: routeFacts(attempt, own).tainted,
    required: { route: attempt.required, source: "lane", at: attempt.requiredSince },
    requested: { route: attempt.route, source: "claim", at: attempt.startedAt },
    reported:
      attempt.beats === 0
        ? null
        : { route: attempt.route, source: "beat", at: attempt.lastHeartbeatAt, count: attempt.beats },
    refused: seen.filter(
      (one) => one.session === session && (one.source === "claim" || one.source === "beat"),
    ),
    resolved: observed.filter(({ respondedModel }) => respondedModel !== null),
    observed,
    errors: own.filter(({ kind, source }) => kind === "error" && source !== "claim" && source !== "beat"),
  };
}
