import type { Healing } from "../src/core/check.ts";
import type { Contradiction, ContradictionState, Move, Reconciled } from "../src/core/contradiction.ts";
import type { ContradictionStore, HealingRecord } from "../src/ports/contradictions.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row, SqlValue, Statement } from "./connection.ts";
import { writeOnce } from "./once.ts";
import { newToken } from "./token.ts";

/** Records a batch: more would hold the write lock longer than a person waits. */
const GROUP = 500;

const RECORD = `json_array(c.id, c.revision, c.rule, c.condition, c.source, (SELECT key FROM tasks WHERE id = c.task_id),
  c.detail, json(c.data), c.state, c.opened_at, c.last_seen_at, c.count, c.acknowledged_by, c.snoozed_until,
  c.escalated_at, c.clean_runs, c.over_at, c.remark, c.told) AS cells`;
const STANDING = `SELECT ${RECORD} FROM contradictions c WHERE c.over_at IS NULL ORDER BY c.id`;
const LIST = `SELECT ${RECORD} FROM contradictions c
WHERE c.id > ?1 AND c.state IN (SELECT value FROM json_each(?2)) ORDER BY c.id LIMIT ?3`;
const ONE = `SELECT ${RECORD} FROM contradictions c WHERE c.id = ?1`;
const UNTOLD = `SELECT ${RECORD} FROM contradictions c WHERE c.to_tell = 1 ORDER BY c.id LIMIT ?1`;
const TOUCHED = `SELECT ${RECORD} FROM contradictions c WHERE c.token = ?1 ORDER BY c.id`;

/**
 * ?1 `[[rule, condition, source, task key, detail, data] …]`, ?2 token, ?3 when it was looked. What another process saw at
 * the same time and has ended meanwhile is not opened by a look from before.
 */
const OPEN = `INSERT INTO contradictions
  (rule, condition, source, task_id, detail, data, state, opened_at, last_seen_at, token)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, (SELECT id FROM tasks WHERE key = j.value ->> 3), j.value ->> 4,
  j.value -> 5, 'open', :now, :now, ?2 FROM json_each(?1) j
WHERE NOT EXISTS (SELECT 1 FROM contradictions o WHERE o.over_at >= ?3
  AND o.rule = j.value ->> 0 AND o.condition = j.value ->> 1)
ON CONFLICT (rule, condition) WHERE over_at IS NULL DO NOTHING`;

/** ?1 `[[id, revision, event, tell, state, detail, data, last seen, count, acknowledged by, snoozed until, escalated, clean, over, remark] …]`. */
const MOVE = `UPDATE contradictions SET revision = revision + 1, to_tell = max(to_tell, j.value ->> 3), state = j.value ->> 4,
  detail = j.value ->> 5, data = j.value -> 6, last_seen_at = j.value ->> 7, count = j.value ->> 8,
  acknowledged_by = j.value ->> 9, snoozed_until = j.value ->> 10, escalated_at = j.value ->> 11,
  clean_runs = j.value ->> 12, over_at = j.value ->> 13, remark = j.value ->> 14, token = ?2
FROM json_each(?1) j
WHERE contradictions.id = j.value ->> 0 AND contradictions.revision = j.value ->> 1 AND contradictions.over_at IS NULL`;

/** Of no task's own log: its versions are its own. ?3 actor, ?4 the request, where one asked for it. */
const logged = (
  kind: string,
  source: string,
): string => `INSERT INTO events (change_id, kind, actor, at, data, request_id)
SELECT ?2, ${kind}, ?3, :now, json_object('id', c.id, 'rule', c.rule, 'key', c.condition,
  'task', (SELECT key FROM tasks WHERE id = c.task_id), 'source', c.source, 'state', c.state, 'detail', c.detail,
  'remark', c.remark, 'count', c.count, 'acknowledgedBy', c.acknowledged_by, 'snoozedUntil', c.snoozed_until),
  coalesce(?4, 'contradiction:' || c.id || ':' || c.revision) FROM ${source}`;
const LOG_OPENED = logged(
  "'contradiction.opened'",
  `json_each(?1) j CROSS JOIN contradictions c ON c.rule = j.value ->> 0 AND c.condition = j.value ->> 1
    AND c.over_at IS NULL AND c.token = ?2`,
);
const LOG_MOVED = logged(
  "j.value ->> 2",
  `json_each(?1) j CROSS JOIN contradictions c ON c.id = j.value ->> 0 AND c.token = ?2
    WHERE j.value ->> 2 IS NOT NULL`,
);

