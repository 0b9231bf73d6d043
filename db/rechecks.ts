import type { MessageProof, Recheck, RecheckStore } from "../src/ports/rechecks.ts";
import type { QueueClock } from "./clock.ts";
import { coalesce } from "./coalesce.ts";
import type { Connection, Row, Statement } from "./connection.ts";
import { PROOF_CELLS, readProof } from "./facts.ts";
import { writeOnce } from "./once.ts";
import { newToken } from "./token.ts";

/** How much of the log one step of a mark looks at. */
const STEP = 1000;
/** Proofs that one batch notes at the most: as many as are looked at side by side, several times over. */
const NOTED_AT_ONCE = 200;

/**
 * From a mark as far as the time has come. What lies in the future by this clock was written by another one: it counts
 * as done now, and holds nothing up. ?1 mark, ?2 delay, ?3 until when, ?4 step.
 */
const LOOK = `WITH f AS (SELECT coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE name = ?1), 0) AS id),
w AS (SELECT e.id AS id, e.kind AS kind, e.at AS at, e.imported AS imported FROM f CROSS JOIN events e
  WHERE e.id > f.id ORDER BY e.id LIMIT ?4),
s AS (SELECT min(id) AS id FROM w WHERE at > :now - ?2 AND at <= :now)
SELECT json_array((SELECT id FROM f), (SELECT max(w.id) FROM w WHERE w.id < coalesce((SELECT id FROM s), w.id + 1)),
  (SELECT w.at + ?2 - :now FROM w WHERE w.id = (SELECT id FROM s)), (SELECT count(*) FROM w),
  (SELECT json_group_array(json_array(w.id, min(w.at, :now) + ?2, min(w.at, :now) + ?3)) FROM w
    WHERE w.kind = 'task.completed' AND w.imported = 0 AND w.id < coalesce((SELECT id FROM s), w.id + 1)
      AND w.at + ?3 > :now)) AS cells`;

const BEGIN = "INSERT OR IGNORE INTO settings (name, value) VALUES (?1, '0')";
/** Only what is still done by that attempt, and only what can be looked at: people's approval is not asked for again. */
const LIST = `INSERT INTO rechecks (proof_id, after_ms, due_at, until_at)
SELECT p.id, ?4, j.value ->> 1, j.value ->> 2 FROM json_each(?1) j CROSS JOIN events e ON e.id = j.value ->> 0
JOIN tasks t ON t.id = e.task_id AND t.status = 'done' AND t.attempts = e.attempt
JOIN proofs p ON p.task_id = e.task_id AND p.attempt = e.attempt AND p.superseded = 0
WHERE p.verdict = 'passed' AND p.kind <> 'human' AND (SELECT value FROM settings WHERE name = ?2) = ?3
ON CONFLICT DO NOTHING`;
const MOVE = "UPDATE settings SET value = ?3 WHERE name = ?1 AND value = ?2";

const DUE = `SELECT r.id AS id, p.uri AS uri FROM rechecks r JOIN proofs p ON p.id = r.proof_id
WHERE r.due_at <= :now AND coalesce(r.lease_until, 0) <= :now ORDER BY r.due_at, r.id LIMIT ?1`;
const TAKE = `UPDATE rechecks SET lease_until = :now + ?2, token = ?3
WHERE id IN (SELECT value FROM json_each(?1)) AND coalesce(lease_until, 0) <= :now`;
const TAKEN = `SELECT p.task_id AS task_id, t.key AS key, ${PROOF_CELLS} AS cells, r.id AS id, r.after_ms AS after_ms,
  r.tries AS tries, (SELECT max(n.id) FROM events e JOIN notices n ON n.task_id = e.task_id AND n.event_id = e.id
    WHERE n.kind = 'auto-complete' AND e.task_id = p.task_id AND e.attempt = p.attempt AND e.kind = 'task.completed')
  AS announcement
FROM json_each(?1) j CROSS JOIN rechecks r ON r.id = j.value AND r.token = ?2
JOIN proofs p ON p.id = r.proof_id JOIN tasks t ON t.id = p.task_id`;
const RENEW = `UPDATE rechecks SET lease_until = :now + ?2
WHERE id IN (SELECT value FROM json_each(?1)) AND lease_until IS NOT NULL`;
const NEXT = "SELECT min(max(due_at, coalesce(lease_until, 0))) AS due FROM rechecks";

/** What still holds, by the list's id and token: noted and off the list, however many at once. */
const NOTE = `UPDATE proofs SET checked_at = :now, rechecks = rechecks + 1 WHERE id IN (SELECT r.proof_id
FROM json_each(?1) j CROSS JOIN rechecks r ON r.id = j.value ->> 0 AND r.token = j.value ->> 1)`;
const DROP_NOTED = `DELETE FROM rechecks
WHERE (id, token) IN (SELECT j.value ->> 0, j.value ->> 1 FROM json_each(?1) j)`;
const DROP = "DELETE FROM rechecks WHERE id = ?1 AND token = ?2";
const GIVE_UP = `${DROP} AND :now + ?3 >= until_at`;
/** Ends the lease it was looked at under, so that it counts once however often it is written. */
const POSTPONE = `UPDATE rechecks SET tries = tries + 1, due_at = :now + ?3, lease_until = NULL
WHERE id = ?1 AND token = ?2 AND lease_until IS NOT NULL`;
const GIVE_BACK = "UPDATE rechecks SET lease_until = NULL WHERE id = ?1 AND token = ?2";

