import { attemptId } from "../src/core/attempt.ts";
import type { Json } from "../src/core/json.ts";
import { PRIORITIES, type Status } from "../src/core/task.ts";
import type { TaskCount, TaskHistory, TaskListing, TaskPage, TaskSummary } from "../src/ports/listing.ts";
import type { EventRecord } from "../src/ports/log.ts";
import type { TaskFilter } from "../src/ports/queue.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, SqlValue } from "./connection.ts";
import { readDependents } from "./dependents.ts";
import { ALL_PROOFS, ATTEMPT_CELLS, PROOF_CELLS, readAttempt, readProof } from "./facts.ts";
import { sparingly } from "./sparingly.ts";

/**
 * How many ids one statement looks through. The client is synchronous: a filter that matches one task in a million is
 * answered in many short looks with turns of the event loop between them, never in one long one.
 */
const SPAN = 20_000;
/**
 * Counting reads on without an end of its own: what arrives meanwhile waits for one stretch, and what is asked in many
 * steps for one at each, so the stretches are short and leave others half the time.
 */
const COUNT_SPAN = 1000;

/** The gate runnable-pull as a predicate over a row; `t` and, left-joined, its lane `l`. */
const RUNNABLE = `(t.status = 'queued' AND t.open_dependencies = 0 AND (t.not_before IS NULL OR t.not_before <= :now)
  AND l.paused_at IS NULL AND l.capacity > (SELECT count(*) FROM attempts r
    WHERE r.lane_id = l.id AND r.ended_at IS NULL AND r.lease_expires_at > :now))`;

const SUMMARY = `json_array(t.id, t.key, x.title, (SELECT key FROM epics WHERE id = t.epic_id), l.name, t.priority, t.status,
  t.version, coalesce(${RUNNABLE}, 0), t.open_dependencies, t.attempts, t.not_before, t.completion, t.created_at, t.updated_at,
  (SELECT json_array(a.number, g.name, a.session, a.lease_expires_at, a.last_heartbeat_at)
    FROM attempts a JOIN agents g ON g.id = a.agent_id WHERE a.task_id = t.id AND a.ended_at IS NULL),
  (SELECT json_array(b.kind, b.reason, b.owner, b.question) FROM blocks b WHERE b.task_id = t.id))`;

const BY_IDS = `SELECT ${SUMMARY} AS cells FROM json_each(?1) j CROSS JOIN tasks t ON t.id = j.value
LEFT JOIN lanes l ON l.id = t.lane_id JOIN task_texts x ON x.task_id = t.id
WHERE t.status IN (SELECT value FROM json_each(?2)) ORDER BY j.key`;

const COUNTS = `SELECT json_group_array(json_array(status, lane, tasks)) AS cells FROM (
  SELECT t.status, (SELECT name FROM lanes WHERE id = t.lane_id) AS lane, count(*) AS tasks
  FROM tasks t WHERE t.id > ?1 AND t.id <= ?2 GROUP BY t.lane_id, t.status)`;

const LAST = "SELECT coalesce(max(id), 0) AS last FROM tasks";

/** Of a longer history the newest events: the log itself holds them all. */
const EVENTS_SHOWN = 500;
const HISTORY = `SELECT json_array(t.id, t.key,
  (SELECT json_group_array(json(cells)) FROM (
    SELECT ${ATTEMPT_CELLS} AS cells FROM attempts a WHERE a.task_id = t.id ORDER BY a.number)),
  (SELECT json_group_array(json(cells)) FROM (
    SELECT json_array(p.superseded, ${PROOF_CELLS}) AS cells FROM ${ALL_PROOFS} ORDER BY p.id)),
  (SELECT json_group_array(json(cells)) FROM (
    SELECT json_array(e.id, e.version, e.kind, e.actor, e.at, e.attempt, json(e.data)) AS cells
    FROM events e WHERE e.task_id = t.id ORDER BY e.version DESC LIMIT ${EVENTS_SHOWN}))) AS cells
FROM tasks t WHERE t.key = ?1`;

type Cells = readonly unknown[];

export function taskListing(connection: Connection, clock: QueueClock, span = SPAN): TaskListing {
  return {
    list: (filter) => readPage(connection, clock, span, filter),
    counts: sparingly(() => readCounts(connection, Math.min(span, COUNT_SPAN))),
    history: (key) => readHistory(connection, key),
    dependents: (key) => readDependents(connection, key),
  };
}

/** The client's promises resolve without a turn of the event loop: sockets and timers get theirs here. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** As long for others as something took, and a turn of the event loop at least. */
function rest(tookMs: number): Promise<void> {
  return tookMs < 0.5 ? turn() : new Promise((resolve) => setTimeout(resolve, tookMs));
}

async function readPage(
  connection: Connection,
  clock: QueueClock,
  span: number,
  filter: TaskFilter,
): Promise<TaskPage> {
  const { where, args, from } = conditions(filter);
  const sql = clock.sql(`SELECT t.id AS id, ${SUMMARY} AS cells FROM ${from}
LEFT JOIN lanes l ON l.id = t.lane_id JOIN task_texts x ON x.task_id = t.id
WHERE t.id > ?1 AND t.id <= ?2${where} ORDER BY t.id LIMIT ?3`);
  // One more than asked for tells whether there is a next page.
  const wanted = filter.limit + 1;
  const found: { id: number; task: TaskSummary }[] = [];
  for (let after = filter.after ?? 0; ; after += span) {
    const [rows = [], tail = []] = await connection.read([
      { sql, args: [after, after + span, wanted - found.length, ...args] },
      { sql: LAST },
    ]);
    for (const row of rows)
      found.push({ id: Number(row["id"]), task: readSummary(JSON.parse(String(row["cells"])) as Cells) });
    if (found.length >= wanted || after + span >= Number(tail[0]?.["last"])) break;
    await turn();
  }
  const page = found.slice(0, filter.limit);
  return {
    tasks: page.map(({ task }) => task),
    next: found.length > page.length ? (page.at(-1)?.id ?? null) : null,
  };
}