const TOLD = `UPDATE contradictions SET to_tell = 0, told = max(told, j.value ->> 2) FROM json_each(?1) j
WHERE contradictions.id = j.value ->> 0 AND contradictions.revision = j.value ->> 1`;
const NOTICES = `SELECT j.value AS id, n.id AS notice FROM json_each(?1) j
CROSS JOIN notices n ON n.subject = 'contradiction:' || j.value`;

const JOURNAL = `INSERT INTO healings (contradiction_id, healing, task_id, at, before, after)
VALUES (?1, ?2, (SELECT id FROM tasks WHERE key = ?3), :now, ?4, ?5) ON CONFLICT (contradiction_id) DO NOTHING`;
const HEALING = `SELECT json_array(h.id, h.contradiction_id, c.rule, c.source, (SELECT key FROM tasks WHERE id = h.task_id),
  h.healing, h.at, json(h.before), json(h.after), h.undone_at, h.undone_by) AS cells
FROM healings h JOIN contradictions c ON c.id = h.contradiction_id`;
const UNDONE = "UPDATE healings SET undone_at = :now, undone_by = ?2 WHERE id = ?1 AND undone_at IS NULL";
const LOG_UNDONE = `INSERT INTO events (change_id, kind, actor, at, data, request_id)
SELECT ?3, 'healing.undone', ?2, :now, json_object('healing', h.id, 'contradiction', h.contradiction_id, 'verb', h.healing,
  'task', (SELECT key FROM tasks WHERE id = h.task_id)), 'healing:' || h.id || ':undone'
FROM healings h WHERE h.id = ?1 AND h.undone_at IS NULL`;
const KEPT_UNDONE = `SELECT DISTINCT c.rule || char(9) || c.condition AS condition FROM healings h
JOIN contradictions c ON c.id = h.contradiction_id WHERE h.undone_at > :now - 604800000`;
const UNDONE_UNDER = "SELECT 1 AS found FROM events WHERE change_id = ?1 AND kind = 'healing.undone'";

const CLAIM = `INSERT INTO chat_claims (message, author, task, at) VALUES (?1, ?2, ?3, :now)
ON CONFLICT (message) DO NOTHING`;
const SOURCE_CHANGED = `INSERT INTO events (change_id, kind, actor, at, data, request_id)
VALUES (?1, 'source.changed', ?2, :now, json_object('source', ?3, 'note', ?4), ?1) ON CONFLICT DO NOTHING`;

export function contradictionStore(connection: Connection, clock: QueueClock): ContradictionStore {
  const timed = (sql: string, args: readonly SqlValue[]): Statement => ({ sql: clock.sql(sql), args });
  const read = async (sql: string, args: readonly SqlValue[] = []): Promise<readonly Row[]> =>
    (await connection.read([{ sql, args }]))[0] ?? [];
  const records = async (sql: string, args: readonly SqlValue[] = []) =>
    (await read(sql, args)).map(readRecord);
  const repeat = async (sql: string, args: readonly SqlValue[]): Promise<void> => {
    await connection.writeRepeatable([timed(sql, args)]);
  };
  return {
    standing: () => records(STANDING),
    list: ({ states, after, limit }) => records(LIST, [after, JSON.stringify(states), limit]),
    get: async (id) => (await records(ONE, [id]))[0] ?? null,
    async apply(steps, actor, lookedAt, requestId) {
      const written: Contradiction[] = [];
      for (const batch of batches(steps)) {
        written.push(...(await applyBatch(connection, clock, batch, { actor, lookedAt, requestId })));
      }
      return written;
    },
    untold: (limit) => records(UNTOLD, [limit]),
    told: (told) =>
      repeat(TOLD, [
        JSON.stringify(told.map(({ id, revision, told: said }) => [id, revision, said ? 1 : 0])),
      ]),
    async notices(ids) {
      const rows = await read(NOTICES, [JSON.stringify(ids)]);
      return new Map(rows.map((row) => [Number(row["id"]), Number(row["notice"])]));
    },
    journal: ({ contradiction, healing, task, before, after }) =>
      repeat(JOURNAL, [contradiction, healing, task, JSON.stringify(before), JSON.stringify(after)]),
    healings: async (limit) =>
      (await read(`${HEALING} ORDER BY h.id DESC LIMIT ?1`, [limit])).map(readHealing),
    healing: async (id) => (await read(`${HEALING} WHERE h.id = ?1`, [id])).map(readHealing)[0] ?? null,
    async healingsOf(contradictions) {
      const of = "WHERE h.contradiction_id IN (SELECT value FROM json_each(?1))";
      const rows = await read(`${HEALING} ${of}`, [JSON.stringify(contradictions)]);
      return new Map(rows.map(readHealing).map((healing) => [healing.contradiction, healing]));
    },
    async undone(id, by) {
      const token = newToken();
      const found = { sql: UNDONE_UNDER, args: [token] };
      const stands = (rows: readonly Row[] = []) => (rows.length > 0 ? true : null);
      const batch = [timed(LOG_UNDONE, [id, by, token]), timed(UNDONE, [id, by]), found];
      const done = await writeOnce(
        async () => stands((await connection.write(batch))[2]),
        async () => stands((await connection.read([found]))[0]),
      );
      return done === true;
    },
    async undoneConditions() {
      const rows = await read(clock.sql(KEPT_UNDONE));
      return new Set(rows.map((row) => String(row["condition"])));
    },
    claimed: ({ message, author, task }) => repeat(CLAIM, [message, author, task]),
    sourceChanged: (source, note, actor, requestId = newToken()) =>
      repeat(SOURCE_CHANGED, [`source:${requestId}`, actor, source, note]),
  };
}