/** Whoever looks at it now may have seen what stood before: its token is taken away, and it is looked at again. */
const AGAIN = `INSERT INTO rechecks (proof_id, after_ms, due_at, until_at)
SELECT j.value, 0, :now, :now + ?2 FROM json_each(?1) j WHERE true
ON CONFLICT (proof_id, after_ms) DO UPDATE SET due_at = excluded.due_at, until_at = excluded.until_at, tries = 0,
  lease_until = NULL, token = NULL`;

const OF_MESSAGE = `SELECT p.task_id AS task_id, t.key AS key, ${PROOF_CELLS} AS cells, a.outcome AS outcome
FROM proofs p JOIN tasks t ON t.id = p.task_id JOIN attempts a ON a.task_id = p.task_id AND a.number = p.attempt
WHERE p.reply_to = ?1 AND p.superseded = 0 ORDER BY p.id`;

export function recheckStore(connection: Connection, clock: QueueClock): RecheckStore {
  const timed = (sql: string, args: Statement["args"] = []): Statement => ({ sql: clock.sql(sql), args });
  const rows = async (sql: string, args: Statement["args"] = []): Promise<readonly Row[]> =>
    (await connection.read([timed(sql, args)]))[0] ?? [];
  const write = async (...statements: readonly Statement[]): Promise<void> => {
    await connection.writeRepeatable(statements);
  };
  const noted = notedTogether(connection, clock);
  return {
    async plan({ afterMs, untilMs }) {
      const mark = `recheck:${afterMs}`;
      const [row] = await rows(LOOK, [mark, afterMs, untilMs, STEP]);
      const [from, to, waitMs, seen, completed] = JSON.parse(String(row?.["cells"])) as [
        number,
        number | null,
        number | null,
        number,
        readonly unknown[],
      ];
      if (to !== null) {
        const list = timed(LIST, [JSON.stringify(completed), mark, String(from), afterMs]);
        // Repeatable: once carried out, the mark is not where this batch wants it.
        await write(timed(BEGIN, [mark]), list, timed(MOVE, [mark, String(from), String(to)]));
      }
      return waitMs ?? (seen === STEP ? 0 : null);
    },
    async due(limit) {
      return (await rows(DUE, [limit])).map((row) => ({ id: Number(row["id"]), uri: String(row["uri"]) }));
    },
    async take(wanted, leaseMs) {
      const ids = JSON.stringify(wanted);
      const token = newToken();
      const taken = timed(TAKEN, [ids, token]);
      const works = await writeOnce(
        async () =>
          readRechecks((await connection.write([timed(TAKE, [ids, leaseMs, token]), taken]))[1], token),
        async () => readRechecks((await connection.read([taken]))[0], token),
      );
      return works ?? [];
    },
    renew: (ids, leaseMs) => write(timed(RENEW, [JSON.stringify(ids), leaseMs])),
    giveBack: ({ id, token }) => write(timed(GIVE_BACK, [id, token])),
    async nextDue() {
      const due = (await rows(NEXT))[0]?.["due"] ?? null;
      return due === null ? null : Number(due);
    },
    async noted(work) {
      await noted(work);
    },
    postpone: ({ id, token }, retryMs) =>
      write(timed(GIVE_UP, [id, token, retryMs]), timed(POSTPONE, [id, token, retryMs])),
    drop: ({ id, token }) => write(timed(DROP, [id, token])),
    async again(proofs, untilMs) {
      if (proofs.length > 0) await write(timed(AGAIN, [JSON.stringify(proofs), untilMs]));
    },
    async ofMessage(message) {
      return (await rows(OF_MESSAGE, [message])).map(
        (row): MessageProof => ({
          ...readWork(row),
          outcome: row["outcome"] === null ? null : String(row["outcome"]),
        }),
      );
    },
  };
}

/** Notes what still holds, a batch for all that comes in one tick or while another batch is under way. */
function notedTogether(connection: Connection, clock: QueueClock): (work: Recheck) => Promise<null> {
  return coalesce(
    async (works) => {
      const which = [JSON.stringify(works.map(({ id, token }) => [id, token]))];
      await connection.writeRepeatable(
        [NOTE, DROP_NOTED].map((sql) => ({ sql: clock.sql(sql), args: which })),
      );
      return works.map(() => null);
    },
    // One proof's two delays are two looks: they never share a batch.
    { max: NOTED_AT_ONCE, key: ({ proof }) => proof.id },
  );
}

function readWork(row: Row) {
  return {
    proof: readProof(JSON.parse(String(row["cells"])) as readonly unknown[], Number(row["task_id"])),
    taskKey: String(row["key"]),
  };
}

/** Null where nothing was taken. */
function readRechecks(rows: readonly Row[] = [], token: string): readonly Recheck[] | null {
  if (rows.length === 0) return null;
  return rows.map((row) => ({
    ...readWork(row),
    id: Number(row["id"]),
    afterMs: Number(row["after_ms"]),
    tries: Number(row["tries"]),
    token,
    announcement: row["announcement"] === null ? null : Number(row["announcement"]),
  }));
}
