import type { DigestCounts } from "../src/core/digest.ts";
import type { DigestStore } from "../src/ports/digests.ts";
import type { Connection } from "./connection.ts";

/** Keys that a digest names. */
const NAMED = 10;
/** The log is in the order of ids; a clock that was set back by less than this does not hide an event. */
const SLACK_MS = 300_000;

/** ?1 from, ?2 to, ?3 lanes as JSON or NULL. The log is walked backwards to the window's beginning, and no further. */
const FIRST = `SELECT coalesce((SELECT id FROM events WHERE at < ?1 - ${SLACK_MS} AND imported = 0
  ORDER BY id DESC LIMIT 1), 0)`;

/** What is about a task counts for that task's lane, whether the event is its own or only names it. */
const IN_LANES = (
  task: string,
): string => `(?3 IS NULL OR (SELECT t.lane_id FROM tasks t WHERE t.id = ${task}) IS NULL
  OR (SELECT t.lane_id FROM tasks t WHERE t.id = ${task}) IN (SELECT l.id FROM json_each(?3) j JOIN lanes l ON l.name = j.value))`;
const OF_TASK = "coalesce(e.task_id, (SELECT o.id FROM tasks o WHERE o.key = e.data ->> 'task'))";
const IN_WINDOW = `e.id > (${FIRST}) AND e.at >= ?1 AND e.at < ?2 AND e.imported = 0 AND ${IN_LANES(OF_TASK)}`;

const COUNT = `SELECT e.kind AS kind, count(*) AS count,
  coalesce(sum(e.kind = 'contradiction.opened' AND e.data ->> 'rule' = 'recurrence'), 0) AS recurring
FROM events e WHERE ${IN_WINDOW} GROUP BY e.kind`;
const named = (kind: string): string => `SELECT (SELECT key FROM tasks WHERE id = e.task_id) AS key
FROM events e WHERE e.kind = '${kind}' AND ${IN_WINDOW} ORDER BY e.id LIMIT ${NAMED}`;
const REFUSALS = `SELECT r.gate AS gate, r.code AS code, count(*) AS count FROM refusals r
WHERE r.at >= ?1 AND r.at < ?2 AND ${IN_LANES("r.task_id")} GROUP BY r.gate, r.code ORDER BY count(*) DESC, r.gate, r.code`;

export function digestStore(connection: Connection): DigestStore {
  return {
    async count({ from, to }, lanes) {
      const args = [from, to, lanes === null ? null : JSON.stringify(lanes)];
      const sqls = [COUNT, named("task.completed"), named("proof.rotted"), REFUSALS];
      const results = await connection.read(sqls.map((sql) => ({ sql, args })));
      const [counted = [], completed = [], rotted = [], refusals = []] = results;
      return {
        events: Object.fromEntries(counted.map((row) => [String(row["kind"]), Number(row["count"])])),
        recurring: counted.reduce((sum, row) => sum + Number(row["recurring"]), 0),
        refusals: refusals.map((row) => ({
          gate: String(row["gate"]),
          code: String(row["code"]),
          count: Number(row["count"]),
        })),
        completed: completed.map((row) => String(row["key"])),
        rotted: rotted.map((row) => String(row["key"])),
      } satisfies DigestCounts;
    },
  };
}
