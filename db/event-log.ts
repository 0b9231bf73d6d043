import { placeOfRequest } from "../src/core/request.ts";
import type { EventLog, EventRecord } from "../src/ports/log.ts";
import type { Connection, SqlValue } from "./connection.ts";

const EVENT = `SELECT json_array(e.id, t.key, e.version, e.kind, e.actor, e.at,
  CASE WHEN e.attempt IS NOT NULL THEN t.key || '.' || e.attempt END, json(e.data), e.imported, e.request_id) AS cells`;
const AFTER = `${EVENT} FROM events e LEFT JOIN tasks t ON t.id = e.task_id WHERE e.id > ?1 ORDER BY e.id LIMIT ?2`;
/** By the task's own index; a task's versions rise as the log's ids do. */
const OF_TASK = `${EVENT} FROM tasks t CROSS JOIN events e ON e.task_id = t.id
WHERE t.key = ?3 AND e.id > ?1 ORDER BY e.version LIMIT ?2`;
const BY_REQUEST = `${EVENT} FROM events e LEFT JOIN tasks t ON t.id = e.task_id WHERE e.request_id = ?1`;

const ONE = `${EVENT} FROM events e LEFT JOIN tasks t ON t.id = e.task_id WHERE e.id = ?1`;

/** Events one statement looks through, and statements one answer may take: an actor's events are found by looking. */
interface Reach {
  readonly span: number;
  readonly spans: number;
}
const REACH: Reach = { span: 20_000, spans: 10 };
/** The log is in the order of ids; a clock that was set back by less than this does not hide an event. */
const SLACK_MS = 300_000;

/** ?1 before, ?2 from, ?3 limit, ?4 task, ?5 actor, ?6 since; the last four may be NULL. */
const BACK = `${EVENT}, e.id AS id FROM events e LEFT JOIN tasks t ON t.id = e.task_id
WHERE e.id < ?1 AND e.id >= ?2 AND ?4 IS NULL AND (?5 IS NULL OR e.actor = ?5) AND (?6 IS NULL OR e.at >= ?6)
ORDER BY e.id DESC LIMIT ?3`;
const BACK_OF_TASK = `${EVENT}, e.id AS id FROM tasks t CROSS JOIN events e ON e.task_id = t.id
WHERE t.key = ?4 AND e.id < ?1 AND e.id >= ?2 AND (?5 IS NULL OR e.actor = ?5) AND (?6 IS NULL OR e.at >= ?6)
ORDER BY e.version DESC LIMIT ?3`;
/** The first event of a stretch: what is older than the window ends the walk. Imported ones carry times of their own. */
const OLDEST = "SELECT at FROM events WHERE id >= ?1 AND id < ?2 AND imported = 0 ORDER BY id LIMIT 1";

export function eventLog(connection: Connection, reach = REACH): EventLog {
  return {
    async events({ after, task, limit }) {
      const statement =
        task === undefined
          ? { sql: AFTER, args: [after, limit] }
          : { sql: OF_TASK, args: [after, limit, task] };
      const [rows = []] = await connection.read([statement]);
      return rows.map((row) => readEvent(String(row["cells"])));
    },
    async lastEvent() {
      const [rows = []] = await connection.read([{ sql: "SELECT max(id) AS id FROM events" }]);
      return Number(rows[0]?.["id"] ?? 0);
    },
    async event(id) {
      const [rows = []] = await connection.read([{ sql: ONE, args: [id] }]);
      return rows[0] === undefined ? null : readEvent(String(rows[0]["cells"]));
    },
    recent: (filter) => walkBack(connection, reach, filter),
    async byRequest(requestId) {
      const [rows = []] = await connection.read([{ sql: BY_REQUEST, args: [requestId] }]);
      return rows[0] === undefined ? null : readEvent(String(rows[0]["cells"]));
    },
  };
}

async function walkBack(
  connection: Connection,
  reach: Reach,
  { before, task, actor, since, limit }: Parameters<EventLog["recent"]>[0],
): ReturnType<EventLog["recent"]> {
  const [last = []] = await connection.read([{ sql: "SELECT coalesce(max(id), 0) AS id FROM events" }]);
  // One task's events are few and have an index; all others are looked for stretch by stretch.
  const span = task === undefined ? reach.span : Number.MAX_SAFE_INTEGER;
  const sql = task === undefined ? BACK : BACK_OF_TASK;
  const found: EventRecord[] = [];
  let to = Math.min(before ?? Number.MAX_SAFE_INTEGER, Number(last[0]?.["id"]) + 1);
  for (let spans = 0; spans < reach.spans && to > 1; spans += 1) {
    const from = Math.max(1, to - span);
    const filter: SqlValue[] = [task ?? null, actor ?? null, since ?? null];
    const [rows = [], oldest = []] = await connection.read([
      { sql, args: [to, from, limit + 1 - found.length, ...filter] },
      { sql: OLDEST, args: [from, to] },
    ]);
    found.push(...rows.map((row) => readEvent(String(row["cells"]))));
    if (found.length > limit) {
      const events = found.slice(0, limit);
      return { events, next: events.at(-1)?.id ?? null };
    }
    to = from;
    if (since !== undefined && Number(oldest[0]?.["at"] ?? since) < since - SLACK_MS)
      return { events: found, next: null };
    // Sockets and timers get their turn between two looks: the client never gives them one.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { events: found, next: to > 1 ? to : null };
}

function readEvent(json: string): EventRecord {
  const cells = JSON.parse(json) as readonly unknown[];
  const via = placeOfRequest(cells[9] as string | null);
  return {
    id: cells[0] as number,
    task: cells[1] as string | null,
    version: cells[2] as number | null,
    kind: cells[3] as string,
    actor: cells[4] as string,
    at: cells[5] as number,
    attempt: cells[6] as string | null,
    data: cells[7] as EventRecord["data"],
    ...(via === null ? {} : { via }),
    ...(cells[8] === 1 ? { imported: true } : {}),
  };
}
