import type {
  ActiveTask,
  BlockedTask,
  BriefFacts,
  BriefLane,
  BriefList,
  BriefRevision,
  RunnableTask,
} from "../src/core/brief.ts";
import { BRIEF_LIST } from "../src/core/brief.ts";
import type { Requirement } from "../src/core/proof.ts";
import { PRIORITIES, type Status } from "../src/core/task.ts";
import type { BriefStore } from "../src/ports/briefs.ts";
import type { QueueClock } from "./clock.ts";
import { type Connection, DoubtfulWrite, type Row, type SqlValue } from "./connection.ts";
import { readSkipped } from "./queue-reader.ts";
import { turn } from "./turn.ts";

/** Revisions kept: enough to see what agents read lately. */
const KEPT = 20;
/** Looks for facts that no event came between. */
const LOOKS = 4;

const LAST_EVENT = "SELECT coalesce(max(id), 0) AS event FROM events";
/** What is over is most of a queue: it is counted by what the others leave. `status <> 'done'` names the index, here and below. */
const TOTALS = `SELECT status, sum(tasks) AS tasks FROM (
  SELECT status, count(*) AS tasks FROM tasks WHERE status <> 'done' GROUP BY lane_id, status) GROUP BY status
UNION ALL SELECT 'done', (SELECT count(*) FROM tasks) - (SELECT count(*) FROM tasks WHERE status <> 'done')`;
/** The queue as a claim reads it, a lane at a time: a join over all lanes would sort all that is runnable. */
const RUNNABLE = `SELECT json_group_array(json_array(q.key, q.priority, x.title, x.acceptance,
    (SELECT json_group_array(json(spec)) FROM (SELECT spec FROM requirements WHERE task_id = q.id ORDER BY position))))
  FROM (SELECT id, key, priority FROM tasks WHERE lane_id = l.id AND ready_at IS NOT NULL
    ORDER BY priority, ready_at, id LIMIT ${BRIEF_LIST}) q JOIN task_texts x ON x.task_id = q.id`;
const LANES = `SELECT json_array(l.id, l.name, l.provider, l.model, l.capacity, l.lease_ms, l.heartbeat_ms, l.paused_reason,
  (SELECT count(*) FROM attempts a WHERE a.lane_id = l.id AND a.ended_at IS NULL AND a.lease_expires_at > :now),
  (SELECT count(*) FROM tasks t WHERE t.lane_id = l.id AND t.ready_at IS NOT NULL),
  (SELECT count(*) FROM attempts a WHERE a.lane_id = l.id AND a.ended_at IS NULL),
  (SELECT count(*) FROM tasks t WHERE t.lane_id = l.id AND t.status = 'blocked' AND t.status <> 'done'),
  json((${RUNNABLE}))) AS cells
FROM lanes l ORDER BY l.name`;
const ACTIVE = `SELECT json_array(a.lane_id, t.key, x.title, t.status, t.key || '.' || a.number, g.name, a.session,
  a.lease_expires_at) AS cells
FROM (SELECT task_id, number, lane_id, agent_id, session, lease_expires_at,
    row_number() OVER (PARTITION BY lane_id ORDER BY started_at, task_id) AS place
  FROM attempts WHERE ended_at IS NULL) a
JOIN tasks t ON t.id = a.task_id JOIN task_texts x ON x.task_id = t.id JOIN agents g ON g.id = a.agent_id
WHERE a.place <= ${BRIEF_LIST} ORDER BY a.lane_id, a.place`;
const BLOCKED = `SELECT json_array(t.lane_id, t.key, x.title, b.kind, b.reason, b.question, json(b.choices), b.owner, b.since) AS cells
FROM (SELECT q.id, row_number() OVER (PARTITION BY q.lane_id ORDER BY q.priority, k.since, q.id) AS place
  FROM blocks k CROSS JOIN tasks q ON q.id = k.task_id) p
JOIN tasks t ON t.id = p.id JOIN blocks b ON b.task_id = t.id JOIN task_texts x ON x.task_id = t.id
WHERE p.place <= ${BRIEF_LIST} ORDER BY t.lane_id, p.place`;
const UNASSIGNED =
  "SELECT count(*) AS tasks FROM tasks WHERE lane_id IS NULL AND status = 'blocked' AND status <> 'done'";

const REVISION =
  "json_array(revision, generated_at, generated_by, event_id, sha256, content, json(stale_because)) AS cells";
const LAST = `SELECT ${REVISION} FROM briefs ORDER BY revision DESC LIMIT 1`;
const ADD = `INSERT INTO briefs (revision, generated_at, generated_by, event_id, sha256, content)
SELECT ?1 + 1, :now, ?2, ?3, ?4, ?5 WHERE ?1 = (SELECT coalesce(max(revision), 0) FROM briefs) RETURNING ${REVISION}`;
const PRUNE = `DELETE FROM briefs WHERE revision <= (SELECT max(revision) FROM briefs) - ${KEPT}`;

type Cells = readonly unknown[];

