import type { Change, TaskPatch } from "../src/core/change.ts";
import { PRIORITIES } from "../src/core/task.ts";
import { ADMIT, ADMITTED, asText, type Cell, CHANGED, SIDES, updateTasks } from "./change-sql.ts";
import type { QueueClock } from "./clock.ts";
import { type Connection, DoubtfulWrite, type Row, type SqlValue, type Statement } from "./connection.ts";
import type { Written } from "./memory.ts";
import { writeOnce } from "./once.ts";
import { ROWS } from "./rows.ts";
import { newToken } from "./token.ts";

const STANDS = `${ROWS} SELECT json_array(e.task_id, e.at) AS cells FROM ${ADMITTED}`;

/** Fails where the batch stands already: a link may carry a request out twice, and only events are unique of themselves. */
const FIRST_TIME = `${ROWS} SELECT json('done before: ' || e.change_id) FROM ${ADMITTED}`;

/** Many changes of different tasks, written as one batch. The answer of each stands at its place; null where stale. */
export async function writeChanges(
  connection: Connection,
  clock: QueueClock,
  changes: readonly Change[],
): Promise<readonly (Written | null)[]> {
  // By it a doubtful answer is looked up afterwards.
  const token = newToken();
  const statements = compile(changes, token).map(({ sql, args }) => ({
    sql: clock.sql(sql),
    args: args ?? [],
  }));
  const named = [JSON.stringify(changes.map(({ task, version }) => [task, version + 1])), token];
  if (connection.remote) statements.unshift({ sql: FIRST_TIME, args: named });
  const standing = async (): Promise<Moments | null> =>
    readStanding(await connection.read([{ sql: STANDS, args: named }]));
  const proofs = new Map<number, Map<string, number>>();
  const moments = await writeOnce(async () => {
    const said = readAnswer(await connection.write(statements), proofs);
    if (said.changed === 0) return null;
    if (said.changed === changes.length) return new Map(changes.map(({ task }) => [task, said.at]));
    return afterwards(standing);
  }, standing);
  return changes.map(({ task, version }) => {
    const at = moments?.get(task);
    return at === undefined ? null : { version: version + 1, at, proofs: proofs.get(task) ?? NONE };
  });
}

/** When each change that stands was made, by task, in milliseconds since 1970. */
type Moments = ReadonlyMap<number, number>;
const NONE: ReadonlyMap<string, number> = new Map();

/** Some were stale, and the batch is committed: which of them stand is read, and if that fails it is in doubt, not undone. */
async function afterwards(standing: () => Promise<Moments | null>): Promise<Moments | null> {
  try {
    return await standing();
  } catch (error) {
    throw new DoubtfulWrite(error);
  }
}

/** The batch stands exactly where its events stand: null where not one does. */
function readStanding([rows = []]: readonly Row[][]): Moments | null {
  return rows.length === 0
    ? null
    : new Map(rows.map((row) => JSON.parse(String(row["cells"])) as [task: number, at: number]));
}

/** How many changes stand, and when they were made: one moment for all. The ids of new proofs go to `proofs`. */
function readAnswer(results: readonly Row[][], proofs: Map<number, Map<string, number>>) {
  let changed = 0;
  let at = 0;
  for (const row of results.flat()) {
    if (row["proof"] !== undefined) {
      const [task, requirement, id] = JSON.parse(String(row["proof"])) as [number, string, number];
      const ofTask = proofs.get(task) ?? new Map<string, number>();
      proofs.set(task, ofTask.set(requirement, id));
    } else {
      changed += Number(row["changed"]);
      at = Math.max(at, Number(row["at"]));
    }
  }
  return { changed, at };
}

function compile(changes: readonly Change[], token: string): readonly Statement[] {
  const statement = (sql: string, rows: readonly (readonly unknown[])[]): Statement => ({
    sql,
    args: [JSON.stringify(rows), token],
  });
  const statements = [statement(ADMIT, changes.map(admission))];
  for (const { sql, part, cells } of SIDES) {
    const rows: unknown[][] = [];
    for (const change of changes) {
      if (change[part] === undefined) continue;
      for (const more of cells(change)) rows.push([change.task, change.version + 1, ...more]);
    }
    if (rows.length > 0) statements.push(statement(sql, rows));
  }
  for (const group of Map.groupBy(changes, shapeOf).values()) {
    const { status = null, ...others } = group[0]?.set ?? {};
    const fields = (Object.keys(others) as Cell[]).toSorted();
    const rows = group.map((change) => [
      change.task,
      change.version + 1,
      ...fields.map((field) => cellOf(change.set, field)),
    ]);
    statements.push(statement(updateTasks(status, fields), rows));
    statements.push({ sql: CHANGED, args: rows[0]?.slice(0, 2) ?? [] });
  }
  return statements;
}

/** Changes of one shape share a statement. */
function shapeOf({ set }: Change): string {
  return `${set.status ?? ""} ${Object.keys(set).toSorted().join()}`;
}

function cellOf(set: TaskPatch, field: Cell): SqlValue {
  return field === "priority" ? PRIORITIES.indexOf(set.priority ?? "P2") : (set[field] ?? null);
}

function admission({ task, version, event, attempt, lease }: Change): readonly SqlValue[] {
  return [
    task,
    version,
    event.kind,
    event.actor,
    attempt ?? null,
    asText(event.data),
    event.requestId ?? null,
    lease ?? null,
  ];
}
