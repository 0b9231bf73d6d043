import type { Arrival } from "../src/core/import/arrival.ts";
import { type Refusal, refuse } from "../src/core/refusal.ts";
import { PRIORITIES } from "../src/core/task.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Statement } from "./connection.ts";
import { writeOnce } from "./once.ts";
import { twinRefusal } from "./twin-refusal.ts";

/**
 * A batch of tasks as they come in from outside. What the gates ask of a history (decision 0010) is laid down first,
 * under the ids the tasks will get, and the births check it; the rest joins its task by key. In every statement a row
 * begins with the task's place in the batch.
 */
const ID = "(SELECT coalesce(max(id), 0) FROM tasks) + 1 + (j.value ->> 0)";
const TOKEN = "lower(hex(randomblob(12)))";

const REQUIREMENTS = `INSERT INTO requirements (task_id, position, name, kind, spec)
SELECT ${ID}, j.value ->> 1, j.value ->> '$[2].name', j.value ->> '$[2].kind', j.value -> 2 FROM json_each(?1) j`;

const ATTEMPTS = `INSERT INTO attempts (task_id, number, epoch, token, agent_id, lane_id, session, provider, model,
  started_at, lease_ms, lease_expires_at, last_heartbeat_at, beats, note, policy_hash, proof_set_hash, ended_at, outcome, reason)
SELECT ${ID}, a.value ->> 'number', a.value ->> 'epoch', ${TOKEN}, g.id, l.id, a.value ->> 'session',
  a.value ->> '$.route.provider', a.value ->> '$.route.model', a.value ->> 'startedAt', a.value ->> 'leaseMs',
  a.value ->> 'leaseExpiresAt', a.value ->> 'lastHeartbeatAt', a.value ->> 'beats', a.value ->> 'note',
  a.value ->> 'policyHash', a.value ->> 'proofSetHash', a.value ->> 'endedAt', a.value ->> 'outcome', a.value ->> 'reason'
FROM json_each(?1) j CROSS JOIN json_each(j.value, '$[1]') a
CROSS JOIN agents g ON g.name = a.value ->> 'agent' CROSS JOIN lanes l ON l.name = a.value ->> 'lane'`;

const PROOFS = `INSERT INTO proofs (task_id, attempt, requirement, kind, uri, attached_by, attached_at, superseded, verdict,
  reason, evidence, seen, checked_at, checks)
SELECT ${ID}, p.value ->> 'attempt', p.value ->> 'requirement', p.value ->> 'kind', p.value ->> 'uri',
  p.value ->> 'attachedBy', p.value ->> 'attachedAt', p.value ->> 'superseded', p.value ->> 'verdict', p.value ->> 'reason',
  p.value ->> 'evidence', CASE WHEN p.value ->> 'seen' IS NOT NULL THEN p.value -> 'seen' END, p.value ->> 'checkedAt',
  p.value ->> 'checks'
FROM json_each(?1) j CROSS JOIN json_each(j.value, '$[1]') p`;

/** What brings its own token happened elsewhere. */
const EVENTS = `INSERT INTO events (task_id, version, change_id, kind, actor, at, attempt, data, imported)
SELECT ${ID}, e.value ->> 'version', coalesce(e.value ->> 'change', ${TOKEN}), e.value ->> 'kind', e.value ->> 'actor',
  coalesce(e.value ->> 'at', :now), e.value ->> 'attempt', e.value -> 'data', e.value ->> 'change' IS NOT NULL
FROM json_each(?1) j CROSS JOIN json_each(j.value, '$[1]') e`;

/** One moment for all that a change writes: its event's. */
const EVENT_AT = (version: string): string =>
  `(SELECT v.at FROM events v WHERE v.task_id = ${ID} AND v.version = ${version})`;
