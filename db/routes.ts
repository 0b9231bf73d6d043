import { parseAttemptId } from "../src/core/attempt.ts";
import { routeFacts } from "../src/core/route-facts.ts";
import type { NewObservation } from "../src/core/telemetry/attribute.ts";
import type { RouteStore, RouteSubject } from "../src/ports/routes.ts";
import type { QueueClock } from "./clock.ts";
import { coalesce } from "./coalesce.ts";
import type { Connection, SqlValue } from "./connection.ts";
import {
  ATTEMPT_ROUTE,
  combination,
  HOLDER,
  OBSERVATION,
  observationRow,
  readAttemptRoute,
  readHolder,
  readObservation,
} from "./route-rows.ts";
import { newToken } from "./token.ts";

/** Of calls in attempts that are over, the newest say enough; of open attempts nothing is forgotten. */
const KEPT = 50_000;
/** Distinct combinations of one session; what is beyond stands as one that equals no route. */
const SESSION_MAX = 500;

const HELD = `FROM attempts a CROSS JOIN tasks t ON t.id = a.task_id CROSS JOIN agents g ON g.id = a.agent_id
CROSS JOIN lanes l ON l.id = a.lane_id`;
const HOLDERS = `SELECT ${HOLDER} AS cells ${HELD}
WHERE a.ended_at IS NULL AND (a.session IN (SELECT value FROM json_each(?1))
  OR (a.task_id, a.number) IN (SELECT n.id, j.value ->> 1 FROM json_each(?2) j CROSS JOIN tasks n ON n.key = j.value ->> 0))`;

const ARRIVED = `SELECT j.value ->> 0 AS session, j.value ->> 1 AS agent, n.id AS task_id,
    CASE WHEN n.id IS NOT NULL THEN j.value ->> 3 END AS attempt, j.value ->> 4 AS source, j.value ->> 5 AS kind,
    j.value ->> 6 AS provider, j.value ->> 7 AS requested, j.value ->> 8 AS responded, j.value ->> 9 AS error_type,
    j.value ->> 10 AS status, j.value ->> 11 AS trouble, j.value ->> 12 AS message, j.value ->> 13 AS first,
    j.value ->> 14 AS last, j.value ->> 15 AS calls
  FROM json_each(?1) j LEFT JOIN tasks n ON n.key = j.value ->> 2`;
const BEYOND = `(SELECT count(*) FROM route_observations s WHERE s.session = i.session AND s.kind = i.kind) >= ${SESSION_MAX}
  AND NOT EXISTS (SELECT 1 FROM route_observations o WHERE o.session = i.session AND o.kind = i.kind
    AND ifnull(o.task_id, 0) = ifnull(i.task_id, 0) AND ifnull(o.attempt, 0) = ifnull(i.attempt, 0) AND o.agent = i.agent
    AND o.source = i.source AND o.provider = i.provider AND o.requested_model = i.requested
    AND o.responded_model = i.responded AND o.error_type = i.error_type AND o.status_code = i.status)`;
const RECORD = `INSERT INTO route_observations (session, agent, task_id, attempt, source, kind, provider, requested_model,
  responded_model, error_type, status_code, trouble, message, first_seen, last_seen, seen_count)
SELECT session, agent, task_id, attempt, source, kind, iif(beyond, '…', provider), iif(beyond, '…', requested),
  iif(beyond, '', responded), iif(beyond, '', error_type), iif(beyond, 0, status), trouble, message,
  min(coalesce(first, :now), :now), min(coalesce(last, :now), :now), calls
FROM (SELECT i.*, ${BEYOND} AS beyond FROM (${ARRIVED}) i) WHERE true
ON CONFLICT (session, kind, ifnull(task_id, 0), ifnull(attempt, 0), agent, source, provider, requested_model,
  responded_model, error_type, status_code) DO UPDATE SET
  first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen),
  seen_count = seen_count + excluded.seen_count, message = coalesce(excluded.message, message),
  trouble = coalesce(excluded.trouble, trouble)
RETURNING json_array(session, agent, source, kind, provider, requested_model, responded_model, error_type, status_code,
  ifnull((SELECT key FROM tasks WHERE id = task_id), ''), ifnull(attempt, 0)) AS cells, seen_count AS calls`;
const FORGET = `DELETE FROM route_observations WHERE id <= (SELECT max(id) FROM route_observations) - ${KEPT}
  AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.task_id = route_observations.task_id
    AND a.number = route_observations.attempt AND a.ended_at IS NULL)`;

const TROUBLED = `INSERT INTO events (change_id, kind, actor, at, data, request_id)
SELECT ?1, 'trouble.reported', ?2, :now, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM events WHERE request_id = ?4)`;

/** ?1 is the name, ?2 a task's key and ?3 an attempt's number. `seen` is a condition, `attempts` lists tasks and numbers. */
const OF = {
  session: {
    seen: "o.session = ?1",
    attempts: `SELECT a.task_id, a.number FROM attempts a WHERE a.session = ?1 AND a.ended_at IS NULL
      UNION SELECT a.task_id, a.number FROM route_observations o CROSS JOIN attempts a
        ON a.task_id = o.task_id AND a.number = o.attempt AND a.session = o.session WHERE o.session = ?1`,
  },
  attempt: {
    seen: "o.task_id = (SELECT id FROM tasks WHERE key = ?2) AND o.attempt = ?3",
    attempts: "SELECT id AS task_id, ?3 AS number FROM tasks WHERE key = ?2",
  },
  agent: {
    seen: "o.agent = ?1",
    attempts: `SELECT a.task_id, a.number FROM attempts a CROSS JOIN agents g ON g.id = a.agent_id
        WHERE a.ended_at IS NULL AND g.name = ?1
      UNION SELECT o.task_id, o.attempt FROM route_observations o WHERE o.agent = ?1 AND o.task_id IS NOT NULL`,
  },
} as const;

