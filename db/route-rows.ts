import { attemptId, parseAttemptId } from "../src/core/attempt.ts";
import type { AttemptRoute, RouteObservation } from "../src/core/route-facts.ts";
import type { NewObservation, RouteHolder } from "../src/core/telemetry/attribute.ts";
import type { SqlValue } from "./connection.ts";

/** What was not seen is '' or 0 in the table, so that equal combinations are equal rows. */
type Cells = readonly unknown[];

const textOrNull = (cell: unknown): string | null => (cell === "" ? null : (cell as string | null));

export const HOLDER =
  "json_array(t.key, a.number, a.session, g.name, l.name, a.provider, a.model, a.started_at)";

export function readHolder(json: string): RouteHolder {
  const cells = JSON.parse(json) as Cells;
  return {
    attempt: attemptId(cells[0] as string, cells[1] as number),
    session: cells[2] as string,
    agent: cells[3] as string,
    lane: cells[4] as string,
    route: { provider: cells[5] as string, model: cells[6] as string },
    startedAt: cells[7] as number,
  };
}

export const ATTEMPT_ROUTE = `json_array(t.key, a.number, a.session, g.name, l.name, l.observe, json(l.route_aliases),
  l.provider, l.model, l.updated_at, a.provider, a.model, a.started_at, a.last_heartbeat_at, a.beats, a.ended_at)`;

export function readAttemptRoute(cells: Cells): AttemptRoute {
  return {
    attempt: attemptId(cells[0] as string, cells[1] as number),
    task: cells[0] as string,
    session: cells[2] as string,
    agent: cells[3] as string,
    lane: cells[4] as string,
    observe: cells[5] as AttemptRoute["observe"],
    aliases: cells[6] as readonly string[],
    required: { provider: cells[7] as string, model: cells[8] as string },
    requiredSince: cells[9] as number,
    route: { provider: cells[10] as string, model: cells[11] as string },
    startedAt: cells[12] as number,
    lastHeartbeatAt: cells[13] as number,
    beats: cells[14] as number,
    endedAt: cells[15] as number | null,
  };
}

/** Expects `route_observations o`. */
export const OBSERVATION = `json_array(o.session, o.agent, (SELECT key FROM tasks WHERE id = o.task_id), o.attempt, o.source,
  o.kind, o.provider, o.requested_model, o.responded_model, o.error_type, o.status_code, o.trouble, o.message,
  o.first_seen, o.last_seen, o.seen_count)`;

export function readObservation(cells: Cells): RouteObservation {
  return {
    session: cells[0] as string,
    agent: cells[1] as string,
    attempt: cells[2] === null ? null : attemptId(cells[2] as string, cells[3] as number),
    source: cells[4] as RouteObservation["source"],
    kind: cells[5] as RouteObservation["kind"],
    provider: textOrNull(cells[6]),
    requestedModel: textOrNull(cells[7]),
    respondedModel: textOrNull(cells[8]),
    errorType: textOrNull(cells[9]),
    statusCode: cells[10] === 0 ? null : (cells[10] as number),
    trouble: cells[11] as RouteObservation["trouble"],
    message: cells[12] as string | null,
    firstSeenAt: cells[13] as number,
    lastSeenAt: cells[14] as number,
    count: cells[15] as number,
  };
}

/** The row of an observation, as the statement that writes it takes it. */
export function observationRow(seen: NewObservation): readonly SqlValue[] {
  const attempt = seen.attempt === null ? null : parseAttemptId(seen.attempt);
  return [
    seen.session,
    seen.agent,
    attempt?.taskKey ?? null,
    attempt?.number ?? null,
    seen.source,
    seen.kind,
    seen.provider ?? "",
    seen.requestedModel ?? "",
    seen.respondedModel ?? "",
    seen.errorType ?? "",
    seen.statusCode ?? 0,
    seen.trouble,
    seen.message,
    seen.firstSeenAt,
    seen.lastSeenAt,
    seen.count,
  ];
}

/** Tells one combination from another, the same of a row as it goes in and as it comes back. */
export function combination(cells: readonly unknown[]): string {
  return JSON.stringify(cells);
}
