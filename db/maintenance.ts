import { stat } from "node:fs/promises";
import type { DatabasePlace, Maintenance } from "../src/ports/maintenance.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { schemaDrift } from "./drift.ts";
import { appliedVersion, migrations } from "./migrate.ts";

const FORGET_ANSWERS = "DELETE FROM idempotency WHERE started_at <= :now - 86400000 RETURNING agent_id";
const PROBE = "doctor:write-probe";

export function maintenance(connection: Connection, clock: QueueClock, place: DatabasePlace): Maintenance {
  const walBytes = async (): Promise<number | null> => {
    if (place.kind === "remote") return null;
    const found = await stat(`${place.path}-wal`).catch(() => null);
    return found?.size ?? 0;
  };
  return {
    place,
    walBytes,
    async checkpoint(mode) {
      if (place.kind === "remote") return { complete: true, walBytes: 0 };
      const complete = mode === "passive" ? await moveBeside(connection) : await truncate(connection);
      return { complete, walBytes: (await walBytes()) ?? 0 };
    },
    async forgetAnswers() {
      const [rows = []] = await connection.writeRepeatable([{ sql: clock.sql(FORGET_ANSWERS) }]);
      return rows.length;
    },
    async tryWrite() {
      await connection.writeRepeatable([
        { sql: "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", args: [PROBE, "1"] },
        { sql: "DELETE FROM settings WHERE name = ?", args: [PROBE] },
      ]);
    },
    drift: () => schemaDrift(connection),
    async schema() {
      return { applied: await appliedVersion(connection), known: migrations().at(-1)?.version ?? 0 };
    },
  };
}

async function moveBeside(connection: Connection): Promise<boolean> {
  const moved = await connection.moveLog();
  return moved !== null && moved.log === moved.checkpointed;
}

async function truncate(connection: Connection): Promise<boolean> {
  const [row] = await connection.pragma("PRAGMA wal_checkpoint(TRUNCATE)");
  return row?.["busy"] === 0 && row["log"] === row["checkpointed"];
}
