import type { Change, TaskPatch } from "../src/core/change.ts";
import type { Json } from "../src/core/json.ts";
import type { Status } from "../src/core/task.ts";
import { deliverNotices, insertNotices } from "./notice-rows.ts";
import { ROWS } from "./rows.ts";

/**
 * The event is the ticket. It is written first, under the whole guard (version, and the lease by the database's own
 * clock); everything else is written only where that event stands, and the task's row last. A stale change therefore
 * writes nothing at all, and one batch carries many changes of different tasks.
 */
export const ADMIT = `${ROWS} INSERT INTO events (task_id, version, change_id, kind, actor, at, attempt, data, request_id)
SELECT t.id, t.version + 1, ?2, j.value ->> 2, j.value ->> 3, :now, j.value ->> 4, j.value ->> 5, j.value ->> 6
FROM j CROSS JOIN tasks t ON t.id = j.value ->> 0
WHERE t.version = j.value ->> 1 AND (j.value ->> 7 IS NULL OR EXISTS (
  SELECT 1 FROM attempts a WHERE a.task_id = t.id AND a.number = j.value ->> 4 AND a.ended_at IS NULL
    AND a.epoch = t.epoch AND (a.lease_expires_at > :now) = (j.value ->> 7 = 'living')))`;

/** Joins each of ROWS, `[task, version, …]`, to the event that admitted it under the batch's token, ?2. */
export const ADMITTED = `j CROSS JOIN events e
  ON e.task_id = j.value ->> 0 AND e.version = j.value ->> 1 AND e.change_id = ?2`;

const END_ATTEMPTS = `${ROWS} UPDATE attempts SET ended_at = e.at, outcome = j.value ->> 2, reason = j.value ->> 3
FROM ${ADMITTED} WHERE attempts.task_id = e.task_id AND attempts.number = e.attempt`;

const SUBMIT_ATTEMPTS = `${ROWS} UPDATE attempts SET proof_set_hash = j.value ->> 2
FROM ${ADMITTED} WHERE attempts.task_id = e.task_id AND attempts.number = e.attempt`;

const SUPERSEDE_PROOFS = `${ROWS} UPDATE proofs SET superseded = 1, verify_at = NULL
FROM ${ADMITTED} WHERE proofs.id = j.value ->> 2 AND proofs.task_id = e.task_id`;

const ADD_PROOFS = `${ROWS} INSERT INTO proofs
  (task_id, attempt, requirement, kind, uri, attached_by, attached_at, reply_to, verify_at)
SELECT e.task_id, e.attempt, j.value ->> 2, j.value ->> 3, j.value ->> 4, e.actor, e.at, j.value ->> 5, e.at
FROM ${ADMITTED} WHERE true RETURNING json_array(task_id, requirement, id) AS proof`;

const ADD_APPROVALS = `${ROWS} INSERT OR IGNORE INTO approvals (task_id, attempt, requirement, proof_set_hash, person, at)
SELECT e.task_id, e.attempt, j.value ->> 2, j.value ->> 3, j.value ->> 4, e.at FROM ${ADMITTED}`;

const WRITE_VERDICTS = `${ROWS} UPDATE proofs SET verdict = j.value ->> 3, reason = j.value ->> 4, evidence = j.value ->> 5,
  seen = j.value ->> 6, checked_at = e.at, checks = checks + 1, verify_at = NULL, verify_lease_until = NULL
FROM ${ADMITTED} WHERE proofs.id = j.value ->> 2 AND proofs.superseded = 0`;

const VERIFY_AGAIN = `${ROWS} UPDATE proofs SET verify_at = e.at, verify_lease_until = NULL
FROM ${ADMITTED} WHERE proofs.id = j.value ->> 2 AND proofs.superseded = 0`;

const WRITE_TEXTS = `${ROWS} UPDATE task_texts SET title = j.value ->> 2, body = j.value ->> 3, acceptance = j.value ->> 4
FROM ${ADMITTED} WHERE task_texts.task_id = e.task_id`;

const DROP_REQUIREMENTS = `${ROWS} DELETE FROM requirements WHERE task_id IN (SELECT e.task_id FROM ${ADMITTED})`;
const ADD_REQUIREMENTS = `${ROWS} INSERT INTO requirements (task_id, position, name, kind, spec)
SELECT e.task_id, r.key, r.value ->> 'name', r.value ->> 'kind', r.value
FROM ${ADMITTED} CROSS JOIN json_each(j.value, '$[2]') r`;

const DROP_DEPENDENCIES = `${ROWS} DELETE FROM dependencies WHERE task_id IN (SELECT e.task_id FROM ${ADMITTED})
  AND depends_on NOT IN (SELECT d.value FROM j, json_each(j.value, '$[2]') d
    WHERE j.value ->> 0 = dependencies.task_id)`;
const ADD_DEPENDENCIES = `${ROWS} INSERT INTO dependencies (task_id, depends_on)
SELECT e.task_id, d.value FROM ${ADMITTED} CROSS JOIN json_each(j.value, '$[2]') d WHERE true ON CONFLICT DO NOTHING`;

const DROP_BLOCKS = `${ROWS} DELETE FROM blocks WHERE task_id IN (SELECT e.task_id FROM ${ADMITTED})`;
const ADD_BLOCKS = `${ROWS} INSERT INTO blocks (task_id, kind, reason, owner, question, choices, since)
SELECT e.task_id, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5, j.value -> 6, coalesce(j.value ->> 7, e.at) FROM ${ADMITTED}`;

