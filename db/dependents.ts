import { STATUSES, type Status } from "../src/core/task.ts";
import type { Dependents } from "../src/ports/listing.ts";
import type { Connection } from "./connection.ts";

/** Keys that are named of each count. */
const NAMED = 5;
/** How many are followed: beyond it the count is a lower bound, and still says enough. */
const FOLLOWED = 10_000;

const DIRECT = `SELECT t.status AS status, t.key AS key FROM tasks o
CROSS JOIN dependencies d ON d.depends_on = o.id CROSS JOIN tasks t ON t.id = d.task_id
WHERE o.key = ?1 ORDER BY t.id LIMIT ${FOLLOWED}`;

/** Each once, however many ways lead to it; nobody waits through what is over. */
const WAITING = `WITH RECURSIVE waits (id) AS (
  SELECT d.task_id FROM tasks o CROSS JOIN dependencies d ON d.depends_on = o.id WHERE o.key = ?1
  UNION SELECT d.task_id FROM waits w CROSS JOIN tasks t ON t.id = w.id AND t.status NOT IN ('done', 'cancelled')
    CROSS JOIN dependencies d ON d.depends_on = w.id
  LIMIT ${FOLLOWED})
SELECT t.key AS key FROM waits w CROSS JOIN tasks t ON t.id = w.id
WHERE t.status NOT IN ('done', 'cancelled') AND t.key <> ?1 ORDER BY t.id`;

export async function readDependents(connection: Connection, key: string): Promise<Dependents> {
  const [direct = [], waiting = []] = await connection.read([
    { sql: DIRECT, args: [key] },
    { sql: WAITING, args: [key] },
  ]);
  const of = (status: Status) =>
    direct.filter((row) => row["status"] === status).map((row) => String(row["key"]));
  return {
    waiting: counted(waiting.map((row) => String(row["key"]))),
    direct: STATUSES.flatMap((status) => {
      const keys = of(status);
      return keys.length === 0 ? [] : [{ status, ...counted(keys) }];
    }),
  };
}

function counted(keys: readonly string[]): Dependents["waiting"] {
  return { tasks: keys.length, keys: keys.slice(0, NAMED) };
}