const TASKS = `INSERT INTO tasks (id, key, epic_id, lane_id, priority, status, version, epoch, attempts, failures, lapses,
  max_attempts, max_lapses, not_before, policy_hash, completion, created_at, updated_at)
SELECT ${ID}, j.value ->> 1, e.id, (SELECT id FROM lanes WHERE name = j.value ->> 3), j.value ->> 4, j.value ->> 5,
  j.value ->> 6, j.value ->> 7, j.value ->> 8, j.value ->> 9, j.value ->> 10, j.value ->> 11, j.value ->> 12,
  j.value ->> 13, j.value ->> 14, j.value ->> 15, coalesce(j.value ->> 16, ${EVENT_AT("1")}),
  coalesce(j.value ->> 17, ${EVENT_AT("j.value ->> 6")})
FROM json_each(?1) j CROSS JOIN epics e ON e.key = j.value ->> 2`;

/** From here on a row's task stands, and is found by the key that is the row's first cell. */
const TASK = "json_each(?1) j CROSS JOIN tasks t ON t.key = j.value ->> 0";
const TEXTS = `INSERT INTO task_texts (task_id, title, body, acceptance)
SELECT t.id, j.value ->> 1, j.value ->> 2, j.value ->> 3 FROM ${TASK}`;
const BLOCKS = `INSERT INTO blocks (task_id, kind, reason, owner, question, choices, since)
SELECT t.id, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value -> 5, coalesce(j.value ->> 6, t.updated_at) FROM ${TASK}`;
const LINKS = `INSERT OR IGNORE INTO links (task_id, kind, target) SELECT t.id, j.value ->> 1, j.value ->> 2 FROM ${TASK}`;
const ORIGINS = `INSERT INTO origins (source, external_id, task_id, labels)
SELECT j.value ->> 1, j.value ->> 2, t.id, j.value -> 3 FROM ${TASK}`;
const DEPENDENCIES = `INSERT INTO dependencies (task_id, depends_on)
SELECT t.id, o.id FROM ${TASK} CROSS JOIN tasks o ON o.key = j.value ->> 1`;

/** As a record only: without a delivery nothing is sent. */
const ANNOUNCEMENTS = `INSERT INTO notices (kind, task_id, event_id, text, data, at)
SELECT 'auto-complete', t.id, e.id, j.value ->> '$[1].text', j.value -> '$[1].data', j.value ->> '$[1].at'
FROM ${TASK} CROSS JOIN events e ON e.task_id = t.id AND e.version = j.value ->> '$[1].version'`;

/** Numbers that came with their tasks are used up. */
const COUNT_UP = `UPDATE epics SET last_number = max(last_number, n.last)
FROM (SELECT j.value ->> 1 AS key, max(j.value ->> 2) AS last FROM json_each(?1) j GROUP BY 1) n WHERE epics.key = n.key`;

/**
 * Since when a task is ready, once it is known what it waits for. A time the archive names is taken where it can be
 * true: in the past, and not before the task's own not-before. What has a not-before is left to promotion.
 */
const READY = `UPDATE tasks SET ready_at = CASE
    WHEN j.value ->> 1 <= :now AND (not_before IS NULL OR not_before <= j.value ->> 1) THEN j.value ->> 1
    WHEN not_before IS NULL THEN updated_at END
FROM json_each(?1) j WHERE tasks.key = j.value ->> 0 AND tasks.status = 'queued' AND tasks.open_dependencies = 0`;

const STANDING = "SELECT count(*) AS standing FROM json_each(?1) j CROSS JOIN tasks t ON t.key = j.value";

export async function writeArrivals(
  connection: Connection,
  clock: QueueClock,
  arrivals: readonly Arrival[],
): Promise<Refusal | null> {
  const statements = compile(arrivals).map(({ sql, args }) => ({ sql: clock.sql(sql), args: args ?? [] }));
  const keys = JSON.stringify(arrivals.map(({ row }) => row.key));
  try {
    // The keys are this import's own: set aside for it, or looked for before. The batch stands where they do.
    await writeOnce<true>(
      async () => {
        await connection.write(statements);
        return true;
      },
      async () => {
        const [rows = []] = await connection.read([{ sql: STANDING, args: [keys] }]);
        return Number(rows[0]?.["standing"]) === arrivals.length ? true : null;
      },
    );
    return null;
  } catch (error) {
    const refusal = twinRefusal(error) ?? constraintRefusal(error);
    if (refusal === null) throw error;
    return refusal;
  }
}

