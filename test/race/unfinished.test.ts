// Why a connection is thrown away after a failure, shown one failure at a time: what the client itself does with a
// statement that it never finishes, what the store would do without the reconnect, and what it does.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "@libsql/client";
import Database from "libsql";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Connection } from "../../db/connection.ts";
import { FileClient } from "../../db/file-client.ts";

let folder: string;
let url: string;
let opened: { close(): unknown }[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gatehouse-unfinished-"));
  url = `file:${join(folder, "a.db")}`;
  opened = [];
  const first = await connect();
  await first.write([
    { sql: "CREATE TABLE words (word TEXT PRIMARY KEY) STRICT" },
    { sql: "CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT" },
    {
      sql: "CREATE TABLE children (parent INTEGER NOT NULL REFERENCES parents(id) DEFERRABLE INITIALLY DEFERRED) STRICT",
    },
  ]);
});
afterEach(async () => {
  for (const one of opened) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

async function connect(reconnectAfterBusy = true): Promise<Connection> {
  const connection = await Connection.open({
    url,
    synchronous: "normal",
    busyTimeoutMs: 0,
    busyDeadlineMs: 100,
    reconnectAfterBusy,
  });
  opened.push(connection);
  return connection;
}

/** Holds the write lock until it is let go, as another program would. */
function lock(): () => void {
  const other = new Database(join(folder, "a.db"));
  other.exec("BEGIN IMMEDIATE");
  return () => {
    other.exec("ROLLBACK");
    other.close();
  };
}

const say = (word: string) => [{ sql: "INSERT INTO words VALUES (?)", args: [word] }];
const SAID = [{ sql: "SELECT word FROM words ORDER BY word" }];
const wordsOf = async (connection: Connection) => (await connection.read(SAID))[0]?.map(({ word }) => word);

/** Runs into a lock once; it is gone again afterwards. */
async function meetBusy(connection: Connection): Promise<void> {
  const unlock = lock();
  await expect(connection.write(say("too soon"))).rejects.toMatchObject({ code: "locked" });
  unlock();
}

describe("the client alone, after one BUSY", () => {
  let client: Client;
  beforeEach(async () => {
    client = createClient({ url, concurrency: 1 });
    opened.push(client);
    const unlock = lock();
    await expect(client.execute("INSERT INTO words VALUES ('too soon')")).rejects.toThrow("SQLITE_BUSY");
    unlock();
  });

  test("acknowledges single writes that it never keeps, and shows them to itself alone", async () => {
    await client.execute("INSERT INTO words VALUES ('lost')");
    expect((await client.execute("SELECT word FROM words")).rows).toMatchObject([{ word: "lost" }]);
    client.close();
    expect(await wordsOf(await connect())).toEqual([]);
  });

  test("fails every batch, loudly, though nobody holds the lock", async () => {
    await expect(client.batch(["INSERT INTO words VALUES ('refused')"], "write")).rejects.toThrow(
      "SQL statements in progress",
    );
    expect(await wordsOf(await connect())).toEqual([]);
  });
});

describe("the store's connection", () => {
  test("writes, reads and checkpoints as before, once a lock it ran into is gone", async () => {
    const connection = await connect();
    await meetBusy(connection);
    await connection.write(say("kept"));
    const other = await connect();
    expect([await wordsOf(connection), await wordsOf(other)]).toEqual([["kept"], ["kept"]]);
    await other.write(say("seen"));
    expect(await wordsOf(connection)).toEqual(["kept", "seen"]);
    expect(await connection.pragma("PRAGMA wal_checkpoint(TRUNCATE)")).toMatchObject([{ busy: 0 }]);
  });

  test("is thrown away by the first BUSY alone while the lock stays contested", async () => {
    const connection = await connect();
    const thrownAway = vi.spyOn(FileClient.prototype, "reconnect");
    try {
      for (let times = 1; times <= 5; times += 1) await meetBusy(connection);
      // Once, where the machine does not stand still for a second in between.
      expect(thrownAway.mock.calls.length).toBeLessThan(5);
    } finally {
      thrownAway.mockRestore();
    }
    await connection.write(say("kept"));
    expect(await wordsOf(await connect())).toEqual(["kept"]);
  });

  test("is refused everything for good without the reconnect, and even then acknowledges nothing it does not keep", async () => {
    const connection = await connect(false);
    await meetBusy(connection);
    await expect(connection.write(say("refused"))).rejects.toMatchObject({ code: "locked" });
    await expect(connection.read(SAID)).rejects.toMatchObject({ code: "locked" });
    await expect(connection.pragma("PRAGMA wal_checkpoint(TRUNCATE)")).rejects.toMatchObject({
      code: "locked",
    });
    expect(await wordsOf(await connect())).toEqual([]);
  });

  test("sees what others write after a COMMIT of its own was refused", async () => {
    const connection = await connect();
    await expect(
      connection.write([...say("with a child"), { sql: "INSERT INTO children VALUES (1)" }]),
    ).rejects.toThrow("FOREIGN KEY");
    const other = await connect();
    await other.write(say("later"));
    expect(await wordsOf(connection)).toEqual(["later"]);
    await connection.write(say("mine"));
    expect(await wordsOf(other)).toEqual(["later", "mine"]);
  });

  test("would read that moment for ever without the reconnect, and say so to nobody", async () => {
    const connection = await connect(false);
    await expect(connection.write([{ sql: "INSERT INTO children VALUES (1)" }])).rejects.toThrow(
      "FOREIGN KEY",
    );
    const other = await connect();
    await other.write(say("later"));
    expect(await wordsOf(connection)).toEqual([]);
    expect(await wordsOf(other)).toEqual(["later"]);
  });

  test("takes nothing but a PRAGMA outside a batch: only batches fail loudly", async () => {
    const connection = await connect();
    for (const sql of ["INSERT INTO words VALUES ('x')", "SELECT 1", "-- PRAGMA\nDELETE FROM words"]) {
      expect(() => connection.pragma(sql)).toThrow("not a PRAGMA");
    }
  });

  test.runIf(process.platform === "linux")("waits for a lock without using up files", async () => {
    const files = (): number => readdirSync("/proc/self/fd").length;
    const connection = await Connection.open({
      url,
      synchronous: "normal",
      busyTimeoutMs: 0,
      busyDeadlineMs: 1500,
    });
    opened.push(connection);
    const unlock = lock();
    const before = files();
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, files());
    }, 10);
    await expect(connection.write(say("too soon"))).rejects.toMatchObject({ code: "locked" });
    clearInterval(watch);
    unlock();
    expect(most - before).toBeLessThan(20);
    await connection.write(say("kept"));
    expect(await wordsOf(connection)).toEqual(["kept"]);
  });
});
