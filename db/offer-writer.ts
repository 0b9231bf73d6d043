import type { OfferRequest } from "../src/ports/dispatches.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row } from "./connection.ts";
import { writeOnce } from "./once.ts";
import { newToken } from "./token.ts";

/**
 * A claim made for a named agent, in a session of the offer's own: the gate runnable-pull stands in the WHERE clauses, as
 * in the claim, and its trigger asks once more. The lease is the offer's: the first heartbeat makes it the lane's.
 * ?1 tokens, ?2 lane, ?3 agent, ?4 how long the offer waits, ?5 target.
 */
const PICK = `INSERT INTO attempts (task_id, number, epoch, token, agent_id, lane_id, session, provider, model,
  started_at, lease_ms, lease_expires_at, last_heartbeat_at, policy_hash)
SELECT t.id, t.attempts + 1, t.epoch + 1, r.token, g.id, l.id, 'offer:' || r.token, l.provider, l.model,
  :now, l.lease_ms, :now + min(?4, l.lease_ms), :now, t.policy_hash
FROM lanes l CROSS JOIN agents g ON g.name = ?3
CROSS JOIN (SELECT row_number() OVER (ORDER BY j.key) AS n, j.value AS token FROM json_each(?1) j) r
CROSS JOIN (
  SELECT row_number() OVER () AS n, * FROM (
    SELECT q.id, q.attempts, q.epoch, q.policy_hash FROM tasks q
    WHERE q.lane_id = (SELECT id FROM lanes WHERE name = ?2) AND q.ready_at IS NOT NULL
    ORDER BY q.priority, q.ready_at, q.id LIMIT json_array_length(?1))) t ON t.n = r.n
WHERE l.name = ?2 AND l.paused_at IS NULL AND g.paused_at IS NULL AND g.revoked_at IS NULL
  AND EXISTS (SELECT 1 FROM agent_lanes al WHERE al.agent_id = g.id AND al.lane_id = l.id)
  AND NOT EXISTS (SELECT 1 FROM dispatch_targets d WHERE d.lane_id = l.id AND d.target = ?5 AND d.cool_until > :now)
  AND r.n <= l.capacity - (
    SELECT count(*) FROM attempts a WHERE a.lane_id = l.id AND a.ended_at IS NULL AND a.lease_expires_at > :now)`;

const PICKED = `json_each(?1) j CROSS JOIN attempts a ON a.session = 'offer:' || j.value AND a.ended_at IS NULL
  CROSS JOIN tasks t ON t.id = a.task_id`;

/** The request's id is there once for good: a batch that a link carries out twice fails the second time. */
const EVENTS = `INSERT INTO events (task_id, version, change_id, kind, actor, at, attempt, data, request_id)
SELECT t.id, t.version + 1, a.token, 'task.offered', 'system:dispatch-ready-work', a.started_at, a.number,
  json_object('session', a.session, 'epoch', a.epoch, 'lane', ?2, 'agent', ?3, 'target', ?4,
    'expiresAt', a.lease_expires_at), 'offer:' || a.token
FROM ${PICKED}`;
const ROWS = `INSERT INTO dispatches (task_id, attempt, lane_id, target, settings, due_at)
SELECT a.task_id, a.number, a.lane_id, ?2, ?3, a.started_at FROM ${PICKED}`;
// The LIMIT keeps the picks a table of their own, as in the claim.
const OFFERED = `UPDATE tasks SET status = 'offered', version = tasks.version + 1, epoch = p.epoch, attempts = p.number,
  ready_at = NULL, updated_at = p.started_at
FROM (SELECT a.task_id, a.epoch, a.number, a.started_at FROM json_each(?1) j CROSS JOIN attempts a
  ON a.session = 'offer:' || j.value AND a.ended_at IS NULL LIMIT -1) p
WHERE tasks.id = p.task_id`;
const STANDS = `SELECT t.key || '.' || a.number AS attempt FROM ${PICKED} ORDER BY j.key`;

export async function writeOffers(
  connection: Connection,
  clock: QueueClock,
  { lane, dispatch, offerMs, count }: OfferRequest,
): Promise<readonly string[]> {
  const tokens = JSON.stringify(Array.from({ length: count }, newToken));
  const target = targetOf(dispatch);
  const stands = { sql: STANDS, args: [tokens] };
  const batch = [
    { sql: clock.sql(PICK), args: [tokens, lane, dispatch.agent, offerMs, target] },
    { sql: EVENTS, args: [tokens, lane, dispatch.agent, target] },
    { sql: ROWS, args: [tokens, target, JSON.stringify(dispatch)] },
    { sql: OFFERED, args: [tokens] },
    stands,
  ];
  const offered = await writeOnce(
    async () => readOffered((await connection.write(batch)).at(-1)),
    async () => readOffered((await connection.read([stands]))[0]),
  );
  return offered ?? [];
}

function readOffered(rows: readonly Row[] = []): readonly string[] | null {
  return rows.length === 0 ? null : rows.map((row) => String(row["attempt"]));
}

/** Whose failures are counted together: the same settings but for how long an offer waits. */
function targetOf(dispatch: OfferRequest["dispatch"]): string {
  const told = Object.entries(dispatch).filter(([field]) => field !== "offerSeconds");
  return JSON.stringify(Object.fromEntries(told.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
