import type { ClaimRequest, TaskFacts } from "../src/ports/queue.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row, Statement } from "./connection.ts";
import { FRESH_FACTS, readFacts } from "./facts.ts";
import { writeOnce } from "./once.ts";
import { ROWS } from "./rows.ts";
import { newToken } from "./token.ts";

/**
 * Picks for many claims of one lane at once: the n-th admitted claim gets the n-th runnable task. The WHERE clauses are
 * the gate runnable-pull in SQL; the trigger of that name asks once more for each row. The claims keep their list's order
 * without being sorted, as the CROSS JOINs walk it; the living leases are counted once, as the count names no row beside
 * it. ?1 claims, ?2 lane, ?3 how many.
 */
const PICK = `${ROWS} INSERT INTO attempts (task_id, number, epoch, token, agent_id, lane_id, session, provider, model,
  started_at, lease_ms, lease_expires_at, last_heartbeat_at, policy_hash)
SELECT t.id, t.attempts + 1, t.epoch + 1, r.token, r.agent_id, l.id, r.session, l.provider, l.model,
  :now, l.lease_ms, :now + l.lease_ms, :now, t.policy_hash
FROM lanes l CROSS JOIN (
  SELECT row_number() OVER () AS n, j.value ->> 0 AS token, g.id AS agent_id, j.value ->> 2 AS session
  FROM lanes ll CROSS JOIN j CROSS JOIN agents g ON g.name = j.value ->> 1
  WHERE ll.name = ?2 AND g.paused_at IS NULL AND g.revoked_at IS NULL
    AND ll.provider = j.value ->> 3 AND ll.model = j.value ->> 4
    AND EXISTS (SELECT 1 FROM agent_lanes al WHERE al.agent_id = g.id AND al.lane_id = ll.id)
    AND NOT EXISTS (SELECT 1 FROM attempts o WHERE o.session = j.value ->> 2 AND o.ended_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.name = j.value ->> 2 AND s.agent_id <> g.id)) r
CROSS JOIN (
  SELECT row_number() OVER () AS n, * FROM (
    SELECT q.id, q.attempts, q.epoch, q.policy_hash FROM tasks q
    WHERE q.lane_id = (SELECT id FROM lanes WHERE name = ?2) AND q.ready_at IS NOT NULL
    ORDER BY q.priority, q.ready_at, q.id LIMIT ?3)) t ON t.n = r.n
WHERE l.name = ?2 AND l.paused_at IS NULL AND r.n <= l.capacity - (
  SELECT count(*) FROM attempts a WHERE a.lane_id = (SELECT id FROM lanes WHERE name = ?2)
    AND a.ended_at IS NULL AND a.lease_expires_at > :now)`;

/** The picks of this batch, by session and token: [session, token, requestId]. */
const PICKED = `j CROSS JOIN attempts a ON a.session = j.value ->> 2 AND a.ended_at IS NULL
  AND a.token = j.value ->> 0 CROSS JOIN tasks t ON t.id = a.task_id`;

const CLAIM_EVENTS = `${ROWS} INSERT INTO events (task_id, version, change_id, kind, actor, at, attempt, data, request_id)
SELECT t.id, t.version + 1, a.token, 'task.claimed', 'agent:' || (j.value ->> 1), a.started_at, a.number,
  json_object('session', a.session, 'epoch', a.epoch, 'lane', ?2, 'route', a.provider || '/' || a.model),
  j.value ->> 5
FROM ${PICKED}`;

// The LIMIT keeps the claims a table of their own: flattened, the planner would walk all tasks to look for attempts.
const ACTIVATE = `${ROWS} UPDATE tasks SET status = 'active', version = tasks.version + 1, epoch = p.epoch, attempts = p.number,
  ready_at = NULL, updated_at = p.started_at
FROM (SELECT a.task_id, a.epoch, a.number, a.started_at FROM j CROSS JOIN attempts a
  ON a.session = j.value ->> 2 AND a.ended_at IS NULL AND a.token = j.value ->> 0 LIMIT -1) p
WHERE tasks.id = p.task_id`;

const CLAIMED = `${ROWS} SELECT a.token AS token, ${FRESH_FACTS} AS facts FROM ${PICKED}`;

interface Ticket {
  readonly token: string;
  readonly request: ClaimRequest;
}

/** Tasks whose time has come join the runnable index before anyone picks. Costs one look at an index when none has. */
export const PROMOTE = `UPDATE tasks SET ready_at = not_before
WHERE status = 'queued' AND ready_at IS NULL AND not_before IS NOT NULL AND not_before <= :now AND open_dependencies = 0`;

/** Claims of any lanes as one batch; sessions must differ. Null where the guards let nothing through. */
export async function writeClaims(
  connection: Connection,
  clock: QueueClock,
  requests: readonly ClaimRequest[],
): Promise<readonly (TaskFacts | null)[]> {
  const tickets = requests.map((request) => ({ request, token: newToken() }));
  const lanes = Map.groupBy(tickets, ({ request }) => request.lane);
  const groups = [...lanes].map(([lane, group]) => ({
    lane,
    count: group.length,
    json: JSON.stringify(group.map((ticket) => cells(ticket, connection.remote))),
  }));
  const statements: Statement[] = [
    ...groups.map(({ lane, count, json }) => ({ sql: PICK, args: [json, lane, count] })),
    ...groups.map(({ lane, json }) => ({ sql: CLAIM_EVENTS, args: [json, lane] })),
    ...groups.map(({ json }) => ({ sql: ACTIVATE, args: [json] })),
    ...groups.map(({ json }) => ({ sql: CLAIMED, args: [json] })),
  ];
  const timed = statements.map(({ sql, args }) => ({ sql: clock.sql(sql), args: args ?? [] }));
  const claimed = await writeOnce(
    async () => readClaimed(await connection.write(timed)),
    async () => readClaimed(await connection.read(timed.slice(-groups.length))),
  );
  return tickets.map(({ token }) => claimed?.get(token) ?? null);
}

/** By token; null where nobody got anything. */
function readClaimed(results: readonly Row[][]): ReadonlyMap<string, TaskFacts> | null {
  const rows = results.flat();
  if (rows.length === 0) return null;
  return new Map(rows.map((row) => [String(row["token"]), readFacts(String(row["facts"]))]));
}

/** Only a link may carry a request out twice, even after the attempt has ended: the log takes its id once. */
function cells({ token, request }: Ticket, remote: boolean): readonly (string | null)[] {
  const { agent, session, route } = request;
  const requestId = request.requestId ?? (remote ? `claim:${token}` : null);
  return [token, agent, session, route.provider, route.model, requestId];
}