/** In the order of the ids; without those that are no longer in one of the statuses. */
export async function readSummaries(
  connection: Connection,
  clock: QueueClock,
  ids: readonly number[],
  statuses: readonly Status[],
): Promise<readonly TaskSummary[]> {
  const args = [JSON.stringify(ids), JSON.stringify(statuses)];
  const [rows = []] = await connection.read([{ sql: clock.sql(BY_IDS), args }]);
  return rows.map((row) => readSummary(JSON.parse(String(row["cells"])) as Cells));
}

/** ?1 to ?3 are the range and the limit; what follows are the filter's own values. */
function conditions(filter: TaskFilter): { from: string; where: string; args: SqlValue[] } {
  const parts: string[] = [];
  const args: SqlValue[] = [];
  const place = (value: SqlValue): string => `?${args.push(value) + 3}`;
  let from = "tasks t";
  if (filter.status !== undefined) {
    // The index of open tasks leads with the lane, and is used only where the statement says the same as the index.
    if (filter.status !== "done") {
      from =
        "(SELECT NULL AS lane UNION ALL SELECT id FROM lanes) o CROSS JOIN tasks t ON t.lane_id IS o.lane AND t.status <> 'done'";
    }
    parts.push(`t.status = ${place(filter.status)}`);
  }
  if (filter.lane !== undefined)
    parts.push(`t.lane_id = (SELECT id FROM lanes WHERE name = ${place(filter.lane)})`);
  if (filter.epic !== undefined)
    parts.push(`t.epic_id = (SELECT id FROM epics WHERE key = ${place(filter.epic)})`);
  if (filter.runnable !== undefined) parts.push(`coalesce(${RUNNABLE}, 0) = ${filter.runnable ? 1 : 0}`);
  if (filter.text !== undefined) {
    const text = place(filter.text);
    parts.push(`(instr(lower(x.title), lower(${text})) > 0 OR instr(lower(t.key), lower(${text})) > 0)`);
  }
  return { from, where: parts.map((part) => ` AND ${part}`).join(""), args };
}

function readSummary(cells: Cells): TaskSummary {
  const key = cells[1] as string;
  const holder = cells[15] as Cells | null;
  const block = cells[16] as Cells | null;
  return {
    key,
    title: cells[2] as string,
    epic: cells[3] as string,
    lane: cells[4] as string | null,
    priority: PRIORITIES[cells[5] as number] as TaskSummary["priority"],
    status: cells[6] as Status,
    version: cells[7] as number,
    runnable: cells[8] === 1,
    openDependencies: cells[9] as number,
    attempts: cells[10] as number,
    notBefore: cells[11] as number | null,
    completion: cells[12] as TaskSummary["completion"],
    createdAt: cells[13] as number,
    updatedAt: cells[14] as number,
    holder: holder && {
      attempt: attemptId(key, holder[0] as number),
      agent: holder[1] as string,
      session: holder[2] as string,
      leaseExpiresAt: holder[3] as number,
      lastHeartbeatAt: holder[4] as number,
    },
    block: block && {
      kind: block[0] as string,
      reason: block[1] as string,
      owner: block[2] as string,
      question: block[3] as string,
    },
  };
}

async function readCounts(connection: Connection, span: number): Promise<readonly TaskCount[]> {
  const totals = new Map<string, TaskCount>();
  for (let after = 0; ; after += span) {
    const began = performance.now();
    const [rows = [], tail = []] = await connection.read([
      { sql: COUNTS, args: [after, after + span] },
      { sql: LAST },
    ]);
    for (const [status, lane, tasks] of JSON.parse(String(rows[0]?.["cells"])) as [
      Status,
      string | null,
      number,
    ][]) {
      const name = `${status} ${lane ?? ""}`;
      totals.set(name, { status, lane, tasks: tasks + (totals.get(name)?.tasks ?? 0) });
    }
    if (after + span >= Number(tail[0]?.["last"])) return [...totals.values()];
    await rest(performance.now() - began);
  }
}

async function readHistory(connection: Connection, taskKey: string): Promise<TaskHistory | null> {
  const [rows = []] = await connection.read([{ sql: HISTORY, args: [taskKey] }]);
  if (rows[0] === undefined) return null;
  const [id, key, attempts, proofs, events] = JSON.parse(String(rows[0]["cells"])) as [
    number,
    string,
    Cells[],
    Cells[],
    Cells[],
  ];
  return {
    attempts: attempts.map((cells) => readAttempt(cells, { id, key })),
    proofs: proofs.map(([superseded, cells]) => ({
      ...readProof(cells as Cells, id),
      superseded: superseded === 1,
    })),
    events: events.toReversed().map((cells): EventRecord => readEvent(cells, key)),
  };
}

function readEvent(cells: Cells, task: string): EventRecord {
  return {
    id: cells[0] as number,
    task,
    version: cells[1] as number,
    kind: cells[2] as string,
    actor: cells[3] as string,
    at: cells[4] as number,
    attempt: cells[5] === null ? null : attemptId(task, cells[5] as number),
    data: cells[6] as { readonly [field: string]: Json },
  };
}
