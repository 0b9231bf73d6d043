import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../db/store.ts";
import {
  type CheckpointReport,
  checkpoint,
  PASSIVE_ABOVE_BYTES,
  TRUNCATE_ABOVE_BYTES,
} from "../../src/jobs/checkpoint.ts";
import type { Maintenance } from "../../src/ports/maintenance.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";
import { openRaw } from "../support/raw.ts";

let opened: TestHouse;
let maintenance: Maintenance;
beforeEach(async () => {
  opened = await openTestHouse({ startAt: Date.UTC(2026, 10, 23) });
  maintenance = opened.store.maintenance;
});
afterEach(() => opened.close());

const MIB = 1_048_576;

/** What a run reports of a log that is so large, and how it moved it. */
const runAt = async (bytes: number, complete = true) => {
  const reports: CheckpointReport[] = [];
  const modes: string[] = [];
  const scale: Maintenance = {
    ...maintenance,
    walBytes: () => Promise.resolve(bytes),
    checkpoint(mode) {
      modes.push(mode);
      return Promise.resolve({ complete, walBytes: mode === "truncate" ? 0 : bytes });
    },
  };
  const { nextDueMs } = await checkpoint(scale, (report) => reports.push(report));
  return { reports, modes, nextDueMs };
};

describe("the write-ahead log", () => {
  it("is left alone up to 16 MiB, moved above, and cut off above 64 MiB", async () => {
    expect((await runAt(PASSIVE_ABOVE_BYTES)).modes).toEqual([]);
    expect((await runAt(PASSIVE_ABOVE_BYTES + 1)).modes).toEqual(["passive"]);
    expect((await runAt(TRUNCATE_ABOVE_BYTES)).modes).toEqual(["passive"]);
    expect((await runAt(TRUNCATE_ABOVE_BYTES + 1)).modes).toEqual(["truncate"]);
    expect([PASSIVE_ABOVE_BYTES, TRUNCATE_ABOVE_BYTES]).toEqual([16 * MIB, 64 * MIB]);
  });

  it("is reported when somebody held it back", async () => {
    expect((await runAt(70 * MIB, false)).reports).toEqual([
      { mode: "truncate", beforeBytes: 70 * MIB, afterBytes: 0, complete: false },
    ]);
  });

  it("is looked at again soon, whatever was found", async () => {
    expect((await runAt(0)).nextDueMs).toBe(15_000);
  });

  it("grows past 16 MiB beside a reader that stays, and shrinks when it has gone", async () => {
    const { default: Database } = await import("libsql");
    const file = `${opened.folder}/gatehouse.db`;
    const reader = new Database(file);
    reader.exec("BEGIN; SELECT count(*) FROM events");
    await grow(opened, PASSIVE_ABOVE_BYTES);
    const reports: CheckpointReport[] = [];
    await checkpoint(maintenance, (report) => reports.push(report));
    reader.exec("ROLLBACK");
    reader.close();
    await grow(opened, TRUNCATE_ABOVE_BYTES);
    await checkpoint(maintenance, (report) => reports.push(report));

    expect(reports).toMatchObject([
      { mode: "passive", complete: false },
      { mode: "truncate", complete: true, afterBytes: 0 },
    ]);
    expect(await maintenance.walBytes()).toBe(0);
  });
});

/** Writes without SQLite's own checkpoints until the log is larger than that. */
async function grow({ url, store }: { url: string; store: Store }, bytes: number): Promise<void> {
  const raw = await openRaw(url);
  await raw.pragma("PRAGMA wal_autocheckpoint = 0");
  while (((await store.maintenance.walBytes()) ?? 0) <= bytes) {
    await raw.write([
      { sql: "INSERT OR REPLACE INTO settings (name, value) VALUES ('filler', hex(randomblob(2097152)))" },
    ]);
  }
  await raw.write([{ sql: "DELETE FROM settings WHERE name = 'filler'" }]);
  await raw.close();
}

describe("answers of keyed requests", () => {
  it("are forgotten when they are a day old", async () => {
    const request = (key: string) => ({ agent: 1, key, fingerprint: "f" });
    await opened.house.idempotency.begin(request("old"));
    opened.clock.advance(86_400_000 - 1);

    expect(await maintenance.forgetAnswers()).toBe(0);
    opened.clock.advance(1);
    expect(await maintenance.forgetAnswers()).toBe(1);
  });
});

describe("the doctor's own questions", () => {
  it("write a row and take it away", async () => {
    await maintenance.tryWrite();
    const raw = await openRaw(opened.url);
    const [rows] = await raw.read([{ sql: "SELECT count(*) AS n FROM settings WHERE name LIKE 'doctor%'" }]);
    await raw.close();

    expect(rows![0]!["n"]).toBe(0);
  });

  it("name the schema's version", async () => {
    const { applied, known } = await maintenance.schema();

    expect(applied).toBe(known);
    expect(known).toBeGreaterThan(0);
  });

  it("name the place, and are at home in a file alone", async () => {
    expect(maintenance.place).toMatchObject({ kind: "file", path: `${opened.folder}/gatehouse.db` });
  });
});