/** What a CHECK, a key or a reference forbids is the row's fault, not the database's. */
function constraintRefusal(error: unknown): Refusal | null {
  const message = error instanceof Error ? error.message : "";
  const found =
    /(?:UNIQUE|CHECK|NOT NULL|FOREIGN KEY|datatype) (?:constraint failed|mismatch)[^\n]*|cannot store [^\n]*/.exec(
      message,
    );
  if (found === null) return null;
  const hint = `The queue has no place for this task: ${found[0]}.`;
  return refuse("queue-truth", "constraint", {
    field: "task",
    expected: "a row that fits",
    got: found[0],
    hint,
  });
}

function compile(arrivals: readonly Arrival[]): readonly Statement[] {
  const statements: Statement[] = [];
  const add = (sql: string, rows: readonly (readonly unknown[])[]): void => {
    if (rows.length > 0) statements.push({ sql, args: [JSON.stringify(rows)] });
  };
  const side = <T>(
    parts: (arrival: Arrival) => readonly T[],
    cells: (part: T) => readonly unknown[],
  ): unknown[][] =>
    arrivals.flatMap((arrival) => parts(arrival).map((part) => [arrival.row.key, ...cells(part)]));
  const history = (part: keyof Arrival["history"]): unknown[][] =>
    arrivals.flatMap(({ history: all }, place) => (all[part].length === 0 ? [] : [[place, all[part]]]));

  add(
    REQUIREMENTS,
    arrivals.flatMap(({ row }, place) => row.requirements.map((one, index) => [place, index, one])),
  );
  add(ATTEMPTS, history("attempts"));
  add(PROOFS, history("proofs"));
  add(EVENTS, history("events"));
  add(
    TASKS,
    arrivals.map(({ row }, place) => [place, ...taskCells(row)]),
  );
  add(
    TEXTS,
    arrivals.map(({ row }) => [row.key, row.title, row.body, row.acceptance]),
  );
  add(
    BLOCKS,
    side(
      ({ row }) => (row.block === null ? [] : [row.block]),
      (block) => [block.kind, block.reason, block.owner, block.question, block.choices, block.since],
    ),
  );
  add(
    LINKS,
    side(
      ({ row }) => row.links,
      ({ kind, target }) => [kind, target],
    ),
  );
  add(
    ORIGINS,
    side(
      ({ row }) => row.origins,
      ({ source, externalId, labels }) => [source, externalId, labels],
    ),
  );
  add(
    DEPENDENCIES,
    side(
      ({ row }) => row.dependencies,
      (key) => [key],
    ),
  );
  add(
    ANNOUNCEMENTS,
    arrivals.flatMap(({ row, history: { announcements } }) => announcements.map((one) => [row.key, one])),
  );
  add(
    COUNT_UP,
    arrivals.map(({ row }) => numbered(row.key)),
  );
  add(
    READY,
    arrivals.flatMap(({ row }) => (row.status === "queued" ? [[row.key, row.readyAt]] : [])),
  );
  return statements;
}

function numbered(key: string): readonly unknown[] {
  const dash = key.lastIndexOf("-");
  return [key, key.slice(0, dash), Number(key.slice(dash + 1))];
}

/** In the order of TASKS, from its second cell on. */
function taskCells(row: Arrival["row"]): readonly unknown[] {
  return [
    row.key,
    row.epic,
    row.lane,
    PRIORITIES.indexOf(row.priority),
    row.status,
    row.version,
    row.epoch,
    row.attempts,
    row.failures,
    row.lapses,
    row.limits.maxAttempts,
    row.limits.maxLapses,
    row.notBefore,
    row.policyHash,
    row.completion,
    row.createdAt,
    row.updatedAt,
  ];
}
