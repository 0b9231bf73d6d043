import { parseAttemptId } from "../src/core/attempt.ts";
import type { PullFacts } from "../src/core/gates/runnable-pull.ts";
import type { Lane } from "../src/core/task.ts";
import type { ClaimRequest, Skipped, TaskFacts } from "../src/ports/queue.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { FACTS, readFacts } from "./facts.ts";

const BY_KEY = `SELECT t.key AS asked, ${FACTS} AS facts FROM json_each(?1) j CROSS JOIN tasks t ON t.key = j.value
LEFT JOIN attempts a ON a.task_id = t.id AND a.number = t.attempts`;

const BY_ATTEMPT = `SELECT t.key || '.' || a.number AS asked, ${FACTS} AS facts
FROM json_each(?1) j CROSS JOIN tasks t ON t.key = j.value ->> 0
CROSS JOIN attempts a ON a.task_id = t.id AND a.number = j.value ->> 1`;

const PULL_FACTS = `SELECT json_array(:now, l.name, l.provider, l.model, l.capacity, l.paused_reason, g.paused_at IS NOT NULL,
  g.revoked_at IS NOT NULL,
  (SELECT json_group_array(gl.name) FROM agent_lanes al JOIN lanes gl ON gl.id = al.lane_id WHERE al.agent_id = g.id),
  (SELECT count(*) FROM attempts a WHERE a.lane_id = l.id AND a.ended_at IS NULL AND a.lease_expires_at > :now),
  (SELECT t.key || '.' || a.number FROM attempts a JOIN tasks t ON t.id = a.task_id
    WHERE a.session = ?3 AND a.ended_at IS NULL),
  l.id, l.lease_ms, l.heartbeat_ms, l.version, l.observe, json(l.route_aliases),
  json((SELECT json_array(ag.name, o.holds) FROM (
    SELECT s.agent_id, EXISTS (SELECT 1 FROM attempts a WHERE a.session = s.name AND a.agent_id = s.agent_id
      AND a.ended_at IS NULL) AS holds
    FROM sessions s WHERE s.name = ?3 AND s.agent_id <> g.id ORDER BY holds DESC LIMIT 1) o
  JOIN agents ag ON ag.id = o.agent_id)),
  EXISTS (SELECT 1 FROM sessions s WHERE s.name = ?3 AND s.agent_id = g.id AND s.provider = l.provider
    AND s.model = l.model)) AS cells
FROM lanes l CROSS JOIN agents g WHERE l.name = ?1 AND g.name = ?2`;

/**
 * Why the queued tasks of a lane wait, counted. Reasons are those of the gate; a task counts once, under its first.
 * Lane-wide reasons count the runnable tasks they hold back.
 */
const SKIPPED = `SELECT code, sum(count) AS count FROM (
  SELECT CASE WHEN l.paused_at IS NOT NULL THEN 'lane-paused'
      WHEN l.capacity <= (SELECT count(*) FROM attempts a
        WHERE a.lane_id = l.id AND a.ended_at IS NULL AND a.lease_expires_at > :now) THEN 'at-capacity'
      ELSE 'runnable' END AS code,
    (SELECT count(*) FROM tasks t INDEXED BY tasks_runnable WHERE t.lane_id = l.id AND t.ready_at IS NOT NULL) AS count
  FROM lanes l WHERE l.name = ?1
  UNION ALL SELECT s.value, (SELECT count(*) FROM tasks t INDEXED BY tasks_by_lane
      WHERE t.lane_id = l.id AND t.status = s.value AND t.status <> 'done')
  FROM lanes l CROSS JOIN json_each('["draft","blocked","dead"]') s WHERE l.name = ?1
  UNION ALL SELECT CASE
      WHEN t.open_dependencies = 0 THEN 'not-before'
      WHEN EXISTS (SELECT 1 FROM dependencies d JOIN tasks o ON o.id = d.depends_on
        WHERE d.task_id = t.id AND o.status = 'cancelled') THEN 'dependency-cancelled'
      ELSE 'dependency' END, count(*)
  FROM lanes l CROSS JOIN tasks t INDEXED BY tasks_waiting_by_lane
    ON t.lane_id = l.id AND t.status = 'queued' AND t.ready_at IS NULL
  WHERE l.name = ?1 GROUP BY 1)
WHERE code <> 'runnable' AND count > 0 GROUP BY code ORDER BY count DESC, code`;

