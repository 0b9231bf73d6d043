import { attemptId } from "../src/core/attempt.ts";
import type { LaneRecord, TaskRecord } from "../src/core/validation/record.ts";
import type { Row } from "./connection.ts";
import { FACTS, PROOF_CELLS, readFacts, readProof } from "./facts.ts";

/** What validation asks beyond the facts a decision needs; read by `readTaskRecord` in the same order. */
const BEYOND = `json_array(t.priority, t.open_dependencies,
  (SELECT json_group_array(${PROOF_CELLS}) FROM proofs p
    WHERE p.task_id = t.id AND p.attempt = t.attempts AND p.superseded = 0),
  (SELECT count(*) FROM proofs p
    WHERE p.task_id = t.id AND p.attempt = t.attempts AND p.superseded = 0 AND p.verify_at IS NOT NULL),
  (SELECT json_group_array(json_array(o.number, o.epoch, o.session, o.lease_expires_at, o.policy_hash))
    FROM attempts o WHERE o.task_id = t.id AND o.ended_at IS NULL),
  (SELECT json_array(count(*), min(e.version), max(e.version)) FROM events e WHERE e.task_id = t.id),
  (SELECT json_group_array(json_array(e.id, e.attempt)) FROM events e
    WHERE e.task_id = t.id AND e.kind = 'task.completed'),
  (SELECT json_group_array(json_array(n.id, n.event_id)) FROM notices n
    WHERE n.task_id = t.id AND n.kind = 'auto-complete'),
  (SELECT json_group_array(k.target) FROM links k WHERE k.task_id = t.id AND k.kind LIKE 'dangling:%'))`;

export const TASK_RECORDS = `SELECT ${FACTS} AS facts, ${BEYOND} AS beyond
FROM json_each(?1) j CROSS JOIN tasks t ON t.id = j.value
LEFT JOIN attempts a ON a.task_id = t.id AND a.number = t.attempts ORDER BY t.id`;

export const LANE_RECORDS = `SELECT json_array(l.name, l.capacity, l.paused_reason, count(a.task_id), max(a.started_at),
  l.updated_at, CASE WHEN l.paused_at IS NOT NULL THEN (SELECT count(*) FROM tasks t
    WHERE t.lane_id = l.id AND t.priority = 0 AND t.ready_at IS NOT NULL) ELSE 0 END) AS cells
FROM lanes l LEFT JOIN attempts a ON a.lane_id = l.id AND a.ended_at IS NULL AND a.lease_expires_at > :now
GROUP BY l.id ORDER BY l.name`;

type Cells = readonly unknown[];

export function readTaskRecord(row: Row): TaskRecord {
  const { now, task } = readFacts(withTexts(String(row["facts"])));
  const [priority, openDependencies, proofs, proofsDue, open, events, completions, announcements, dangling] =
    JSON.parse(String(row["beyond"])) as [
      number,
      number,
      readonly Cells[],
      number,
      readonly Cells[],
      readonly [count: number, first: number | null, last: number | null],
      readonly (readonly [event: number, attempt: number | null])[],
      readonly (readonly [notice: number, event: number | null])[],
      readonly string[],
    ];
  return {
    now,
    task,
    priorityNumber: priority,
    openDependencies,
    proofs: proofs.map((cells) => readProof(cells, task.id)),
    proofsDue,
    openAttempts: open.map((cells) => ({
      id: attemptId(task.key, cells[0] as number),
      epoch: cells[1] as number,
      session: cells[2] as string,
      leaseExpiresAt: cells[3] as number,
      policyHash: cells[4] as string,
    })),
    events: { count: events[0], first: events[1], last: events[2] },
    completions: completions.map(([event, attempt]) => ({ event, attempt })),
    announcements: announcements.map(([notice, event]) => ({ notice, event })),
    dangling,
  };
}

/** Everywhere else a task has its texts; here a hand may have taken them away. */
function withTexts(facts: string): string {
  const cells = JSON.parse(facts) as unknown[];
  if (cells[2] !== null) return facts;
  return JSON.stringify(cells.with(2, ["", "", ""]));
}

export function readLaneRecord(row: Row): LaneRecord {
  const cells = JSON.parse(String(row["cells"])) as Cells;
  return {
    name: cells[0] as string,
    capacity: cells[1] as number,
    pausedReason: cells[2] as string | null,
    livingLeases: cells[3] as number,
    newestClaimAt: cells[4] as number | null,
    changedAt: cells[5] as number,
    urgent: cells[6] as number,
  };
}
