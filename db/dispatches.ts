import { coolingMs } from "../src/core/dispatch.ts";
import type { DispatchStore, DispatchWork } from "../src/ports/dispatches.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row } from "./connection.ts";
import { writeOffers } from "./offer-writer.ts";
import { writeOnce } from "./once.ts";
import { newToken } from "./token.ts";

/** Offers that are over, with how: `[id, lane, target, settled]`, oldest first. */
const OVER = `SELECT json_array(d.id, d.lane_id, d.target, CASE WHEN a.beats > 0 THEN 'taken'
  WHEN a.outcome = 'offer-lapsed' THEN 'lapsed' ELSE 'moot' END) AS cells
FROM dispatches d CROSS JOIN attempts a ON a.task_id = d.task_id AND a.number = d.attempt
WHERE d.settled IS NULL AND (a.beats > 0 OR a.ended_at IS NOT NULL) ORDER BY d.id LIMIT 500`;
/** ?1 `[id, lane, target, settled]`. The row is the ticket: what was settled meanwhile is not counted again. */
const COUNT = `INSERT INTO dispatch_targets (lane_id, target, failures, cool_until)
SELECT ?1 ->> 1, ?1 ->> 2, iif(?1 ->> 3 = 'lapsed', 1, 0), iif(?1 ->> 3 = 'lapsed', :now + ?2, NULL)
FROM dispatches d WHERE d.id = ?1 ->> 0 AND d.settled IS NULL
ON CONFLICT (lane_id, target) DO UPDATE SET
  failures = iif(?1 ->> 3 = 'lapsed', dispatch_targets.failures + 1, 0),
  cool_until = CASE WHEN ?1 ->> 3 = 'lapsed' THEN :now + (SELECT value FROM json_each(?3)
    WHERE key = min(dispatch_targets.failures, json_array_length(?3) - 1)) END`;
const SETTLE = `UPDATE dispatches SET settled = ?1 ->> 3, due_at = NULL, lease_until = NULL
WHERE id = ?1 ->> 0 AND settled IS NULL RETURNING settled`;
/** How long each further failure in a row makes a target rest, the last for all that follow. */
const RESTS = JSON.stringify(Array.from({ length: 12 }, (_, failures) => coolingMs(failures + 1)));

const COOLING = `SELECT l.name AS lane, max(d.cool_until) AS until FROM dispatch_targets d JOIN lanes l ON l.id = d.lane_id
WHERE d.cool_until > :now GROUP BY l.name`;
const DUE = `SELECT id, coalesce(settings ->> 'url', '') AS uri FROM dispatches WHERE due_at <= :now
  AND coalesce(lease_until, 0) <= :now ORDER BY due_at, id LIMIT ?1`;
const TAKE = `UPDATE dispatches SET lease_until = :now + ?2, token = ?3, tries = tries + 1
WHERE id IN (SELECT value FROM json_each(?1)) AND due_at IS NOT NULL AND coalesce(lease_until, 0) <= :now`;
const TAKEN = `SELECT json_array(d.id, t.key || '.' || d.attempt, json(d.settings), coalesce(d.settings ->> 'url', ''), d.tries) AS cells
FROM json_each(?1) j CROSS JOIN dispatches d ON d.id = j.value AND d.token = ?2 JOIN tasks t ON t.id = d.task_id`;
const RENEW = `UPDATE dispatches SET lease_until = :now + ?2
WHERE id IN (SELECT value FROM json_each(?1)) AND lease_until IS NOT NULL`;
const NEXT =
  "SELECT min(max(due_at, coalesce(lease_until, 0))) AS due FROM dispatches WHERE due_at IS NOT NULL";
const SENT = `UPDATE dispatches SET sent_at = :now, due_at = NULL, lease_until = NULL, error = NULL
WHERE id = ?1 AND tries = ?2 AND due_at IS NOT NULL`;
const UNSENT = `UPDATE dispatches SET error = ?3, due_at = :now + ?4, lease_until = NULL
WHERE id = ?1 AND tries = ?2 AND due_at IS NOT NULL`;

export function dispatchStore(connection: Connection, clock: QueueClock): DispatchStore {
  const read = async (sql: string, args: readonly (string | number)[] = []): Promise<readonly Row[]> =>
    (await connection.read([{ sql: clock.sql(sql), args }]))[0] ?? [];
  const repeat = async (sql: string, args: readonly (string | number | null)[]): Promise<void> => {
    await connection.writeRepeatable([{ sql: clock.sql(sql), args }]);
  };
  return {
    offer: (request) => writeOffers(connection, clock, request),
    settle: () => settle(connection, clock),
    async cooling() {
      return new Map((await read(COOLING)).map((row) => [String(row["lane"]), Number(row["until"])]));
    },
    async due(limit) {
      return (await read(DUE, [limit])).map((row) => ({ id: Number(row["id"]), uri: String(row["uri"]) }));
    },
    async take(wanted, leaseMs) {
      const ids = JSON.stringify(wanted);
      const token = newToken();
      const taken = { sql: TAKEN, args: [ids, token] };
      const works = await writeOnce(
        async () =>
          readWorks(
            (await connection.write([{ sql: clock.sql(TAKE), args: [ids, leaseMs, token] }, taken]))[1],
          ),
        async () => readWorks((await connection.read([taken]))[0]),
      );
      return works ?? [];
    },
    renew: (ids, leaseMs) => repeat(RENEW, [JSON.stringify(ids), leaseMs]),
    async nextDue() {
      const due = (await read(NEXT))[0]?.["due"] ?? null;
      return due === null ? null : Number(due);
    },
    sent: ({ id, tries }) => repeat(SENT, [id, tries]),
    unsent: ({ id, tries }, error, retryMs) => repeat(UNSENT, [id, tries, error, retryMs]),
  };
}

async function settle(
  connection: Connection,
  clock: QueueClock,
): Promise<{ readonly lapsed: number; readonly taken: number }> {
  const [over = []] = await connection.read([{ sql: OVER }]);
  if (over.length === 0) return { lapsed: 0, taken: 0 };
  const statements = over.flatMap((row) => {
    const cells = String(row["cells"]);
    const moot = (JSON.parse(cells) as readonly unknown[])[3] === "moot";
    const count = { sql: clock.sql(COUNT), args: [cells, coolingMs(1), RESTS] };
    return [...(moot ? [] : [count]), { sql: SETTLE, args: [cells] }];
  });
  const settled = (await connection.writeRepeatable(statements)).flat().map((row) => row["settled"]);
  const count = (what: string): number => settled.filter((one) => one === what).length;
  return { lapsed: count("lapsed"), taken: count("taken") };
}

/** Null where nothing was taken. */
function readWorks(rows: readonly Row[] = []): readonly DispatchWork[] | null {
  if (rows.length === 0) return null;
  return rows.map((row) => {
    const cells = JSON.parse(String(row["cells"])) as readonly unknown[];
    return {
      id: cells[0] as number,
      attempt: cells[1] as string,
      dispatch: cells[2] as DispatchWork["dispatch"],
      uri: cells[3] as string,
      tries: cells[4] as number,
    };
  });
}
