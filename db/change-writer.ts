import { randomBytes } from "node:crypto";
import type { Change, TaskPatch } from "../src/core/change.ts";
import { PRIORITIES } from "../src/core/task.ts";
import type { Committed } from "../src/ports/queue.ts";
import type { QueueClock } from "./clock.ts";
import { type Connection, DoubtfulWrite, type Row, type SqlValue, type Statement } from "./connection.ts";
import { deliverNotices, insertNotices } from "./notice-rows.ts";

/** A change under its token: the token is how a doubtful answer is looked up afterwards. */
interface Ticket {
  readonly change: Change;
  readonly token: string;
}

/**
 * The event is the ticket. It is written first, under the whole guard (version, and the lease by the database's own
 * clock); everything else is written only where that event stands, and the task's row last. A stale change therefore
 * writes nothing at all, and one batch carries many changes of different tasks.
 */
const ADMIT = `INSERT INTO events (task_id, version, change_id, kind, actor, at, attempt, data, request_id)
SELECT t.id, t.version + 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, :now, j.value ->> 5, j.value -> 6, j.value ->> 7
FROM json_each(?1) j CROSS JOIN tasks t ON t.id = j.value ->> 0
WHERE t.version = j.value ->> 1 AND (j.value ->> 8 IS NULL OR EXISTS (
  SELECT 1 FROM attempts a WHERE a.task_id = t.id AND a.number = j.value ->> 5 AND a.ended_at IS NULL
    AND a.epoch = t.epoch AND (a.lease_expires_at > :now) = (j.value ->> 8 = 'living')))`;

/** Joins a side row's JSON `[task, version, token, …]` to the event that admitted it. */
const ADMITTED = `json_each(?1) j CROSS JOIN events e
  ON e.task_id = j.value ->> 0 AND e.version = j.value ->> 1 AND e.change_id = j.value ->> 2`;

const END_ATTEMPTS = `UPDATE attempts SET ended_at = e.at, outcome = j.value ->> 3, reason = j.value ->> 4
FROM ${ADMITTED} WHERE attempts.task_id = e.task_id AND attempts.number = e.attempt`;

const SUBMIT_ATTEMPTS = `UPDATE attempts SET proof_set_hash = j.value ->> 3
FROM ${ADMITTED} WHERE attempts.task_id = e.task_id AND attempts.number = e.attempt`;

const SUPERSEDE_PROOFS = `UPDATE proofs SET superseded = 1, verify_at = NULL
FROM ${ADMITTED} WHERE proofs.task_id = e.task_id AND proofs.attempt = e.attempt AND proofs.superseded = 0
  AND proofs.requirement = j.value ->> 3`;

const ADD_PROOFS = `INSERT INTO proofs
  (task_id, attempt, requirement, kind, uri, attached_by, attached_at, reply_to, verify_at)
SELECT e.task_id, e.attempt, j.value ->> 3, j.value ->> 4, j.value ->> 5, e.actor, e.at, j.value ->> 6, e.at
FROM ${ADMITTED}`;

const WRITE_VERDICTS = `UPDATE proofs SET verdict = j.value ->> 4, reason = j.value ->> 5, evidence = j.value ->> 6,
  seen = j.value -> 7, checked_at = e.at, checks = checks + 1, verify_at = NULL, verify_lease_until = NULL
FROM ${ADMITTED} WHERE proofs.id = j.value ->> 3 AND proofs.superseded = 0`;

const VERIFY_AGAIN = `UPDATE proofs SET verify_at = e.at, verify_lease_until = NULL
FROM ${ADMITTED} WHERE proofs.id = j.value ->> 3 AND proofs.superseded = 0`;

const WRITE_TEXTS = `UPDATE task_texts SET title = j.value ->> 3, body = j.value ->> 4, acceptance = j.value ->> 5
FROM ${ADMITTED} WHERE task_texts.task_id = e.task_id`;

const DROP_REQUIREMENTS = `DELETE FROM requirements WHERE task_id IN (SELECT e.task_id FROM ${ADMITTED})`;
const ADD_REQUIREMENTS = `INSERT INTO requirements (task_id, position, name, kind, spec)
SELECT e.task_id, r.key, r.value ->> 'name', r.value ->> 'kind', r.value
FROM ${ADMITTED} CROSS JOIN json_each(j.value, '$[3]') r`;