const COLUMNS: Readonly<Record<Exclude<keyof TaskPatch, "status">, string>> = {
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

/** The columns a change takes cells for, in the order of its row. */
export type Cell = keyof typeof COLUMNS;

/**
 * For changes of the same columns to the same status. An UPDATE that named every column would rewrite every index each
 * time, and a status read from the row would be read twice. A null status stays as it is.
 */
export function updateTasks(status: Status | null, cells: readonly Cell[]): string {
  const place = (cell: Cell): string => `j.value ->> ${cells.indexOf(cell) + 2}`;
  const sets = cells.map((cell) => `, ${COLUMNS[cell]} = ${place(cell)}`);
  if (status !== null) sets.push(`, status = '${status}'`);
  const notBefore = cells.includes("notBefore") ? place("notBefore") : null;
  if (status === "queued" || (status === null && notBefore !== null)) {
    const time = notBefore ?? "tasks.not_before";
    sets.push(`, ready_at = CASE WHEN ${status === null ? "tasks.status" : "'queued'"} = 'queued' AND open_dependencies = 0
      AND (${time} IS NULL OR ${time} <= e.at) THEN coalesce(ready_at, e.at) END`);
  } else if (status !== null) sets.push(", ready_at = NULL");
  return `${ROWS} UPDATE tasks SET version = e.version, updated_at = e.at${sets.join("")}
FROM ${ADMITTED} WHERE tasks.id = e.task_id AND tasks.version = e.version - 1`;
}

/** Right after `updateTasks`: how many rows it changed, and the moment of the first, which is that of the whole batch. */
export const CHANGED =
  "SELECT changes() AS changed, (SELECT at FROM events WHERE task_id = ?1 AND version = ?2) AS at";

/**
 * What stays JSON in its column travels as text: the database would otherwise read its parts to write them out again,
 * once for the list it comes in and once for its row.
 */
export function asText(value: Json | undefined): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** A part of a change beside the task's own row: its statement, and the cells it takes after `[task, version]`. */
interface Side {
  readonly sql: string;
  /** Where a change has none of it, its cells are not asked for. */
  readonly part: keyof Change;
  readonly cells: (change: Change) => readonly (readonly unknown[])[];
}

function one<T>(
  value: T | null | undefined,
  cells: (value: T) => readonly unknown[],
): readonly (readonly unknown[])[] {
  return value === null || value === undefined ? [] : [cells(value)];
}

/** In the order they are written. A part no change has costs nothing. */
export const SIDES: readonly Side[] = [
  {
    sql: SUPERSEDE_PROOFS,
    part: "addProofs",
    cells: ({ addProofs }) =>
      (addProofs ?? []).flatMap(({ supersedes }) => (supersedes === null ? [] : [[supersedes]])),
  },
  {
    sql: ADD_PROOFS,
    part: "addProofs",
    cells: ({ addProofs }) =>
      (addProofs ?? []).map(({ requirement, kind, uri, replyTo }) => [
        requirement,
        kind,
        uri,
        replyTo ?? null,
      ]),
  },
  {
    sql: WRITE_VERDICTS,
    part: "verdict",
    cells: ({ verdict }) =>
      one(verdict, (found) => [
        found.proof,
        found.verdict,
        found.reason,
        found.evidence ?? null,
        asText(found.seen),
      ]),
  },
  {
    sql: ADD_APPROVALS,
    part: "approval",
    cells: ({ approval }) =>
      one(approval, ({ requirement, proofSetHash, person }) => [requirement, proofSetHash, person]),
  },
  { sql: VERIFY_AGAIN, part: "verify", cells: ({ verify }) => (verify ?? []).map((proof) => [proof]) },
  {
    sql: WRITE_TEXTS,
    part: "texts",
    cells: ({ texts }) => one(texts, ({ title, body, acceptance }) => [title, body, acceptance]),
  },
  { sql: DROP_REQUIREMENTS, part: "requirements", cells: ({ requirements }) => one(requirements, () => []) },
  {
    sql: ADD_REQUIREMENTS,
    part: "requirements",
    cells: ({ requirements }) => one(requirements, (list) => [list]),
  },
  {
    sql: DROP_DEPENDENCIES,
    part: "dependencies",
    cells: ({ dependencies }) => one(dependencies, (list) => [list]),
  },
  {
    sql: ADD_DEPENDENCIES,
    part: "dependencies",
    cells: ({ dependencies }) => one(dependencies, (list) => [list]),
  },
  { sql: DROP_BLOCKS, part: "block", cells: () => [[]] },
  {
    sql: ADD_BLOCKS,
    part: "block",
    cells: ({ block }) =>
      one(block, ({ kind, reason, owner, question, choices, since }) => [
        kind,
        reason,
        owner,
        question,
        choices,
        since ?? null,
      ]),
  },
  {
    sql: SUBMIT_ATTEMPTS,
    part: "proofSetHash",
    cells: ({ proofSetHash }) => one(proofSetHash, (hash) => [hash]),
  },
  {
    sql: END_ATTEMPTS,
    part: "end",
    cells: ({ end }) => one(end, ({ outcome, reason }) => [outcome, reason]),
  },
  { sql: `${ROWS} ${insertNotices(ADMITTED)}`, part: "notices", cells: noticeCells },
  {
    sql: `${ROWS} ${deliverNotices(ADMITTED)}`,
    part: "notices",
    cells: ({ notices }) => (notices ?? []).map(({ kind }) => [kind]),
  },
];

function noticeCells({ notices }: Change): readonly (readonly unknown[])[] {
  return (notices ?? []).map((notice) => [
    notice.kind,
    notice.text,
    asText(notice.data),
    "subject" in notice ? (notice.subject ?? null) : null,
  ]);
}