const LAPSED = `SELECT t.key || '.' || a.number AS id FROM lanes l CROSS JOIN attempts a
  ON a.lane_id = l.id AND a.ended_at IS NULL AND a.lease_expires_at <= :now
JOIN tasks t ON t.id = a.task_id WHERE t.status IN ('offered', 'active') ORDER BY a.lease_expires_at LIMIT ?1`;

/** One statement for all the tasks asked for in a tick. */
export async function readTasks(
  connection: Connection,
  clock: QueueClock,
  keys: readonly string[],
): Promise<readonly (TaskFacts | null)[]> {
  return readAsked(connection, clock.sql(BY_KEY), JSON.stringify(keys), keys);
}

export async function readAttempts(
  connection: Connection,
  clock: QueueClock,
  ids: readonly string[],
): Promise<readonly (TaskFacts | null)[]> {
  const pairs = ids.map((id) => {
    const parsed = parseAttemptId(id);
    return parsed === null ? ["", 0] : [parsed.taskKey, parsed.number];
  });
  return readAsked(connection, clock.sql(BY_ATTEMPT), JSON.stringify(pairs), ids);
}

async function readAsked(
  connection: Connection,
  sql: string,
  asked: string,
  names: readonly string[],
): Promise<readonly (TaskFacts | null)[]> {
  const [rows = []] = await connection.read([{ sql, args: [asked] }]);
  const found = new Map(rows.map((row) => [String(row["asked"]), readFacts(String(row["facts"]))]));
  return names.map((name) => found.get(name) ?? null);
}

/** The cells of PULL_FACTS, in its order. */
type PullCells = [
  now: number,
  lane: string,
  provider: string,
  model: string,
  capacity: number,
  pausedReason: string | null,
  paused: number,
  revoked: number,
  lanes: string[],
  living: number,
  holds: string | null,
  id: number,
  leaseMs: number,
  heartbeatMs: number,
  version: number,
  observe: Lane["observe"],
  routeAliases: string[],
  stranger: [agent: string, holds: number] | null,
  keptRoute: number,
];

export async function readPullFacts(
  connection: Connection,
  clock: QueueClock,
  request: ClaimRequest,
): Promise<(PullFacts & { readonly now: number }) | null> {
  const args = [request.lane, request.agent, request.session];
  const [rows = []] = await connection.read([{ sql: clock.sql(PULL_FACTS), args }]);
  if (rows[0] === undefined) return null;
  const [now, name, provider, model, capacity, pausedReason, paused, revoked, lanes, living, holds, ...rest] =
    JSON.parse(String(rows[0]["cells"])) as PullCells;
  const [id, leaseMs, heartbeatMs, version, observe, routeAliases, stranger, keptRoute] = rest;
  return {
    now,
    lane: {
      id,
      name,
      route: { provider, model },
      capacity,
      pausedReason,
      leaseMs,
      heartbeatMs,
      dispatch: { kind: "pull" },
      version,
      observe,
      routeAliases,
    },
    agent: { name: request.agent, paused: paused === 1, revoked: revoked === 1, lanes },
    livingLeases: living,
    sessionHolds: holds,
    sessionOf: stranger === null ? null : { agent: stranger[0], holds: stranger[1] === 1 },
    sessionKeptRoute: keptRoute === 1,
    session: request.session,
    route: request.route,
  };
}

export async function readSkipped(
  connection: Connection,
  clock: QueueClock,
  lane: string,
): Promise<readonly Skipped[]> {
  const [rows = []] = await connection.read([{ sql: clock.sql(SKIPPED), args: [lane] }]);
  return rows.map((row) => ({ code: String(row["code"]), count: Number(row["count"]) }));
}

export async function readHasRunnable(connection: Connection, lane: string): Promise<boolean> {
  const [rows = []] = await connection.read([
    {
      sql: "SELECT 1 FROM tasks WHERE lane_id = (SELECT id FROM lanes WHERE name = ?1) AND ready_at IS NOT NULL LIMIT 1",
      args: [lane],
    },
  ]);
  return rows.length > 0;
}

export async function readLapsed(
  connection: Connection,
  clock: QueueClock,
  limit: number,
): Promise<readonly string[]> {
  const [rows = []] = await connection.read([{ sql: clock.sql(LAPSED), args: [limit] }]);
  return rows.map((row) => String(row["id"]));
}