export function briefStore(connection: Connection, clock: QueueClock): BriefStore {
  const last = async (): Promise<BriefRevision | null> => {
    const [rows = []] = await connection.read([{ sql: LAST }]);
    return rows[0] === undefined ? null : readRevision(rows[0]);
  };
  return {
    last,
    facts: () => readFacts(connection, clock),
    async add(after, brief) {
      const args: SqlValue[] = [after, brief.generatedBy, brief.event, brief.sha256, brief.content];
      try {
        const [rows = []] = await connection.write([{ sql: clock.sql(ADD), args }, { sql: PRUNE }]);
        return rows[0] === undefined ? null : readRevision(rows[0]);
      } catch (error) {
        if (!(error instanceof DoubtfulWrite)) throw error;
        const newest = await last();
        return newest?.revision === after + 1 && newest.sha256 === brief.sha256 ? newest : null;
      }
    },
    async mark(revision, staleBecause) {
      const args = [revision, staleBecause === null ? null : JSON.stringify(staleBecause)];
      await connection.writeRepeatable([
        { sql: "UPDATE briefs SET stale_because = ?2 WHERE revision = ?1", args },
      ]);
    },
  };
}

function readRevision(row: Row): BriefRevision {
  const cells = JSON.parse(String(row["cells"])) as Cells;
  return {
    revision: cells[0] as number,
    generatedAt: cells[1] as number,
    generatedBy: cells[2] as string,
    event: cells[3] as number,
    sha256: cells[4] as string,
    content: cells[5] as string,
    staleBecause: cells[6] as readonly string[] | null,
  };
}

/** The lists are one snapshot; what waits is counted apart, so all of it is read again where an event came between. */
async function readFacts(connection: Connection, clock: QueueClock): Promise<BriefFacts> {
  for (let look = 1; ; look += 1) {
    await turn();
    const [lists, waiting] = [await readLists(connection, clock), new Map<string, BriefLane["waiting"]>()];
    for (const { name } of lists.lanes) {
      await turn();
      waiting.set(name, await readSkipped(connection, clock, name));
    }
    const [[now] = []] = await connection.read([{ sql: LAST_EVENT }]);
    if (Number(now?.["event"]) !== lists.event && look < LOOKS) continue;
    return {
      ...lists,
      lanes: lists.lanes.map((lane) => ({ ...lane, waiting: waiting.get(lane.name) ?? [] })),
    };
  }
}

async function readLists(connection: Connection, clock: QueueClock): Promise<BriefFacts> {
  const sqls = [LAST_EVENT, TOTALS, LANES, ACTIVE, BLOCKED, UNASSIGNED];
  const results = await connection.read(sqls.map((sql) => ({ sql: clock.sql(sql) })));
  const [events = [], totals = [], lanes = [], ...lists] = results;
  const [active = [], blocked = []] = lists.slice(0, 2).map(byLane);
  return {
    event: Number(events[0]?.["event"]),
    totals: new Map(totals.map((row) => [String(row["status"]) as Status, Number(row["tasks"])])),
    lanes: lanes.map((row) => {
      const cells = JSON.parse(String(row["cells"])) as Cells;
      const id = cells[0] as number;
      return {
        name: cells[1] as string,
        route: { provider: cells[2] as string, model: cells[3] as string },
        capacity: cells[4] as number,
        leaseMs: cells[5] as number,
        heartbeatMs: cells[6] as number,
        pausedReason: cells[7] as string | null,
        livingLeases: cells[8] as number,
        runnable: { count: cells[9] as number, tasks: (cells[12] as readonly Cells[]).map(readRunnable) },
        active: listOf(cells[10] as number, active, id, readActive),
        waiting: [],
        blocked: listOf(cells[11] as number, blocked, id, readBlocked),
      };
    }),
    unassigned: listOf(Number(lists[2]?.[0]?.["tasks"]), blocked, null, readBlocked),
  };
}

type Place = readonly [lane: number | null, cells: Cells];

function byLane(rows: readonly Row[]): readonly Place[] {
  return rows.map((row): Place => {
    const [lane, ...cells] = JSON.parse(String(row["cells"])) as [number | null, ...Cells];
    return [lane, cells];
  });
}

function listOf<T>(
  count: number,
  rows: readonly Place[],
  lane: number | null,
  read: (cells: Cells) => T,
): BriefList<T> {
  return { count, tasks: rows.filter(([id]) => id === lane).map(([, cells]) => read(cells)) };
}

function readRunnable(cells: Cells): RunnableTask {
  return {
    key: cells[0] as string,
    priority: PRIORITIES[cells[1] as number] as RunnableTask["priority"],
    title: cells[2] as string,
    acceptance: cells[3] as string,
    requirements: cells[4] as readonly Requirement[],
  };
}

function readActive(cells: Cells): ActiveTask {
  return {
    key: cells[0] as string,
    title: cells[1] as string,
    status: cells[2] as Status,
    attempt: cells[3] as string,
    agent: cells[4] as string,
    session: cells[5] as string,
    leaseExpiresAt: cells[6] as number,
  };
}

function readBlocked(cells: Cells): BlockedTask {
  return {
    key: cells[0] as string,
    title: cells[1] as string,
    kind: cells[2] as string,
    reason: cells[3] as string,
    question: cells[4] as string,
    choices: cells[5] as readonly string[],
    owner: cells[6] as string,
    since: cells[7] as number,
  };
}