const ITS_ATTEMPT = `CROSS JOIN attempts a ON a.task_id = c.task_id AND a.number = c.number
CROSS JOIN tasks t ON t.id = a.task_id CROSS JOIN agents g ON g.id = a.agent_id CROSS JOIN lanes l ON l.id = a.lane_id`;

/** What was seen since; and where a lane demands observation, also those of which nothing was. */
const CONCERNED = `SELECT o.task_id, o.attempt AS number FROM route_observations o
    WHERE o.task_id IS NOT NULL GROUP BY 1, 2 HAVING max(o.last_seen) >= ?1
  UNION SELECT a.task_id, a.number FROM lanes l CROSS JOIN attempts a ON a.lane_id = l.id AND a.ended_at IS NULL
    WHERE l.observe = 'required'`;
const FACTS = `SELECT json_array(${ATTEMPT_ROUTE}, (SELECT json_group_array(${OBSERVATION}) FROM route_observations o
    WHERE o.task_id = a.task_id AND o.attempt = a.number)) AS cells
FROM (${CONCERNED}) c ${ITS_ATTEMPT}
ORDER BY a.task_id, a.number`;

export function routeStore(connection: Connection, clock: QueueClock): RouteStore {
  const read = async (sql: string, args: readonly SqlValue[]): Promise<readonly string[]> => {
    const [rows = []] = await connection.read([{ sql: clock.sql(sql), args }]);
    return rows.map((row) => String(row["cells"]));
  };
  const record = coalesce<readonly NewObservation[], readonly boolean[]>(
    (requests) => writeSeen(connection, clock, requests),
    { max: 64 },
  );
  return {
    async holders(sessions, attempts) {
      const pairs = attempts.flatMap((id) => {
        const parsed = parseAttemptId(id);
        return parsed === null ? [] : [[parsed.taskKey, parsed.number]];
      });
      return (await read(HOLDERS, [JSON.stringify(sessions), JSON.stringify(pairs)])).map(readHolder);
    },
    record: (seen) => (seen.length === 0 ? Promise.resolve([]) : record(seen)),
    async seen(subject, limit) {
      const { sql: where, args } = asked(subject, "seen");
      const sql = `SELECT ${OBSERVATION} AS cells FROM route_observations o WHERE ${where}
ORDER BY o.last_seen DESC, o.id DESC LIMIT ?4`;
      return (await read(sql, [...args, limit])).map((json) =>
        readObservation(JSON.parse(json) as unknown[]),
      );
    },
    async attempts(subject, limit) {
      const { sql: its, args } = asked(subject, "attempts");
      const sql = `SELECT ${ATTEMPT_ROUTE} AS cells FROM (${its}) c ${ITS_ATTEMPT}
ORDER BY a.started_at DESC, a.task_id DESC LIMIT ?4`;
      return (await read(sql, [...args, limit])).map((json) =>
        readAttemptRoute(JSON.parse(json) as unknown[]),
      );
    },
    async facts(since) {
      return (await read(FACTS, [since])).map((json) => {
        const [attempt, seen] = JSON.parse(json) as [unknown[], unknown[][]];
        return routeFacts(readAttemptRoute(attempt), seen.map(readObservation));
      });
    },
    async troubled({ actor, data, requestId }) {
      const token = newToken();
      const args = [token, actor, JSON.stringify(data), requestId ?? `trouble:${token}`];
      await connection.writeRepeatable([{ sql: clock.sql(TROUBLED), args }]);
    },
  };
}

function asked(subject: RouteSubject, what: "seen" | "attempts") {
  if ("session" in subject) return { sql: OF.session[what], args: [subject.session, null, null] };
  if ("agent" in subject) return { sql: OF.agent[what], args: [subject.agent, null, null] };
  const parsed = parseAttemptId(subject.attempt);
  return { sql: OF.attempt[what], args: [null, parsed?.taskKey ?? null, parsed?.number ?? null] };
}

async function writeSeen(
  connection: Connection,
  clock: QueueClock,
  requests: readonly (readonly NewObservation[])[],
): Promise<readonly (readonly boolean[])[]> {
  const rows = requests.map((seen) => seen.map(observationRow));
  // Counted twice where an answer was lost: how often is a figure, whether it was seen at all is what is asked.
  const [returned = []] = await connection.writeRepeatable([
    { sql: clock.sql(RECORD), args: [JSON.stringify(rows.flat())] },
    { sql: FORGET },
  ]);
  const least = new Map<string, number>();
  for (const row of returned) {
    const key = combination(JSON.parse(String(row["cells"])) as unknown[]);
    least.set(key, Math.min(least.get(key) ?? Number.POSITIVE_INFINITY, Number(row["calls"])));
  }
  return rows.map((seen) =>
    seen.map((cells) => {
      const [session, agent, task, number, source, kind, ...call] = cells;
      const key = combination([session, agent, source, kind, ...call.slice(0, 5), task ?? "", number ?? 0]);
      const first = least.get(key) === cells[15];
      // The next of the same request is not the first any more.
      least.delete(key);
      return first;
    }),
  );
}
