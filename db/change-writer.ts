import type { Change, TaskPatch } from "../src/core/change.ts";
import { PRIORITIES } from "../src/core/task.ts";
import { ADMIT, ADMITTED, asText, SIDES, updateTasks } from "./change-sql.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row, SqlValue, Statement } from "./connection.ts";
import type { Written } from "./memory.ts";
import { writeOnce } from "./once.ts";
import { newToken } from "./token.ts";

/** A change under its token: the token is how a doubtful answer is looked up afterwards. */
interface Ticket {
  readonly change: Change;
  readonly token: string;
}

const STANDS = `SELECT json_array(e.task_id, e.version, e.at) AS cells FROM ${ADMITTED}`;

/** Fails where the batch stands already: a link may carry a request out twice, and only events are unique of themselves. */
const FIRST_TIME = `SELECT json('done before: ' || e.change_id) FROM ${ADMITTED}`;

/** Many changes of different tasks, written as one batch. The answer of each stands at its place; null where stale. */
export async function writeChanges(
  connection: Connection,
  clock: QueueClock,
  changes: readonly Change[],
): Promise<readonly (Written | null)[]> {
  const tickets = changes.map((change) => ({ change, token: newToken() }));
  const statements = compile(tickets).map(({ sql, args }) => ({ sql: clock.sql(sql), args: args ?? [] }));
  if (connection.remote) statements.unshift({ sql: FIRST_TIME, args: [eventsOf(tickets)] });
  const written = await writeOnce(
    async () => readWritten(await connection.write(statements), tickets),
    async () => readWritten(await connection.read([{ sql: STANDS, args: [eventsOf(tickets)] }]), tickets),
  );
  return written ?? tickets.map(() => null);
}

/** The batch stands exactly where its events stand. */
function eventsOf(tickets: readonly Ticket[]): string {
  return JSON.stringify(tickets.map(({ change, token }) => [change.task, change.version + 1, token]));
}

/** Null where not one of them stands. */
function readWritten(
  results: readonly Row[][],
  tickets: readonly Ticket[],
): readonly (Written | null)[] | null {
  const written = new Map<number, Written & { readonly proofs: Map<string, number> }>();
  const added: [task: number, requirement: string, proof: number][] = [];
  for (const row of results.flat()) {
    if (row["proof"] !== undefined) {
      added.push(JSON.parse(String(row["proof"])) as [number, string, number]);
      continue;
    }
    const [task, version, at] = JSON.parse(String(row["cells"])) as [number, number, number];
    written.set(task, { version, at, proofs: new Map() });
  }
  if (written.size === 0) return null;
  for (const [task, requirement, proof] of added) written.get(task)?.proofs.set(requirement, proof);
  return tickets.map(({ change }) => written.get(change.task) ?? null);
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
  const shapes = new Map<string, { fields: (keyof TaskPatch)[]; rows: unknown[][] }>();
  for (const { change, token } of tickets) {
    const fields = (Object.keys(change.set) as (keyof TaskPatch)[]).toSorted();
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