const DROP_DEPENDENCIES = `DELETE FROM dependencies WHERE task_id IN (SELECT e.task_id FROM ${ADMITTED})
  AND depends_on NOT IN (SELECT d.value FROM json_each(?1) j, json_each(j.value, '$[3]') d
    WHERE j.value ->> 0 = dependencies.task_id)`;
const ADD_DEPENDENCIES = `INSERT OR IGNORE INTO dependencies (task_id, depends_on)
SELECT e.task_id, d.value FROM ${ADMITTED} CROSS JOIN json_each(j.value, '$[3]') d`;

const DROP_BLOCKS = `DELETE FROM blocks WHERE task_id IN (SELECT e.task_id FROM ${ADMITTED})`;
const ADD_BLOCKS = `INSERT INTO blocks (task_id, kind, reason, owner, question, choices, since)
SELECT e.task_id, j.value ->> 3, j.value ->> 4, j.value ->> 5, j.value ->> 6, j.value -> 7, e.at FROM ${ADMITTED}`;

const COLUMNS: Readonly<Record<keyof TaskPatch, string>> = {
  status: "status",
  priority: "priority",
  lane: "lane_id",
  epic: "epic_id",
  epoch: "epoch",
  failures: "failures",
  lapses: "lapses",
  maxAttempts: "max_attempts",
  maxLapses: "max_lapses",
  notBefore: "not_before",
  policyHash: "policy_hash",
  completion: "completion",
};

/** One statement a set of columns: an UPDATE that named them all would rewrite every index each time. */
function updateTasks(fields: readonly (keyof TaskPatch)[]): string {
  const sets = fields.map((field, index) => `${COLUMNS[field]} = j.value ->> ${index + 3}`);
  const status = fields.indexOf("status");
  const notBefore = fields.indexOf("notBefore");
  if (status >= 0 || notBefore >= 0) {
    const newStatus = status >= 0 ? `j.value ->> ${status + 3}` : "tasks.status";
    const newTime = notBefore >= 0 ? `j.value ->> ${notBefore + 3}` : "tasks.not_before";
    sets.push(`ready_at = CASE WHEN ${newStatus} = 'queued' AND open_dependencies = 0
      AND (${newTime} IS NULL OR ${newTime} <= e.at) THEN coalesce(ready_at, e.at) END`);
  }
  return `UPDATE tasks SET version = e.version, updated_at = e.at${sets.map((set) => `, ${set}`).join("")}
FROM ${ADMITTED} WHERE tasks.id = e.task_id AND tasks.version = e.version - 1
RETURNING json_array(id, version, updated_at) AS cells`;
}

/** Many changes of different tasks, written as one batch. The answer of each stands at its place; null where stale. */
export async function writeChanges(
  connection: Connection,
  clock: QueueClock,
  changes: readonly Change[],
): Promise<readonly (Committed | null)[]> {
  const tickets = changes.map((change) => ({ change, token: randomBytes(12).toString("base64url") }));
  const statements = compile(tickets).map(({ sql, args }) => ({ sql: clock.sql(sql), args: args ?? [] }));
  try {
    return readCommitted(await connection.write(statements), tickets);
  } catch (error) {
    if (!(error instanceof DoubtfulWrite)) throw error;
    return lookUp(connection, tickets);
  }
}

/** After a doubtful answer: the batch stands exactly where its events stand. */
async function lookUp(connection: Connection, tickets: readonly Ticket[]): Promise<readonly (Committed | null)[]> {
  const rows = await connection.read([
    {
      sql: `SELECT json_array(e.task_id, e.version, e.at) AS cells FROM ${ADMITTED}`,
      args: [JSON.stringify(tickets.map(({ change, token }) => [change.task, change.version + 1, token]))],
    },
  ]);
  return readCommitted(rows, tickets);
}