function batches({ openings, moves }: Reconciled): readonly Reconciled[] {
  const parts: Reconciled[] = [];
  for (let at = 0; at < openings.length; at += GROUP) {
    parts.push({ openings: openings.slice(at, at + GROUP), moves: [] });
  }
  for (let at = 0; at < moves.length; at += GROUP) {
    parts.push({ openings: [], moves: moves.slice(at, at + GROUP) });
  }
  return parts;
}

interface Asked {
  readonly actor: string;
  readonly lookedAt: number;
  readonly requestId: string | undefined;
}

async function applyBatch(
  connection: Connection,
  clock: QueueClock,
  { openings, moves }: Reconciled,
  { actor, lookedAt, requestId }: Asked,
): Promise<readonly Contradiction[]> {
  const token = newToken();
  const opened = JSON.stringify(
    openings.map(({ rule, key, source, task, detail, data }) => [
      rule,
      key,
      source,
      task ?? null,
      detail,
      data ?? {},
    ]),
  );
  const moved = JSON.stringify(moves.map(moveCells));
  const touched = { sql: TOUCHED, args: [token] };
  const statements = [
    ...(openings.length === 0
      ? []
      : [
          { sql: OPEN, args: [opened, token, lookedAt] },
          { sql: LOG_OPENED, args: [opened, token, actor, null] },
        ]),
    ...(moves.length === 0
      ? []
      : [
          { sql: MOVE, args: [moved, token] },
          { sql: LOG_MOVED, args: [moved, token, actor, requestId ?? null] },
        ]),
  ].map(({ sql, args }) => ({ sql: clock.sql(sql), args }));
  const stand = (rows: readonly Row[] = []) => (rows.length === 0 ? null : rows.map(readRecord));
  const written = await writeOnce(
    async () => stand((await connection.write([...statements, touched])).at(-1)),
    async () => stand((await connection.read([touched]))[0]),
  );
  return written ?? [];
}

/** The record as the step leaves it, every column: what the step does not name stays. */
function moveCells({ record, next, event, tell }: Move): readonly unknown[] {
  const after = { ...record, ...next };
  return [
    record.id,
    record.revision,
    event,
    tell ? 1 : 0,
    after.state,
    after.detail,
    after.data ?? {},
    after.lastSeenAt,
    after.count,
    after.acknowledgedBy,
    after.snoozedUntil,
    after.escalatedAt,
    after.cleanRuns,
    after.overAt,
    after.remark,
  ];
}

function readRecord(row: Row): Contradiction {
  const cells = JSON.parse(String(row["cells"])) as readonly unknown[];
  return {
    id: cells[0] as number,
    revision: cells[1] as number,
    rule: cells[2] as string,
    key: cells[3] as string,
    source: cells[4] as string,
    task: (cells[5] ?? undefined) as string | undefined,
    detail: cells[6] as string,
    data: cells[7] as NonNullable<Contradiction["data"]>,
    state: cells[8] as ContradictionState,
    openedAt: cells[9] as number,
    lastSeenAt: cells[10] as number,
    count: cells[11] as number,
    acknowledgedBy: cells[12] as string | null,
    snoozedUntil: cells[13] as number | null,
    escalatedAt: cells[14] as number | null,
    cleanRuns: cells[15] as number,
    overAt: cells[16] as number | null,
    remark: cells[17] as string | null,
    told: cells[18] === 1,
  };
}

function readHealing(row: Row): HealingRecord {
  const cells = JSON.parse(String(row["cells"])) as readonly unknown[];
  return {
    id: cells[0] as number,
    contradiction: cells[1] as number,
    rule: cells[2] as string,
    source: cells[3] as string,
    task: cells[4] as string | null,
    healing: cells[5] as Healing,
    at: cells[6] as number,
    before: cells[7] as HealingRecord["before"],
    after: cells[8] as HealingRecord["after"],
    undoneAt: cells[9] as number | null,
    undoneBy: cells[10] as string | null,
  };
}
