import { PRIORITIES } from "../src/core/task.ts";
import type { NewTask } from "../src/ports/queue.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Statement } from "./connection.ts";
import { writeOnce } from "./once.ts";
import { newToken } from "./token.ts";

/**
 * Every row's place is worked out anew in each statement from the epic's counter, which the first statement raised:
 * nothing has to be read back in the middle, so a thousand tasks are as many statements as one. ?1 rows, epic key first.
 * What a row names and nobody knows becomes NULL, which no table takes: the batch fails, where a join would drop the row.
 */
const PLACED = `(SELECT j.key AS position, j.value AS value, e.id AS epic_id, e.key || '-' ||
    (e.last_number - count(*) OVER (PARTITION BY e.id) + row_number() OVER (PARTITION BY e.id ORDER BY j.key)) AS task_key
  FROM json_each(?1) j LEFT JOIN epics e ON e.key = j.value ->> 0) p`;

const COUNT_UP = `UPDATE epics SET last_number = last_number + n.count
FROM (SELECT j.value ->> 0 AS key, count(*) AS count FROM json_each(?1) j GROUP BY 1) n WHERE epics.key = n.key`;

const INSERT_TASKS = `INSERT INTO tasks (key, epic_id, lane_id, priority, status, version, max_attempts, max_lapses,
  not_before, ready_at, policy_hash, completion, created_at, updated_at)
SELECT p.task_key, p.epic_id, (SELECT id FROM lanes WHERE name = p.value ->> 1), p.value ->> 2, p.value ->> 3, 1,
  p.value ->> 4, p.value ->> 5, p.value ->> 6,
  CASE WHEN p.value ->> 3 = 'queued' AND coalesce(p.value ->> 6, 0) <= :now THEN :now END,
  p.value ->> 7, CASE WHEN p.value ->> 3 = 'done' THEN 'attested' END, :now, :now
FROM ${PLACED}`;

/** Side rows join their task by the key worked out above. */
const PLACED_TASK = `${PLACED} CROSS JOIN tasks t ON t.key = p.task_key`;

const INSERT_TEXTS = `INSERT INTO task_texts (task_id, title, body, acceptance)
SELECT t.id, p.value ->> 1, p.value ->> 2, p.value ->> 3 FROM ${PLACED_TASK}`;

const INSERT_REQUIREMENTS = `INSERT INTO requirements (task_id, position, name, kind, spec)
SELECT t.id, r.key, r.value ->> 'name', r.value ->> 'kind', r.value
FROM ${PLACED_TASK} CROSS JOIN json_each(p.value, '$[1]') r`;

const INSERT_DEPENDENCIES = `INSERT INTO dependencies (task_id, depends_on)
SELECT t.id, o.id FROM ${PLACED_TASK} CROSS JOIN json_each(p.value, '$[1]') d LEFT JOIN tasks o ON o.key = d.value`;

const INSERT_EVENTS = `INSERT INTO events (task_id, version, change_id, kind, actor, at, data, request_id)
SELECT t.id, 1, p.value ->> 1, p.value ->> 2, p.value ->> 3, t.created_at,
  json_object('status', t.status, 'title', p.value ->> 4), p.value ->> 5 FROM ${PLACED_TASK}`;

const KEYS = `SELECT p.position AS position, p.task_key AS key FROM ${PLACED} ORDER BY p.position`;

interface Ticket {
  readonly task: NewTask;
  readonly token: string;
  /** Only a remote answer can be lost; then the event is found again by this. */
  readonly requestId: string | null;
}

/** Adds tasks in the order given and answers their keys. */
export async function writeTasks(
  connection: Connection,
  clock: QueueClock,
  tasks: readonly NewTask[],
): Promise<readonly string[]> {
  const tickets = tasks.map((task): Ticket => {
    const token = newToken();
    return { task, token, requestId: task.event.requestId ?? (connection.remote ? `add:${token}` : null) };
  });
  const statements = compile(tickets).map(({ sql, args }) => ({ sql: clock.sql(sql), args: args ?? [] }));
  const keys = await writeOnce(
    async () => ((await connection.write(statements)).at(-1) ?? []).map((row) => String(row["key"])),
    () => lookUp(connection, tickets),
  );
  if (keys === null) throw new Error("tasks that were acknowledged are not there");
  return keys;
}

async function lookUp(connection: Connection, tickets: readonly Ticket[]): Promise<readonly string[] | null> {
  const [rows = []] = await connection.read([
    {
      sql: `SELECT t.key AS key FROM json_each(?1) j CROSS JOIN events e ON e.request_id = j.value
        JOIN tasks t ON t.id = e.task_id ORDER BY j.key`,
      args: [JSON.stringify(tickets.map((ticket) => ticket.requestId))],
    },
  ]);
  return rows.length === tickets.length ? rows.map((row) => String(row["key"])) : null;
}

function compile(tickets: readonly Ticket[]): readonly Statement[] {
  const rows = (cells: (ticket: Ticket) => readonly unknown[]): string =>
    JSON.stringify(tickets.map((ticket) => [ticket.task.epic, ...cells(ticket)]));
  const statements: Statement[] = [
    { sql: COUNT_UP, args: [rows(() => [])] },
    { sql: INSERT_TASKS, args: [rows(({ task }) => taskCells(task))] },
    { sql: INSERT_TEXTS, args: [rows(({ task }) => [task.title, task.body, task.acceptance])] },
    { sql: INSERT_REQUIREMENTS, args: [rows(({ task }) => [task.requirements])] },
  ];
  if (tickets.some(({ task }) => task.dependencies.length > 0)) {
    statements.push({ sql: INSERT_DEPENDENCIES, args: [rows(({ task }) => [task.dependencies])] });
  }
  statements.push(
    {
      sql: INSERT_EVENTS,
      args: [
        rows(({ task, token, requestId }) => [
          token,
          task.event.kind,
          task.event.actor,
          task.title,
          requestId,
        ]),
      ],
    },
    { sql: KEYS, args: [rows(() => [])] },
  );
  return statements;
}

function taskCells(task: NewTask): readonly unknown[] {
  return [
    task.lane,
    PRIORITIES.indexOf(task.priority),
    task.status,
    task.limits.maxAttempts,
    task.limits.maxLapses,
    task.notBefore,
    task.policyHash,
  ];
}
