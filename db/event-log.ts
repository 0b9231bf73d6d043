import type { EventLog, EventRecord } from "../src/ports/log.ts";
import type { Connection } from "./connection.ts";

const EVENT = `SELECT json_array(e.id, t.key, e.version, e.kind, e.actor, e.at,
  CASE WHEN e.attempt IS NOT NULL THEN t.key || '.' || e.attempt END, json(e.data), e.imported) AS cells`;
const AFTER = `${EVENT} FROM events e LEFT JOIN tasks t ON t.id = e.task_id WHERE e.id > ?1 ORDER BY e.id LIMIT ?2`;
/** By the task's own index; a task's versions rise as the log's ids do. */
const OF_TASK = `${EVENT} FROM tasks t CROSS JOIN events e ON e.task_id = t.id
WHERE t.key = ?3 AND e.id > ?1 ORDER BY e.version LIMIT ?2`;
const BY_REQUEST = `${EVENT} FROM events e LEFT JOIN tasks t ON t.id = e.task_id WHERE e.request_id = ?1`;

export function eventLog(connection: Connection): EventLog {
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
    async byRequest(requestId) {
      const [rows = []] = await connection.read([{ sql: BY_REQUEST, args: [requestId] }]);
      return rows[0] === undefined ? null : readEvent(String(rows[0]["cells"]));
    },
  };
}

function readEvent(json: string): EventRecord {
  const cells = JSON.parse(json) as readonly unknown[];
  return {
    id: cells[0] as number,
    task: cells[1] as string | null,
    version: cells[2] as number | null,
    kind: cells[3] as string,
    actor: cells[4] as string,
    at: cells[5] as number,
    attempt: cells[6] as string | null,
    data: cells[7] as EventRecord["data"],
    ...(cells[8] === 1 ? { imported: true } : {}),
  };
}
