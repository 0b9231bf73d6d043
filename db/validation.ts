import type { GuardRecord } from "../src/core/validation/record.ts";
import type { Stretch, StretchOptions, Suspect, Suspects, ValidationStore } from "../src/ports/validation.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row, SqlValue } from "./connection.ts";
import { migrations } from "./migrate.ts";
import {
  ANNOUNCED,
  ANNOUNCEMENTS,
  BESIDE,
  COMPLETED,
  DONE,
  EVENT_SUMS,
  FORWARD,
  LOGS,
  OPEN,
  TASKS,
} from "./suspicions.ts";
import { turn } from "./turn.ts";
import { LANE_RECORDS, readLaneRecord, readTaskRecord, TASK_RECORDS } from "./validation-records.ts";

const EXTENT =
  "SELECT :now AS now, (SELECT count(*) FROM tasks) AS tasks, coalesce((SELECT max(id) FROM tasks), 0) AS last";
const REQUIRING = `SELECT DISTINCT task_id AS id FROM requirements
WHERE task_id BETWEEN ?1 AND ?2 AND spec IN (SELECT value FROM json_each(?3)) ORDER BY task_id`;
const SESSIONS = `SELECT session, json_group_array(t.key || '.' || a.number) AS attempts
FROM attempts a JOIN tasks t ON t.id = a.task_id WHERE a.ended_at IS NULL GROUP BY a.session HAVING count(*) > 1`;
const STRAYS = "SELECT id FROM notices WHERE kind = 'auto-complete' AND task_id IS NULL ORDER BY id";
const EDGES = "SELECT group_concat(task_id || ',' || depends_on) AS edges FROM dependencies WHERE";
const SCHEMA = "SELECT name, sql FROM sqlite_schema WHERE type IN ('trigger', 'index') AND sql IS NOT NULL";
/** Between two requirements: no JSON text has it, not even between its words. */
const SEPARATOR = "\u001e";

export function validationStore(connection: Connection, clock: QueueClock): ValidationStore {
  const read = async (sql: string, args: readonly SqlValue[] = []): Promise<Row[]> =>
    (await connection.read([{ sql: clock.sql(sql), args }]))[0] ?? [];
  const edges = async (where: string, args: readonly SqlValue[]): Promise<readonly number[]> => {
    const [row] = await read(`${EDGES} ${where}`, args);
    return JSON.parse(`[${String(row?.["edges"] ?? "")}]`) as number[];
  };
  return {
    async extent() {
      const [row] = await read(EXTENT);
      return { now: Number(row?.["now"]), tasks: Number(row?.["tasks"]), lastId: Number(row?.["last"]) };
    },
    suspects: (options) => readSuspects(connection, clock, options),
    async tasksRequiring({ first, last }, requirements) {
      const rows = await read(REQUIRING, [first, last, JSON.stringify(requirements)]);
      return rows.map((row) => Number(row["id"]));
    },
    async records(ids) {
      const rows = await read(TASK_RECORDS, [JSON.stringify(ids)]);
      return rows.map(readTaskRecord);
    },
    lanes: async () => (await read(LANE_RECORDS)).map(readLaneRecord),
    async sessions() {
      const rows = await read(SESSIONS);
      return rows.map((row) => ({
        session: String(row["session"]),
        attempts: (JSON.parse(String(row["attempts"])) as string[]).toSorted(),
      }));
    },
    strayAnnouncements: async () => (await read(STRAYS)).map((row) => Number(row["id"])),
    async dependencies({ first, last }) {
      await turn();
      return edges("task_id BETWEEN ?1 AND ?2", [first, last]);
    },
    async dependenciesAmong(ids) {
      const list = JSON.stringify(ids);
      const among = "(SELECT value FROM json_each(?1))";
      const [[row] = [], rows = []] = await connection.read([
        { sql: `${EDGES} task_id IN ${among} AND depends_on IN ${among}`, args: [list] },
        { sql: "SELECT id, key FROM tasks WHERE id IN (SELECT value FROM json_each(?1))", args: [list] },
      ]);
      return {
        edges: JSON.parse(`[${String(row?.["edges"] ?? "")}]`) as number[],
        keys: new Map(rows.map((task) => [Number(task["id"]), String(task["key"])])),
      };
    },
    async guards() {
      const rows = await read(SCHEMA);
      return compareGuards(new Map(rows.map((row) => [String(row["name"]), String(row["sql"])])));
    },
  };
}

