import type { Change, TaskPatch } from "../src/core/change.ts";
import { PRIORITIES } from "../src/core/task.ts";
import type { Committed, TaskFacts } from "../src/ports/queue.ts";
import { ADMIT, ADMITTED, SIDES, updateTasks } from "./change-sql.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row, SqlValue, Statement } from "./connection.ts";
import { FACTS, readFacts } from "./facts.ts";
import { writeOnce } from "./once.ts";
import { newToken } from "./token.ts";

/** A change under its token: the token is how a doubtful answer is looked up afterwards. */
interface Ticket {
  readonly change: Change;
  readonly token: string;
}

/** What holders go on with: read in the batch that wrote it, so that their next act needs no read of its own. */
const AFTERWARDS = `SELECT ${FACTS} AS facts FROM ${ADMITTED} CROSS JOIN tasks t ON t.id = e.task_id
CROSS JOIN attempts a ON a.task_id = t.id AND a.number = e.attempt`;

const STANDS = `SELECT json_array(e.task_id, e.version, e.at) AS cells FROM ${ADMITTED}`;

/** Many changes of different tasks, written as one batch. The answer of each stands at its place; null where stale. */
export async function writeChanges(
  connection: Connection,
  clock: QueueClock,
  changes: readonly Change[],
): Promise<readonly (Committed | null)[]> {
  const tickets = changes.map((change) => ({ change, token: newToken() }));
  const statements = compile(tickets).map(({ sql, args }) => ({ sql: clock.sql(sql), args: args ?? [] }));
  const committed = await writeOnce(
    async () => readCommitted(await connection.write(statements), tickets),
    async () => readCommitted(await connection.read([standing(tickets)]), tickets),
  );
  return committed ?? tickets.map(() => null);
}

/** The batch stands exactly where its events stand. */
function standing(tickets: readonly Ticket[]): Statement {
  const rows = tickets.map(({ change, token }) => [change.task, change.version + 1, token]);
  return { sql: STANDS, args: [JSON.stringify(rows)] };
}

/** Null where not one of them stands. */
function readCommitted(
  results: readonly Row[][],
  tickets: readonly Ticket[],
): readonly (Committed | null)[] | null {
  const written = new Map<number, { version: number; at: number }>();
  const facts = new Map<number, TaskFacts>();
  for (const row of results.flat()) {
    if (row["facts"] !== undefined) {
      const read = readFacts(String(row["facts"]));
      facts.set(read.task.id, read);
      continue;
    }
    const [task, version, at] = JSON.parse(String(row["cells"])) as [number, number, number];
    written.set(task, { version, at });
  }
  if (written.size === 0) return null;
  return tickets.map(({ change }) => {
    const committed = written.get(change.task);
    return committed === undefined ? null : { ...committed, facts: facts.get(change.task) ?? null };
  });
}

function compile(tickets: readonly Ticket[]): readonly Statement[] {
  const statements: Statement[] = [{ sql: ADMIT, args: [JSON.stringify(tickets.map(admission))] }];
  for (const { sql, cells } of SIDES) {
    const rows = tickets.flatMap(({ change, token }) =>
      cells(change).map((part) => [change.task, change.version + 1, token, ...part]),
    );
    if (rows.length > 0) statements.push({ sql, args: [JSON.stringify(rows)] });
  }
  statements.push(...taskUpdates(tickets));
  const followed = tickets.filter(({ change }) => change.addProofs !== undefined);
  if (followed.length > 0) {
    const rows = followed.map(({ change, token }) => [change.task, change.version + 1, token]);
    statements.push({ sql: AFTERWARDS, args: [JSON.stringify(rows)] });
  }
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