function readCommitted(results: readonly Row[][], tickets: readonly Ticket[]): readonly (Committed | null)[] {
  const written = new Map<number, Committed>();
  for (const row of results.flat()) {
    const [task, version, at] = JSON.parse(String(row["cells"])) as [number, number, number];
    written.set(task, { version, at });
  }
  return tickets.map(({ change }) => written.get(change.task) ?? null);
}

function compile(tickets: readonly Ticket[]): readonly Statement[] {
  const statements: Statement[] = [
    { sql: ADMIT, args: [JSON.stringify(tickets.map((ticket) => admission(ticket)))] },
  ];
  const add = (sql: string, rows: readonly unknown[][]): void => {
    if (rows.length > 0) statements.push({ sql, args: [JSON.stringify(rows)] });
  };
  const side = <T>(pick: (change: Change) => readonly T[] | undefined, cells: (part: T) => unknown[]): unknown[][] =>
    tickets.flatMap(({ change, token }) =>
      (pick(change) ?? []).map((part) => [change.task, change.version + 1, token, ...cells(part)]),
    );
  const maybe = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

  add(SUPERSEDE_PROOFS, side((change) => maybe(change.addProof), (proof) => [proof.requirement]));
  add(ADD_PROOFS, side((change) => maybe(change.addProof), (proof) => [
    proof.requirement, proof.kind, proof.uri, proof.replyTo ?? null,
  ]));
  add(WRITE_VERDICTS, side((change) => maybe(change.verdict), (verdict) => [
    verdict.proof, verdict.verdict, verdict.reason, verdict.evidence ?? null, verdict.seen ?? null,
  ]));
  add(VERIFY_AGAIN, side((change) => change.verify, (proof) => [proof]));
  add(WRITE_TEXTS, side((change) => maybe(change.texts), (texts) => [texts.title, texts.body, texts.acceptance]));
  const requirements = side((change) => maybe(change.requirements), (list) => [list]);
  add(DROP_REQUIREMENTS, requirements);
  add(ADD_REQUIREMENTS, requirements);
  const dependencies = side((change) => maybe(change.dependencies), (list) => [list]);
  add(DROP_DEPENDENCIES, dependencies);
  add(ADD_DEPENDENCIES, dependencies);
  add(DROP_BLOCKS, side((change) => maybe(change.block), () => []));
  add(ADD_BLOCKS, side((change) => (change.block ? [change.block] : []), (block) => [
    block.kind, block.reason, block.owner, block.question, block.choices,
  ]));
  add(SUBMIT_ATTEMPTS, side((change) => maybe(change.proofSetHash), (hash) => [hash]));
  add(END_ATTEMPTS, side((change) => maybe(change.end), (end) => [end.outcome, end.reason]));
  const notices = side((change) => change.notices, (notice) => [
    notice.kind, notice.text, notice.data, "subject" in notice ? (notice.subject ?? null) : null,
  ]);
  add(insertNotices(ADMITTED), notices);
  add(deliverNotices(ADMITTED), notices);
  statements.push(...taskUpdates(tickets));
  return statements;
}

function admission({ change, token }: Ticket): readonly SqlValue[] {
  const { event } = change;
  return [
    change.task,
    change.version,
    token,
    event.kind,
    event.actor,
    change.attempt ?? null,
    event.data as unknown as string,
    event.requestId ?? null,
    change.lease ?? null,
  ];
}

function taskUpdates(tickets: readonly Ticket[]): readonly Statement[] {
  const shapes = new Map<string, { fields: (keyof TaskPatch)[]; rows: unknown[][] }>();
  for (const { change, token } of tickets) {
    const fields = (Object.keys(change.set) as (keyof TaskPatch)[]).sort();
    const shape = shapes.get(fields.join()) ?? { fields, rows: [] };
    shapes.set(fields.join(), shape);
    const cells = fields.map((field) =>
      field === "priority" ? PRIORITIES.indexOf(change.set.priority ?? "P2") : change.set[field],
    );
    shape.rows.push([change.task, change.version + 1, token, ...cells]);
  }
  return [...shapes.values()].map(({ fields, rows }) => ({
    sql: updateTasks(fields),
    args: [JSON.stringify(rows)],
  }));
}