async function readSuspects(
  connection: Connection,
  clock: QueueClock,
  options: StretchOptions,
): Promise<Suspects> {
  await turn();
  const args = [options.first, options.last];
  const alone = [TASKS, EVENT_SUMS, COMPLETED, ANNOUNCED, FORWARD];
  const beside = [DONE, ...BESIDE];
  const [open = [], ...results] = await connection.read([
    { sql: clock.sql(OPEN), args: [...args, JSON.stringify(options.fit)] },
    ...[...alone, ...beside].map((sql) => ({ sql: clock.sql(sql), args })),
  ]);
  const [tasks, sums, completed, announced, forward] = results.slice(0, alone.length).map(([row]) => row);
  const closer = await uncertified(connection, options, {
    logs: logsCertified(options, tasks ?? {}, sums ?? {}),
    announcements: completed?.["list"] === announced?.["list"],
  });
  const specs = open[0]?.["specs"];
  return {
    tasks: gather([
      ...[tasks, open[0]].flatMap((row) => JSON.parse(String(row?.["suspects"] ?? "[]")) as Named[]),
      ...[...results.slice(alone.length).flat(), ...closer].map(
        (row): Named => [Number(row["id"]), String(row["codes"])],
      ),
    ]),
    requirements: typeof specs === "string" ? specs.split(SEPARATOR) : [],
    forward: Number(forward?.["forward"]),
  };
}

type Named = readonly [id: number, codes: string];

/** The sums certify where each id of the stretch was counted, and counted once. */
function logsCertified({ first, last }: Stretch, tasks: Row, sums: Row): boolean {
  return (
    tasks["tasks"] === last - first + 1 &&
    tasks["beyond"] === 0 &&
    tasks["versions"] === sums["events"] &&
    tasks["version_sums"] === sums["version_sums"]
  );
}

/** Looks closer where a certificate was refused, or where it would rest on an index that may lie. */
async function uncertified(
  connection: Connection,
  options: StretchOptions,
  certified: { readonly logs: boolean; readonly announcements: boolean },
): Promise<readonly Row[]> {
  const sqls = [
    ...(options.thorough || !certified.logs ? [LOGS] : []),
    ...(options.thorough || !certified.announcements ? [ANNOUNCEMENTS] : []),
  ];
  if (sqls.length === 0) return [];
  const results = await connection.read(sqls.map((sql) => ({ sql, args: [options.first, options.last] })));
  return results.flat();
}

function gather(found: readonly Named[]): readonly Suspect[] {
  const tasks = new Map<number, Set<string>>();
  for (const [id, codes] of found) {
    const known = tasks.get(id) ?? new Set<string>();
    tasks.set(id, known);
    for (const code of codes.split(" ")) if (code !== "") known.add(code);
  }
  return [...tasks].map(([id, codes]) => ({ id, codes: [...codes] })).toSorted((a, b) => a.id - b.id);
}

/** What the migrations leave behind, by name; a later one may drop or replace what an earlier one made. */
function expectedGuards(): ReadonlyMap<string, string> {
  const guards = new Map<string, string>();
  for (const { sql } of migrations().flatMap(({ statements }) => statements)) {
    const made = /^CREATE (?:TRIGGER|(?:UNIQUE )?INDEX) (?:IF NOT EXISTS )?(\w+)/.exec(sql);
    if (made?.[1] !== undefined) guards.set(made[1], sql);
    const dropped = /^DROP (?:TRIGGER|INDEX) (?:IF EXISTS )?(\w+)/.exec(sql);
    if (dropped?.[1] !== undefined) guards.delete(dropped[1]);
  }
  return guards;
}

let expected: ReadonlyMap<string, string> | undefined;

function compareGuards(present: ReadonlyMap<string, string>): readonly GuardRecord[] {
  expected ??= expectedGuards();
  const words = (sql: string): string => sql.replace(/;\s*$/, "").replace(/\s+/g, " ").trim();
  return [...expected].flatMap(([name, sql]): readonly GuardRecord[] => {
    const found = present.get(name);
    if (found === undefined) return [{ name, state: "missing" }];
    return words(found) === words(sql) ? [] : [{ name, state: "altered" }];
  });
}
