import type { ArchivedRoster } from "../src/core/archive.ts";
import { type EpicOrder, type Here, originName, type Question } from "../src/core/import/arrival.ts";
import type { ImportStore } from "../src/ports/imports.ts";
import { readArchivedTasks, readRoster } from "./archive-reader.ts";
import { writeArrivals } from "./arrival-writer.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row, Statement } from "./connection.ts";

const ORIGINS = `SELECT json_array(o.source, o.external_id, t.key, o.labels ->> 'sha256') AS cells
FROM json_each(?1) j CROSS JOIN origins o ON o.external_id = j.value ->> 1 AND o.source = j.value ->> 0
CROSS JOIN tasks t ON t.id = o.task_id`;
const TASKS = `SELECT json_array(t.key, t.version, (SELECT e.change_id FROM events e WHERE e.task_id = t.id AND e.version = 1)) AS cells
FROM json_each(?1) j CROSS JOIN tasks t ON t.key = j.value`;
const NAMED = (table: string, column: string): string =>
  `SELECT n.${column} AS cells FROM json_each(?1) j CROSS JOIN ${table} n ON n.${column} = j.value`;
const PROVING = `SELECT DISTINCT json_array(o.evidence, t.key) AS cells FROM json_each(?1) j CROSS JOIN proofs o ON o.evidence = j.value
  AND o.verdict = 'passed' AND o.superseded = 0 JOIN attempts a ON a.task_id = o.task_id AND a.number = o.attempt
JOIN tasks t ON t.id = o.task_id WHERE (a.outcome IS NULL OR a.outcome = 'done')
  AND NOT EXISTS (SELECT 1 FROM requirements r WHERE r.task_id = o.task_id AND r.name = o.requirement AND r.spec ->> 'reuse' = 1)`;
const BY_EXTERNAL_ID = `SELECT t.key AS key FROM origins o JOIN tasks t ON t.id = o.task_id
WHERE o.external_id = ?1 ORDER BY o.source LIMIT 1`;

const TOKEN = "lower(hex(randomblob(12)))";
const ANNOUNCE_EPICS = `INSERT INTO events (change_id, kind, actor, at, data)
SELECT ${TOKEN}, 'epic.added', ?2, :now, json_object('key', j.value ->> 'key', 'title', j.value ->> 'title')
FROM json_each(?1) j WHERE j.value ->> 'key' NOT IN (SELECT key FROM epics)`;
const ADD_EPICS = `INSERT INTO epics (key, title, created_at)
SELECT j.value ->> 'key', j.value ->> 'title', :now FROM json_each(?1) j WHERE true ON CONFLICT (key) DO NOTHING`;
const SET_ASIDE = `UPDATE epics SET last_number = last_number + (j.value ->> 'count')
FROM json_each(?1) j WHERE epics.key = j.value ->> 'key'
RETURNING epics.key AS key, epics.last_number AS last`;

const RESTORE_LANES = `INSERT INTO lanes (name, provider, model, capacity, lease_ms, heartbeat_ms, dispatch, paused_at,
  paused_reason, version, created_at, updated_at, observe, route_aliases)
SELECT j.value ->> 'name', j.value ->> '$.route.provider', j.value ->> '$.route.model', j.value ->> 'capacity',
  j.value ->> 'leaseMs', j.value ->> 'heartbeatMs', j.value -> 'dispatch', j.value ->> 'pausedAt',
  j.value ->> 'pausedReason', j.value ->> 'version', j.value ->> 'createdAt', j.value ->> 'updatedAt',
  coalesce(j.value ->> 'observe', 'optional'), coalesce(j.value -> 'routeAliases', '[]')
FROM json_each(?1) j WHERE true ON CONFLICT (name) DO NOTHING`;
const RESTORE_EPICS = `INSERT INTO epics (key, title, goal, last_number, created_at)
SELECT j.value ->> 'key', j.value ->> 'title', j.value ->> 'goal', j.value ->> 'lastNumber', j.value ->> 'createdAt'
FROM json_each(?1) j WHERE true ON CONFLICT (key) DO UPDATE SET last_number = max(last_number, excluded.last_number)`;
/** A hash nobody knows the key of: the name can be referred to, and opens nothing. */
const RESTORE_AGENTS = `INSERT INTO agents (name, role, key_hash, revoked_at, created_at)
SELECT j.value ->> 'name', j.value ->> 'role', lower(hex(randomblob(32))), :now, j.value ->> 'createdAt'
FROM json_each(?1) j WHERE true ON CONFLICT (name) DO NOTHING`;
const RESTORE_EVENTS = `INSERT INTO events (change_id, kind, actor, at, data, imported)
SELECT j.value ->> 'change', j.value ->> 'kind', j.value ->> 'actor', j.value ->> 'at', j.value -> 'data', 1
FROM json_each(?1) j WHERE j.value ->> 'change' NOT IN (SELECT change_id FROM events WHERE task_id IS NULL)
ORDER BY j.key`;

