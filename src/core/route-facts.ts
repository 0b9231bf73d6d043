import type { Route } from "./route.ts";

/** Where it is known from: an instrument, or what the session said of itself. */
export const ROUTE_SOURCES = ["otlp-trace", "otlp-log", "claim", "beat", "trouble"] as const;
export type RouteSource = (typeof ROUTE_SOURCES)[number];

export const TROUBLE_KINDS = ["billing", "rate_limit", "auth", "other"] as const;
export type TroubleKind = (typeof TROUBLE_KINDS)[number];

/** Whether a lane's attempts must be seen by an instrument before they can be done. */
export const OBSERVE = ["optional", "required"] as const;
export type Observe = (typeof OBSERVE)[number];

/** What a call was made on, as far as it was seen. */
export interface SeenCall {
  readonly provider: string | null;
  readonly requestedModel: string | null;
  /** What the provider answered with. */
  readonly respondedModel: string | null;
}

/** Calls of one kind by one session, as one record. Times are milliseconds since 1970 UTC; null is "not seen". */
export interface RouteObservation extends SeenCall {
  readonly session: string;
  /** Whose key brought it. */
  readonly agent: string;
  /** The attempt the calls were made in, where that is known. */
  readonly attempt: string | null;
  readonly source: RouteSource;
  /** `ok`: the call was answered. Only an instrument can say so. */
  readonly kind: "ok" | "error";
  readonly errorType: string | null;
  readonly statusCode: number | null;
  readonly trouble: TroubleKind | null;
  readonly message: string | null;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly count: number;
}

/** What a call must run on: the route, and other names for its model that the lane spells out. */
export interface RouteDemand {
  readonly route: Route;
  readonly aliases: readonly string[];
}

export interface RouteFault {
  readonly field: "route.provider" | "route.model";
  readonly expected: string;
  /** Null: no call was seen at all. */
  readonly got: string | null;
}

/** Where a call was seen on another route. What was not seen differs from nothing. */
export function callFault({ route, aliases }: RouteDemand, call: SeenCall): RouteFault | null {
  if (call.provider !== null && call.provider !== route.provider) {
    return { field: "route.provider", expected: route.provider, got: call.provider };
  }
  for (const model of [call.requestedModel, call.respondedModel]) {
    if (model === null || model === route.model || aliases.includes(model)) continue;
    return { field: "route.model", expected: route.model, got: model };
  }
  return null;
}

/**
 * Why an attempt's work was not, or cannot be shown to have been, done on its route: a call that was answered on
 * another one, or no call seen. Calls that failed made nothing.
 */
export function routeTaint(demand: RouteDemand, calls: readonly SeenCall[]): RouteFault | null {
  for (const call of calls) {
    const fault = callFault(demand, call);
    if (fault !== null) return fault;
  }
  return calls.length > 0 ? null : { field: "route.model", expected: demand.route.model, got: null };
}

/** What the contradiction checks ask about routes, one record an attempt. */
export interface RouteFacts {
  readonly attempt: string;
  readonly task: string;
  readonly session: string;
  readonly agent: string;
  readonly lane: string;
  readonly open: boolean;
  readonly startedAt: number;
  readonly observe: Observe;
  /** The lane's, now. */
  readonly required: Route;
  /** What the session says of itself, with the claim and with every beat that was accepted. */
  readonly reported: Route;
  /** Calls that were answered on another route than the attempt's; empty where all were on it or none was seen. */
  readonly drifted: readonly RouteObservation[];
  /** Null: no call was seen. */
  readonly observed: SeenCall | null;
  /** Its proof cannot close the task: the lane demands observation, and it differs or is missing. */
  readonly tainted: boolean;
  readonly errors: readonly {
    readonly provider: string | null;
    readonly model: string | null;
    readonly kind: TroubleKind;
    readonly at: number;
    /** On another route than the lane's: what it says of billing or limits is about that one. */
    readonly foreign: boolean;
  }[];
}

/** An attempt as the ledger of routes shows it. */
export interface AttemptRoute {
  readonly attempt: string;
  readonly task: string;
  readonly session: string;
  readonly agent: string;
  readonly lane: string;
  readonly observe: Observe;
  readonly aliases: readonly string[];
  /** The lane's, and since when it stands so. */
  readonly required: Route;
  readonly requiredSince: number;
  readonly route: Route;
  readonly startedAt: number;
  readonly lastHeartbeatAt: number;
  readonly beats: number;
  readonly endedAt: number | null;
}

/** Puts an attempt and what was seen of it together. */
export function routeFacts(attempt: AttemptRoute, seen: readonly RouteObservation[]): RouteFacts {
  const demand = { route: attempt.route, aliases: attempt.aliases };
  const own = seen.filter((one) => one.attempt === attempt.attempt);
  const calls = own.filter(({ kind }) => kind === "ok");
  const drifted = calls.filter((call) => callFault(demand, call) !== null);
  const newest = (drifted.length > 0 ? drifted : calls).toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)[0];
  const errors = own.filter(
    ({ kind, source }) => kind === "error" && source !== "claim" && source !== "beat",
  );
  const { observe } = attempt;
  return {
    attempt: attempt.attempt,
    task: attempt.task,
    session: attempt.session,
    agent: attempt.agent,
    lane: attempt.lane,
    open: attempt.endedAt === null,
    startedAt: attempt.startedAt,
    observe,
    required: attempt.required,
    reported: attempt.route,
    drifted,
    observed: newest ?? null,
    tainted: observe === "required" && routeTaint(demand, calls) !== null,
    errors: errors.map((error) => ({
      provider: error.provider,
      model: error.requestedModel ?? error.respondedModel,
      kind: error.trouble ?? "other",
      at: error.lastSeenAt,
      foreign: callFault(demand, error) !== null,
    })),
  };
}
