import type { Refusal } from "../src/core/refusal.ts";
import type { RefusalRecord, RefusalStore } from "../src/ports/refusals.ts";
import type { QueueClock } from "./clock.ts";
import { coalesce } from "./coalesce.ts";
import type { Connection } from "./connection.ts";
import { newToken } from "./token.ts";

/** A drifting agent beats for hours; the newest of its refusals say as much as all of them. */
const KEPT = 20_000;

/** Only a remote answer can be lost; then the token keeps a refusal from being counted twice. */
const RECORD = `INSERT INTO refusals (at, gate, code, actor, task_id, data, token)
SELECT :now, j.value ->> 0, j.value ->> 1, j.value ->> 2, (SELECT id FROM tasks WHERE key = j.value ->> 3), j.value -> 4,
  j.value ->> 5 FROM json_each(?1) j WHERE true
ON CONFLICT (token) WHERE token IS NOT NULL DO NOTHING`;
const FORGET = `DELETE FROM refusals WHERE id <= (SELECT max(id) FROM refusals) - ${KEPT}`;

const RECORDED = `SELECT json_array(r.id, r.at, r.actor, t.key, json(r.data)) AS cells
FROM refusals r LEFT JOIN tasks t ON t.id = r.task_id WHERE r.id > ?1 ORDER BY r.id LIMIT ?2`;

interface NewRecord {
  readonly refusal: Refusal;
  readonly actor: string;
  readonly task: string | null;
}

export function refusalStore(connection: Connection, clock: QueueClock): RefusalStore {
  const record = coalesce<NewRecord, void>(
    async (records) => {
      const rows = records.map(({ refusal, actor, task }) => [
        refusal.gate,
        refusal.code,
        actor,
        task,
        refusal,
        connection.remote ? newToken() : null,
      ]);
      await connection.writeRepeatable([
        { sql: clock.sql(RECORD), args: [JSON.stringify(rows)] },
        { sql: FORGET },
      ]);
      return records.map(() => undefined);
    },
    { max: 256 },
  );
  return {
    record: (refusal, actor, task) => record({ refusal, actor, task }),
    async recorded({ after, limit }) {
      const [rows = []] = await connection.read([{ sql: RECORDED, args: [after, limit] }]);
      return rows.map((row): RefusalRecord => {
        const cells = JSON.parse(String(row["cells"])) as readonly unknown[];
        return {
          id: cells[0] as number,
          at: cells[1] as number,
          actor: cells[2] as string,
          task: cells[3] as string | null,
          refusal: cells[4] as Refusal,
        };
      });
    },
  };
}