/** Rows of one statement: more would hold the event loop, and the write lock, longer than a person waits. */
const CHUNK = 500;
const ASKED = 5_000;

export function importStore(connection: Connection, clock: QueueClock): ImportStore {
  /** For statements that do no harm twice. */
  const repeatable = (statements: readonly Statement[]): Promise<readonly Row[][]> =>
    connection.writeRepeatable(
      statements.map(({ sql, args }) => ({ sql: clock.sql(sql), args: args ?? [] })),
    );
  return {
    look: (question) => look(connection, question),
    async byExternalId(id) {
      const [rows = []] = await connection.read([{ sql: BY_EXTERNAL_ID, args: [id] }]);
      return rows[0] === undefined ? null : String(rows[0]["key"]);
    },
    async reserve(epics, actor) {
      const asked = JSON.stringify(epics);
      // Numbers set aside twice leave a gap, and nothing else.
      const results = await repeatable([
        { sql: ANNOUNCE_EPICS, args: [asked, actor] },
        { sql: ADD_EPICS, args: [asked] },
        { sql: SET_ASIDE, args: [asked] },
      ]);
      const counts = new Map(epics.map((epic: EpicOrder) => [epic.key, epic.count]));
      return new Map(
        (results.at(-1) ?? []).map((row) => {
          const key = String(row["key"]);
          return [key, Number(row["last"]) - (counts.get(key) ?? 0)];
        }),
      );
    },
    async furnish(roster) {
      for (const statement of furnishing(roster)) await repeatable([statement]);
    },
    admit: (arrivals) => writeArrivals(connection, clock, arrivals),
    roster: () => readRoster(connection),
    tasks: (after, limit) => readArchivedTasks(connection, after, limit),
  };
}

function furnishing(roster: ArchivedRoster): readonly Statement[] {
  const parts: readonly { readonly sql: string; readonly rows: readonly object[] }[] = [
    { sql: RESTORE_LANES, rows: roster.lanes },
    { sql: RESTORE_EPICS, rows: roster.epics },
    { sql: RESTORE_AGENTS, rows: roster.agents },
    { sql: RESTORE_EVENTS, rows: roster.events },
  ];
  return parts.flatMap(({ sql, rows }) =>
    chunks(rows, CHUNK).map((chunk) => ({ sql, args: [JSON.stringify(chunk)] })),
  );
}

async function look(connection: Connection, question: Question): Promise<Here> {
  const ask = async (sql: string, asked: readonly unknown[]): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const chunk of chunks(asked, ASKED)) {
      const [rows = []] = await connection.read([{ sql, args: [JSON.stringify(chunk)] }]);
      for (const row of rows) found.push(String(row["cells"]));
    }
    return found;
  };
  const origins = await ask(
    ORIGINS,
    question.origins.map(({ source, id }) => [source, id]),
  );
  const tasks = await ask(TASKS, question.keys);
  const proving = (await ask(PROVING, question.evidence)).map(
    (cells) => JSON.parse(cells) as [string, string],
  );
  return {
    proving: new Map(
      [...Map.groupBy(proving, ([evidence]) => evidence)].map(([evidence, pairs]) => [
        evidence,
        pairs.map(([, key]) => key),
      ]),
    ),
    origins: new Map(
      origins.map((cells) => {
        const [source, id, key, hash] = JSON.parse(cells) as [string, string, string, string | null];
        return [originName(source, id), { key, hash }];
      }),
    ),
    tasks: new Map(
      tasks.map((cells) => {
        const [key, version, birth] = JSON.parse(cells) as [string, number, string | null];
        return [key, { version, birth }];
      }),
    ),
    epics: new Set(await ask(NAMED("epics", "key"), question.epics)),
    lanes: new Set(await ask(NAMED("lanes", "name"), question.lanes)),
    agents: new Set(await ask(NAMED("agents", "name"), question.agents)),
  };
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
