import type { Json } from "./json.ts";
import { type Route, routeName } from "./route.ts";
import {
  callFault,
  type RouteDemand,
  type RouteObservation,
  type SeenCall,
  type TroubleKind,
} from "./route-facts.ts";

/** Where an override most likely sits, from the nearest to the farthest. */
export type OverrideSeat = "session" | "agent" | "fallback" | "configuration";

export interface TroubleFacts {
  readonly attempt: string;
  readonly session: string;
  readonly agent: string;
  readonly lane: string;
  readonly demand: RouteDemand;
  /** When the session claimed, in milliseconds since 1970 UTC; it said then that it runs on the demand's route. */
  readonly claimedAt: number;
  readonly error: SeenCall & {
    readonly kind: TroubleKind;
    readonly message: string | null;
    readonly at: number;
  };
  /** Everything that was seen of this agent's sessions, in any order. */
  readonly seen: readonly RouteObservation[];
}

export interface Diagnosis {
  /** `route-override`: the error is another route's, whatever it says. `own-route`: it is the lane's own. */
  readonly verdict: "route-override" | "own-route";
  readonly kind: TroubleKind;
  readonly attempt: string;
  readonly session: string;
  readonly agent: string;
  readonly lane: string;
  readonly required: Route;
  /** Null: not observed. */
  readonly got: { readonly provider: string | null; readonly model: string | null };
  /** Since when the session was seen elsewhere; of its own route's trouble, since when that was. Milliseconds since 1970 UTC. */
  readonly since: number;
  readonly override: { readonly seat: OverrideSeat; readonly because: string } | null;
  readonly summary: string;
  readonly advice: string;
  readonly evidence: readonly Evidence[];
}

export interface Evidence {
  readonly at: number;
  readonly source: string;
  readonly session: string;
  readonly what: string;
}

const EVIDENCE_MAX = 20;

const KIND_WORDS: Readonly<Record<TroubleKind, string>> = {
  billing: "a billing error",
  rate_limit: "a rate limit",
  auth: "an authentication error",
  other: "an error",
};

/**
 * What an error of a provider means for an attempt. An error of a provider or model that is not the lane's says nothing
 * about the lane's account or limits: something sent the session elsewhere, and that is to be mended first.
 */
export function diagnoseTrouble(facts: TroubleFacts): Diagnosis {
  const { attempt, session, agent, lane, demand, error } = facts;
  const foreign = callFault(demand, error) !== null;
  const got = { provider: error.provider, model: error.requestedModel ?? error.respondedModel };
  const base = { kind: error.kind, attempt, session, agent, lane, required: demand.route, got };
  if (!foreign) return { ...base, ...ownRoute(facts) };
  const differing = facts.seen.filter((one) => callFault(demand, one) !== null);
  const here = differing.filter((one) => one.session === session);
  const since = Math.min(error.at, ...here.map(({ firstSeenAt }) => firstSeenAt));
  const override = seatOf(facts, differing, since);
  const elsewhere = callName(error);
  return {
    ...base,
    verdict: "route-override",
    since,
    override,
    summary: `Not ${KIND_WORDS[error.kind]} of lane ${lane}: it comes from ${elsewhere}, and the lane runs on ${routeName(demand.route)}. Session ${session} has been sent elsewhere since ${new Date(since).toISOString()}.`,
    advice: ADVICE[override.seat],
    evidence: evidenceOf(facts, differing),
  };
}

const ADVICE: Readonly<Record<OverrideSeat, string>> = {
  session:
    "Release the attempt with fault infrastructure, end this session, and start a new one without its model override. Pay no bill for it.",
  agent:
    "Look at this agent's own settings (its profile, its environment, its command line): every session of it goes there. Release, mend them, then claim anew.",
  fallback:
    "Turn off the automatic fallback of this session, and see to the error of the lane's own route that came first. Release, then claim anew.",
  configuration:
    "Find the file or variable each new session takes its model from, and mend it there: ending sessions does not help, it comes back with the next one.",
};

function ownRoute({ lane, demand, error, seen, session }: TroubleFacts) {
  const same = seen.filter(
    (one) =>
      one.session === session &&
      one.kind === "error" &&
      one.trouble === error.kind &&
      !callFault(demand, one),
  );
  const advice: Readonly<Record<TroubleKind, string>> = {
    billing: `The account behind ${routeName(demand.route)} is the one to look at; pause lane ${lane} until it is settled.`,
    rate_limit:
      "Let it cool down: release with fault infrastructure, wait, then claim anew. It counts as no failure.",
    auth: `Renew the credentials for ${routeName(demand.route)}; pause lane ${lane} until that is done.`,
    other: "Try again; if it stays, release with fault infrastructure: it counts as no failure.",
  };
  return {
    verdict: "own-route" as const,
    since: Math.min(error.at, ...same.map(({ firstSeenAt }) => firstSeenAt)),
    override: null,
    summary: `It is ${KIND_WORDS[error.kind]} of ${callName(error)}, the route of lane ${lane} itself.`,
    advice: advice[error.kind],
    evidence: same.slice(0, EVIDENCE_MAX).map(evidence),
  };
}

