import type { Json } from "../src/core/json.ts";
import type { Arrival, Inbox, InboxEntry } from "../src/ports/inbox.ts";
import type { QueueClock } from "./clock.ts";
import { coalesce } from "./coalesce.ts";
import type { Connection, Row, SqlValue, Statement } from "./connection.ts";
import { writeOnce } from "./once.ts";

/** How many arrivals share one batch. */
const GROUP = 64;
/** Platforms hand over the same again for an hour at the most; two days leave room for one that was away. */
const KNOWN_MS = 2 * 86_400_000;

/** ?1 `[[platform, event, thread, payload] …]`. One that is known stays as it is. */
const RECEIVE = `INSERT INTO inbox (platform, event, thread, payload, received_at, due_at)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value -> 3, :now, :now FROM json_each(?1) j WHERE true
ON CONFLICT (platform, event) DO NOTHING RETURNING platform || char(9) || event AS name`;
/** After a lost answer: it stands, whoever wrote it. */
const STANDS = `SELECT i.platform || char(9) || i.event AS name FROM json_each(?1) j
CROSS JOIN inbox i ON i.platform = j.value ->> 0 AND i.event = j.value ->> 1`;

/** ?1 platforms, ?2 limit, ?3 lease, ?4 ids that are left to others. */
const TAKE = `UPDATE inbox SET lease_until = :now + ?3, tries = tries + 1 WHERE id IN (
  SELECT i.id FROM inbox i WHERE i.due_at <= :now AND coalesce(i.lease_until, 0) <= :now
    AND i.platform IN (SELECT value FROM json_each(?1)) AND i.id NOT IN (SELECT value FROM json_each(?4))
    AND (i.thread IS NULL OR NOT EXISTS (SELECT 1 FROM inbox e
      WHERE e.platform = i.platform AND e.thread = i.thread AND e.id < i.id AND e.due_at IS NOT NULL))
  ORDER BY i.due_at, i.id LIMIT ?2)
RETURNING id, platform, event, thread, payload, received_at, tries`;
const RENEW = `UPDATE inbox SET lease_until = :now + ?2
WHERE id IN (SELECT value FROM json_each(?1)) AND due_at IS NOT NULL AND lease_until IS NOT NULL`;
/** ?1 `[[id, error, retry ms, over] …]`. */
const SETTLE = `UPDATE inbox SET lease_until = NULL, error = j.value ->> 1,
  due_at = CASE WHEN j.value ->> 3 THEN NULL ELSE :now + (j.value ->> 2) END,
  payload = CASE WHEN j.value ->> 3 THEN NULL ELSE payload END
FROM json_each(?1) j WHERE inbox.id = j.value ->> 0 AND inbox.due_at IS NOT NULL`;
const DUE = `SELECT max(0, min(max(due_at, coalesce(lease_until, 0))) - :now) AS due FROM inbox
WHERE due_at IS NOT NULL AND platform IN (SELECT value FROM json_each(?1))`;
const LAST = "SELECT max(received_at) AS last FROM inbox WHERE platform = ?1";
const PRUNE = `DELETE FROM inbox WHERE due_at IS NULL AND received_at < :now - ${KNOWN_MS}`;

export function inboxStore(connection: Connection, clock: QueueClock): Inbox {
  const timed = (sql: string, args: readonly SqlValue[]): Statement => ({ sql: clock.sql(sql), args });
  const number = async (sql: string, args: readonly SqlValue[], column: string): Promise<number | null> => {
    const [rows = []] = await connection.read([timed(sql, args)]);
    const value = rows[0]?.[column] ?? null;
    return value === null ? null : Number(value);
  };
  const receive = coalesce<Arrival, boolean>((arrivals) => receiveAll(connection, clock, arrivals), {
    max: GROUP,
    key: ({ platform, event }) => `${platform} ${event}`,
  });
  const settle = coalesce<readonly [id: number, error: string | null, retryMs: number | null], void>(
    async (outcomes) => {
      const rows = outcomes.map(([id, error, retryMs]) => [id, error, retryMs, retryMs === null ? 1 : 0]);
      await connection.writeRepeatable([timed(SETTLE, [JSON.stringify(rows)])]);
      return outcomes.map(() => undefined);
    },
    { max: GROUP, key: ([id]) => id },
  );
  return {
    receive,
    async take(platforms, limit, leaseMs, except = []) {
      // An answer that was lost leaves leases nobody knows of: they run out, and what they held is taken again.
      const args = [JSON.stringify(platforms), limit, leaseMs, JSON.stringify(except)];
      const [rows = []] = await connection.write([timed(TAKE, args)]);
      return rows.map(readEntry).toSorted((a, b) => a.id - b.id);
    },
    async renew(ids, leaseMs) {
      await connection.writeRepeatable([timed(RENEW, [JSON.stringify(ids), leaseMs])]);
    },
    handled: (id) => settle([id, null, null]),
    unhandled: (id, error, retryMs) => settle([id, error, retryMs]),
    dueInMs: (platforms) => number(DUE, [JSON.stringify(platforms)], "due"),
    lastReceived: (platform) => number(LAST, [platform], "last"),
    async prune() {
      await connection.writeRepeatable([timed(PRUNE, [])]);
    },
  };
}

async function receiveAll(
  connection: Connection,
  clock: QueueClock,
  arrivals: readonly Arrival[],
): Promise<readonly boolean[]> {
  const rows = JSON.stringify(
    arrivals.map(({ platform, event, thread, payload }) => [platform, event, thread, payload]),
  );
  const names = async (found: Promise<Row[][]>): Promise<ReadonlySet<string>> =>
    new Set(((await found)[0] ?? []).map(({ name }) => String(name)));
  const written = await writeOnce(
    () => names(connection.write([{ sql: clock.sql(RECEIVE), args: [rows] }])),
    async () => {
      const standing = await names(connection.read([{ sql: STANDS, args: [rows] }]));
      return standing.size === arrivals.length ? standing : null;
    },
  );
  return arrivals.map(({ platform, event }) => written?.has(`${platform}\t${event}`) === true);
}

function readEntry(row: Row): InboxEntry {
  return {
    id: Number(row["id"]),
    platform: String(row["platform"]),
    event: String(row["event"]),
    thread: row["thread"] === null ? null : String(row["thread"]),
    payload: JSON.parse(String(row["payload"])) as Json,
    receivedAt: Number(row["received_at"]),
    tries: Number(row["tries"]),
  };
}
