import { diagnoseTrouble, diagnosisJson } from "../core/diagnosis.ts";
import type { Json } from "../core/json.ts";
import { attribute, type NewObservation, type Reporter } from "../core/telemetry/attribute.ts";
import { readLogs, readTraces, type TelemetryRead } from "../core/telemetry/otlp.ts";
import { type RouteSignal, signalOf } from "../core/telemetry/signals.ts";
import type { Caller, House } from "./house.ts";

/** What one request of an exporter came to: calls of a model, records about something else, and what could not be read. */
export interface Observed {
  readonly understood: number;
  readonly ignored: number;
  readonly rejected: number;
}

export type Telemetry = "traces" | "logs";

/** Sessions looked up for one request at the most: no exporter speaks for so many. */
const SESSIONS_MAX = 1000;
/** How much of an agent's observations a diagnosis looks at. */
const SEEN_MAX = 500;

/** Keeps the routes an exporter saw. Where the body is not OTLP, which part of it. */
export async function observeRoutes(
  house: House,
  input: { readonly telemetry: Telemetry; readonly body: Json; readonly reporter: Reporter },
  caller: Caller,
): Promise<Observed | Extract<TelemetryRead, { readonly ok: false }>> {
  const read = input.telemetry === "traces" ? readTraces(input.body) : readLogs(input.body);
  if (!read.ok) return read;
  const signals = read.records.flatMap((record) => signalOf(record) ?? []);
  const observed = {
    understood: signals.length,
    ignored: read.records.length - signals.length,
    rejected: read.rejected,
  };
  if (signals.length === 0) return observed;
  const seen = attribute(signals, await holdersOf(house, signals), input.reporter);
  const first = await house.routes.record(seen);
  // One event the first time: how often an error came stands with the observation.
  for (const [index, one] of seen.entries()) {
    if (one.kind === "error" && one.attempt !== null && first[index] === true)
      await tellTrouble(house, one, caller);
  }
  return observed;
}

function holdersOf(house: House, signals: readonly RouteSignal[]) {
  const sessions = [...new Set(signals.flatMap((signal) => signal.sessions))];
  const attempts = [...new Set(signals.flatMap(({ attempt }) => attempt ?? []))];
  return house.routes.holders(sessions.slice(0, SESSIONS_MAX), attempts.slice(0, SESSIONS_MAX));
}

async function tellTrouble(house: House, error: NewObservation, caller: Caller): Promise<void> {
  const facts = await house.queue.attempt(error.attempt ?? "");
  if (facts?.attempt == null) return;
  const { attempt, lane, now } = facts;
  const diagnosis = diagnoseTrouble({
    attempt: attempt.id,
    session: attempt.session,
    agent: attempt.agent,
    lane: attempt.lane,
    demand: { route: attempt.route, aliases: lane?.routeAliases ?? [] },
    claimedAt: attempt.startedAt,
    error: { ...error, kind: error.trouble ?? "other", at: Math.min(error.firstSeenAt ?? now, now) },
    seen: await house.routes.seen({ agent: attempt.agent }, SEEN_MAX),
  });
  const data = { ...diagnosisJson(diagnosis), message: error.message, source: error.source };
  await house.routes.troubled({ actor: caller.actor, data });
}
