import type { Change, TaskPatch } from "../src/core/change.ts";
import { PRIORITIES } from "../src/core/task.ts";
import { ADMIT, ADMITTED, asText, CHANGED, SIDES, updateTasks } from "./change-sql.ts";
import type { QueueClock } from "./clock.ts";
import { type Connection, DoubtfulWrite, type Row, type SqlValue, type Statement } from "./connection.ts";
import type { Written } from "./memory.ts";
import { writeOnce } from "./once.ts";
import { ROWS } from "./rows.ts";
import { newToken } from "./token.ts";

/** A change under its token: the token is how a doubtful answer is looked up afterwards. */
interface Ticket {
  readonly change: Change;
  readonly token: string;
}

const STANDS = `${ROWS} SELECT json_array(e.task_id, e.at) AS cells FROM ${ADMITTED}`;

/** Fails where the batch stands already: a link may carry a request out twice, and only events are unique of themselves. */
const FIRST_TIME = `${ROWS} SELECT json('done before: ' || e.change_id) FROM ${ADMITTED}`;

/** Many changes of different tasks, written as one batch. The answer of each stands at its place; null where stale. */
export async function writeChanges(
  connection: Connection,
  clock: QueueClock,
  changes: readonly Change[],
): Promise<readonly (Written | null)[]> {
  const tickets = changes.map((change) => ({ change, token: newToken() }));
  const statements = compile(tickets).map(({ sql, args }) => ({ sql: clock.sql(sql), args: args ?? [] }));
  if (connection.remote) statements.unshift({ sql: FIRST_TIME, args: [eventsOf(tickets)] });
  const standing = async (): Promise<Moments | null> =>
    readStanding(await connection.read([{ sql: STANDS, args: [eventsOf(tickets)] }]));
  const proofs = new Map<number, Map<string, number>>();
  const moments = await writeOnce(async () => {
    const said = readAnswer(await connection.write(statements), proofs);
    if (said.changed === 0) return null;
    if (said.changed === tickets.length) return new Map(changes.map(({ task }) => [task, said.at]));
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

/** The batch stands exactly where its events stand. */
function eventsOf(tickets: readonly Ticket[]): string {
  return JSON.stringify(tickets.map(({ change, token }) => [change.task, change.version + 1, token]));
}

/** Null where not one of them stands. */
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

function compile(tickets: readonly Ticket[]): readonly Statement[] {
  const statements: Statement[] = [{ sql: ADMIT, args: [JSON.stringify(tickets.map(admission))] }];
  for (const { sql, part, cells } of SIDES) {
    const rows: unknown[][] = [];
    for (const { change, token } of tickets) {
      if (change[part] === undefined) continue;
      for (const more of cells(change)) rows.push([change.task, change.version + 1, token, ...more]);
    }
    if (rows.length > 0) statements.push({ sql, args: [JSON.stringify(rows)] });
  }
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
    asText(event.data),
    event.requestId ?? null,
    change.lease ?? null,
  ];
}

function taskUpdates(tickets: readonly Ticket[]): readonly Statement[] {
  const shapes = Map.groupBy(tickets, ({ change }) => Object.keys(change.set).toSorted().join());
  return [...shapes].flatMap(([names, group]) => {
    const fields = (names === "" ? [] : names.split(",")) as (keyof TaskPatch)[];
    const rows = group.map(({ change: { task, version, set }, token }) => [
      task,
      version + 1,
      token,
      ...fields.map((field) =>
        field === "priority" ? PRIORITIES.indexOf(set.priority ?? "P2") : set[field],
      ),
    ]);
    const first = group[0]?.change;
    return [
      { sql: updateTasks(fields), args: [JSON.stringify(rows)] },
      { sql: CHANGED, args: first === undefined ? [] : [first.task, first.version + 1] },
    ];
  });
}
