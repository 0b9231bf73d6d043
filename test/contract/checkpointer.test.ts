// The log is moved from a thread of its own: beside the writers, in the end before they go on, and by them where it cannot.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Checkpointer } from "../../db/checkpointer.ts";
import { Connection } from "../../db/connection.ts";
import { FileClient } from "../../db/file-client.ts";

const MIB = 1_048_576;
const PAGE_BYTES = 4096;
/** The head of the log, and of each page in it. */
const LOG_HEAD_BYTES = 32;
const PAGE_HEAD_BYTES = 24;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatehouse-log-"));
  path = join(folder, "queue.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A writer that leaves the log as it is. */
async function openWriter(): Promise<{ write(bytes: number): Promise<unknown>; close(): void }> {
  const client = new FileClient(path, 1000);
  await client.execute("PRAGMA journal_mode = WAL");
  await client.execute("PRAGMA synchronous = NORMAL");
  await client.execute("PRAGMA wal_autocheckpoint = 0");
  await client.batch([{ sql: "CREATE TABLE filler (id INTEGER PRIMARY KEY, bytes BLOB) STRICT" }], "write");
  return {
    write: (bytes) =>
      client.batch([{ sql: "INSERT INTO filler (bytes) VALUES (zeroblob(?))", args: [bytes] }], "write"),
    close: () => client.close(),
  };
}

describe("the log", () => {
  test("is moved once enough was written, and nobody is held for a little", async () => {
    const writer = await openWriter();
    let held = 0;
    const checkpointer = new Checkpointer({
      path,
      timeoutMs: 1000,
      hold: async (work) => {
        held += 1;
        await work();
      },
    });
    for (let n = 0; n < 100; n += 1) {
      expect(statSync(path).size).toBeLessThan(MIB);
      await writer.write(80 * 1024);
      checkpointer.wrote();
    }
    await checkpointer.close();
    expect(statSync(path).size).toBeGreaterThan(100 * 80 * 1024);
    expect(held).toBe(0);
    writer.close();
  });

  test("begins anew once its writers were held while its rest was moved", async () => {
    const writer = await openWriter();
    let held = 0;
    const checkpointer = new Checkpointer({
      path,
      timeoutMs: 1000,
      async hold(work) {
        held += 1;
        await work();
      },
    });
    for (let n = 0; n < 34; n += 1) await writer.write(MIB);
    const moved = await checkpointer.move();
    expect(held).toBe(1);
    const longest = statSync(`${path}-wal`).size;
    const pages = Math.floor((longest - LOG_HEAD_BYTES) / (PAGE_BYTES + PAGE_HEAD_BYTES));
    expect(moved).toMatchObject({ log: pages, checkpointed: pages });
    for (let n = 0; n < 4; n += 1) await writer.write(MIB);
    expect(statSync(`${path}-wal`).size).toBe(longest);
    await checkpointer.close();
    writer.close();
  });

  test("is left to the commits where the thread finds no database", async () => {
    writeFileSync(path, "this is a letter, and no database at all".repeat(500));
    const checkpointer = new Checkpointer({ path, timeoutMs: 10, hold: (work) => work() });
    for (let n = 0; n < 300; n += 1) checkpointer.wrote();
    expect(await checkpointer.move()).toBeNull();
    expect(await checkpointer.move()).toBeNull();
    await checkpointer.close();
    expect(await checkpointer.move()).toBeNull();
  });

  test("begins anew under the one connection, however long that writes", async () => {
    const connection = await Connection.open({ url: `file:${path}`, synchronous: "normal" });
    await connection.write([{ sql: "CREATE TABLE filler (id INTEGER PRIMARY KEY, bytes BLOB) STRICT" }]);
    const insert = { sql: "INSERT INTO filler (bytes) VALUES (zeroblob(131072))" };
    for (let n = 0; n < 1200; n += 1) await connection.write([insert]);
    // While the disk is slow it grows as fast as it is written; once it has been moved, it is cut to its limit.
    await connection.moveLog();
    await connection.write([insert]);
    expect(statSync(`${path}-wal`).size).toBeLessThanOrEqual(64 * MIB);
    const [[row] = []] = await connection.read([{ sql: "SELECT count(*) AS rows FROM filler" }]);
    expect(row).toEqual({ rows: 1201 });
    await connection.close();
  });
});
