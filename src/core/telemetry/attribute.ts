import type { Route } from "../route.ts";
import type { RouteSource, SeenCall, TroubleKind } from "../route-facts.ts";
import { providerName, spelledAs } from "./providers.ts";
import { type RouteSignal, troubleOf } from "./signals.ts";

/** An open attempt that telemetry may be about. */
export interface RouteHolder {
  readonly attempt: string;
  readonly session: string;
  readonly agent: string;
  readonly lane: string;
  readonly route: Route;
  readonly startedAt: number;
}

/** Calls of one kind, on their way to the store. Times null: now. */
export interface NewObservation extends SeenCall {
  readonly session: string;
  readonly agent: string;
  readonly attempt: string | null;
  readonly source: RouteSource;
  readonly kind: "ok" | "error";
  readonly errorType: string | null;
  readonly statusCode: number | null;
  readonly trouble: TroubleKind | null;
  readonly message: string | null;
  readonly firstSeenAt: number | null;
  readonly lastSeenAt: number | null;
  readonly count: number;
}

export interface Reporter {
  readonly agent: string;
  /** A collector that speaks for every session: an operator's key. */
  readonly forAll: boolean;
}

/** Distinct combinations one request may bring; what is beyond stands as one that equals no route. */
const DISTINCT_MAX = 200;
const BEYOND = "…";

/**
 * Which attempt each call was made in, then one record a distinct combination. An attempt is its holder's: what another
 * agent's key says of it is kept, but not as its own. A call from before the attempt began belongs to an earlier one.
 */
export function attribute(
  signals: readonly RouteSignal[],
  holders: readonly RouteHolder[],
  reporter: Reporter,
): readonly NewObservation[] {
  const bySession = new Map(holders.map((holder) => [holder.session, holder]));
  const byAttempt = new Map(holders.map((holder) => [holder.attempt, holder]));
  const found = new Map<string, NewObservation>();
  for (const signal of signals) {
    const holder = holderOf(signal, bySession, byAttempt);
    const session = holder?.session ?? signal.sessions[0];
    if (session === undefined) continue;
    const seen = observationOf(signal, session, trusted(signal, holder, reporter), reporter);
    const key = keyOf(seen);
    const kept = found.size < DISTINCT_MAX || found.has(key) ? seen : beyond(seen);
    const keptKey = kept === seen ? key : keyOf(kept);
    found.set(keptKey, joined(found.get(keptKey), kept));
  }
  return [...found.values()];
}

function holderOf(
  { attempt, sessions }: RouteSignal,
  bySession: ReadonlyMap<string, RouteHolder>,
  byAttempt: ReadonlyMap<string, RouteHolder>,
): RouteHolder | undefined {
  if (attempt !== null) return byAttempt.get(attempt);
  for (const session of sessions) {
    const holder = bySession.get(session);
    if (holder !== undefined) return holder;
  }
  return undefined;
}

function trusted({ at }: RouteSignal, holder: RouteHolder | undefined, { agent, forAll }: Reporter) {
  if (holder === undefined || (!forAll && holder.agent !== agent)) return null;
  return at !== null && at < holder.startedAt ? null : holder;
}

function observationOf(
  signal: RouteSignal,
  session: string,
  holder: RouteHolder | null,
  { agent }: Reporter,
): NewObservation {
  const { provider, at } = signal;
  return {
    session,
    agent: holder?.agent ?? agent,
    attempt: holder?.attempt ?? null,
    source: signal.source,
    kind: signal.kind,
    provider:
      provider === null ? null : holder === null ? providerName(provider) : spelledAs(holder.route, provider),
    requestedModel: signal.requestedModel,
    respondedModel: signal.respondedModel,
    errorType: signal.errorType,
    statusCode: signal.statusCode,
    trouble: signal.kind === "error" ? troubleOf(signal) : null,
    message: signal.message,
    firstSeenAt: at,
    lastSeenAt: at,
    count: 1,
  };
}

function beyond(seen: NewObservation): NewObservation {
  return {
    ...seen,
    provider: BEYOND,
    requestedModel: BEYOND,
    respondedModel: null,
    errorType: null,
    statusCode: null,
  };
}

function keyOf(seen: NewObservation): string {
  const { session, agent, attempt, source, kind, provider, requestedModel, respondedModel } = seen;
  const call = [provider, requestedModel, respondedModel, seen.errorType, seen.statusCode];
  return JSON.stringify([session, agent, attempt, source, kind, ...call]);
}

function joined(before: NewObservation | undefined, next: NewObservation): NewObservation {
  if (before === undefined) return next;
  return {
    ...next,
    firstSeenAt: least(before.firstSeenAt, next.firstSeenAt),
    lastSeenAt: most(before.lastSeenAt, next.lastSeenAt),
    message: next.message ?? before.message,
    count: before.count + next.count,
  };
}

function least(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** Null is now, and nothing is later. */
function most(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

/** A route as a session said it of itself, where that was refused. */
export function saidRoute(
  session: string,
  agent: string,
  { provider, model }: Route,
): Omit<NewObservation, "attempt" | "source" | "errorType"> {
  const call = { provider, requestedModel: model, respondedModel: null };
  const unsaid = { statusCode: null, trouble: null, message: null, firstSeenAt: null, lastSeenAt: null };
  return { session, agent, kind: "error", ...call, ...unsaid, count: 1 };
}
