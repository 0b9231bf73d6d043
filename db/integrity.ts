import type { IntegrityStore } from "../src/ports/integrity.ts";
import type { Connection } from "./connection.ts";

/** By the log's own order from the newest back: it costs what happened since then, however long the log is. */
const FIGURES = `WITH before AS (SELECT id FROM events WHERE imported = 0 AND at < ?1 ORDER BY id DESC LIMIT 1),
here AS (SELECT kind FROM events
  WHERE id > coalesce((SELECT id FROM before), 0) AND imported = 0 AND at >= ?1)
SELECT json_array(
  (SELECT count(*) FROM here WHERE kind = 'task.completed'),
  (SELECT count(*) FROM here WHERE kind = 'proof.rotted'),
  (SELECT count(*) FROM refusals WHERE at >= ?1),
  (SELECT count(*) FROM here WHERE kind = 'proof.failed')) AS cells`;

export function integrityStore(connection: Connection): IntegrityStore {
  return {
    async integrity(since) {
      const [rows = []] = await connection.read([{ sql: FIGURES, args: [since] }]);
      const [completed = 0, corrected = 0, refused = 0, proofsFailed = 0] = JSON.parse(
        String(rows[0]?.["cells"]),
      ) as readonly number[];
      return { completed, corrected, refused, proofsFailed };
    },
  };
}