/** Where the override sits, by who else was seen elsewhere and in which order. */
function seatOf(
  { session, agent, demand, error, seen }: TroubleFacts,
  differing: readonly RouteObservation[],
  since: number,
): NonNullable<Diagnosis["override"]> {
  const before = seen.find(
    (one) =>
      one.session === session &&
      one.kind === "error" &&
      isCall(one) &&
      !callFault(demand, one) &&
      one.firstSeenAt <= since,
  );
  if (before !== undefined) {
    const first = `${before.errorType ?? before.trouble ?? "an error"} of ${callName(before)}`;
    return {
      seat: "fallback",
      because: `${first} came first, at ${new Date(before.firstSeenAt).toISOString()}`,
    };
  }
  const spans = sessionSpans(differing, session, error.at);
  if (spans.length > 1) {
    const successive = spans.every(
      (span, index) => index === 0 || span.first > (spans[index - 1]?.last ?? 0),
    );
    const names = spans.map((span) => span.session).join(", ");
    return successive
      ? { seat: "configuration", because: `it came back with each new session of ${agent}: ${names}` }
      : {
          seat: "agent",
          because: `${spans.length} sessions of ${agent} at the same time go elsewhere: ${names}`,
        };
  }
  const right = new Set(
    seen
      .filter((one) => one.session !== session && isCall(one) && !callFault(demand, one))
      .map((one) => one.session),
  );
  const others =
    right.size === 0
      ? "no other session was seen"
      : `${right.size} other sessions were seen on the lane's route`;
  return { seat: "session", because: `only session ${session} goes elsewhere; of ${agent}, ${others}` };
}

interface Span {
  readonly session: string;
  readonly first: number;
  readonly last: number;
}

/** From when to when each session was seen elsewhere, in the order they began. */
function sessionSpans(differing: readonly RouteObservation[], session: string, at: number): readonly Span[] {
  const spans = new Map<string, Span>([[session, { session, first: at, last: at }]]);
  for (const one of differing) {
    const span = spans.get(one.session);
    spans.set(one.session, {
      session: one.session,
      first: Math.min(span?.first ?? one.firstSeenAt, one.firstSeenAt),
      last: Math.max(span?.last ?? one.lastSeenAt, one.lastSeenAt),
    });
  }
  return [...spans.values()].toSorted((a, b) => a.first - b.first);
}

function evidenceOf(
  { attempt, session, claimedAt, demand, seen }: TroubleFacts,
  differing: readonly RouteObservation[],
): readonly Evidence[] {
  const own = seen.filter((one) => one.session === session && !differing.includes(one));
  const said = {
    at: claimedAt,
    source: "claim",
    session,
    what: `${attempt} was claimed on ${routeName(demand.route)}`,
  };
  const observed = [...differing, ...own].toSorted((a, b) => b.lastSeenAt - a.lastSeenAt);
  return [said, ...observed.slice(0, EVIDENCE_MAX - 1).map(evidence)].toSorted((a, b) => a.at - b.at);
}

function evidence(one: RouteObservation): Evidence {
  const times = one.count === 1 ? "" : `, ${one.count} times until ${new Date(one.lastSeenAt).toISOString()}`;
  const outcome = one.kind === "ok" ? "answered" : (one.errorType ?? one.trouble ?? "failed");
  return {
    at: one.firstSeenAt,
    source: one.source,
    session: one.session,
    what: `${callName(one)}: ${outcome}${times}`,
  };
}

function isCall({ source }: RouteObservation): boolean {
  return source !== "claim" && source !== "beat";
}

function callName({ provider, requestedModel, respondedModel }: SeenCall): string {
  const model = requestedModel ?? respondedModel ?? "an unobserved model";
  const answered =
    respondedModel === null || respondedModel === requestedModel || requestedModel === null
      ? ""
      : `, answered by ${respondedModel}`;
  return provider === null ? `${model} (provider unobserved)${answered}` : `${provider}/${model}${answered}`;
}

/** As it stands on the event and goes out of the doors; times as ISO 8601 in UTC. */
export function diagnosisJson(diagnosis: Diagnosis): { readonly [field: string]: Json } {
  return {
    ...diagnosis,
    required: { ...diagnosis.required },
    got: { ...diagnosis.got },
    override: diagnosis.override === null ? null : { ...diagnosis.override },
    since: new Date(diagnosis.since).toISOString(),
    evidence: diagnosis.evidence.map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest })),
  };
}
