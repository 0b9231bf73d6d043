// What the real client sees of the fixture: one test for each promise that the store's remote runs rely on.
import { once } from "node:events";
import type { Client } from "@libsql/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TemporaryServer, temporaryServer } from "./temporary-server.ts";

let server: TemporaryServer;
let client: Client;

beforeEach(async () => {
  server = await temporaryServer();
  client = server.connect();
});
afterEach(() => server.remove());

const insert = (name: string) => ({ sql: "INSERT INTO things (name) VALUES (?)", args: [name] });

describe("a statement", () => {
  it("carries null, integer, float, text and blob both ways", async () => {
    const blob = new Uint8Array([0, 1, 254, 255]);
    const { rows, columns } = await client.execute({
      sql: "SELECT ? AS empty, ? AS whole, ? AS part, ? AS words, ? AS bytes, typeof(?2) AS kind",
      args: [null, 7n, 2.5, "Grüße ✓", blob],
    });
    expect(columns).toEqual(["empty", "whole", "part", "words", "bytes", "kind"]);
    expect([rows[0]?.["empty"], rows[0]?.["whole"], rows[0]?.["part"], rows[0]?.["words"]]).toEqual([
      null,
      7,
      2.5,
      "Grüße ✓",
    ]);
    expect(new Uint8Array(rows[0]?.["bytes"] as ArrayBuffer)).toEqual(blob);
    expect(rows[0]?.["kind"]).toBe("integer");
  });

  it("keeps the largest and smallest integers exact", async () => {
    const exact = server.connect({ intMode: "bigint" });
    const edges = [2n ** 63n - 1n, -(2n ** 63n)];
    const { rows } = await exact.execute({ sql: "SELECT ?, ?", args: edges });
    expect([rows[0]?.[0], rows[0]?.[1]]).toEqual(edges);
  });

  it("tells the declared types of its columns", async () => {
    const { columnTypes } = await client.execute("SELECT name, size, size + 1 FROM things");
    expect(columnTypes).toEqual(["TEXT", "INTEGER", ""]);
  });

  it("counts the changed rows even when it returns them", async () => {
    await client.batch([insert("a"), insert("b"), insert("c")], "write");
    const { rows, rowsAffected } = await client.execute(
      "UPDATE things SET size = 1 WHERE name <> 'c' RETURNING name",
    );
    expect(rowsAffected).toBe(2);
    expect(rows.map((row) => row["name"])).toEqual(["a", "b"]);
    expect((await client.execute("SELECT * FROM things")).rowsAffected).toBe(0);
  });

  it("reports the last row id of an insert and of nothing else", async () => {
    await client.execute(insert("a"));
    expect((await client.execute(insert("b"))).lastInsertRowid).toBe(2n);
    expect((await client.execute("UPDATE things SET size = 1")).lastInsertRowid).toBeUndefined();
  });

  it("takes named arguments with or without their sign", async () => {
    const sql = "SELECT :first || @second || $third || :first AS joined";
    const { rows } = await client.execute({ sql, args: { ":first": "a", second: "b", third: "c" } });
    expect(rows[0]?.["joined"]).toBe("abca");
  });

  it.each([
    ["an argument is missing", "SELECT ?, ?", [1]],
    ["there are too many arguments", "SELECT ?", [1, 2]],
    ["a named parameter is filled by position", "SELECT :name", [1]],
  ])("is refused when %s", async (_, sql, args) => {
    await expect(client.execute({ sql, args })).rejects.toMatchObject({ code: "ARGS_INVALID" });
  });

  it.each([
    ["SELECT 1; SELECT 2", "SQL_MANY_STATEMENTS"],
    ["-- only a remark", "SQL_NO_STATEMENT"],
    ["SELECT FROM WHERE", "SQL_PARSE_ERROR"],
    ["SELECT nothing_of_the_kind FROM things", "SQL_INPUT_ERROR"],
    ["SELECT 1 FROM no_such_table", "SQLITE_UNKNOWN"],
    ["INSERT INTO things (size) VALUES ('words')", "SQLITE_CONSTRAINT"],
    ["INSERT INTO things (id) VALUES ('words')", "SQLITE_MISMATCH"],
  ])("%s fails with %s", async (sql, code) => {
    await expect(client.execute(sql)).rejects.toMatchObject({ code });
  });

  it("may be explained without spoiling the writes that follow on its stream", async () => {
    const transaction = await client.transaction("deferred");
    await transaction.execute("EXPLAIN INSERT INTO things (name) VALUES ('explained')");
    await transaction.execute(insert("written"));
    await transaction.commit();
    expect([await server.holds("explained"), await server.holds("written")]).toEqual([false, true]);
  });
});

describe("a batch", () => {
  it("commits all of its statements in one request", async () => {
    await client.batch([insert("a"), insert("b")], "write");
    expect([await server.holds("a"), await server.holds("b")]).toEqual([true, true]);
    expect(server.requests.pipelines).toBe(1);
  });

  it("keeps nothing when one of its statements fails", async () => {
    const failing = client.batch([insert("a"), insert("b"), insert("a"), insert("c")], "write");
    await expect(failing).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT", statementIndex: 2 });
    expect([await server.holds("a"), await server.holds("b"), await server.holds("c")]).toEqual([
      false,
      false,
      false,
    ]);
    await client.execute(insert("next writer"));
    expect(await server.holds("next writer")).toBe(true);
  });
});

describe("a sequence", () => {
  it("finds the end of every statement, a trigger's too", async () => {
    await client.executeMultiple(`
      -- a remark; with a semicolon
      CREATE TRIGGER grown AFTER INSERT ON things BEGIN
        UPDATE things SET size = CASE WHEN NEW.name = ';' THEN 1 ELSE 2 END WHERE id = NEW.id;
        SELECT 'END; '';';
      END;
      INSERT INTO things (name) VALUES (';'); INSERT INTO things (name) VALUES ('x') /* ; */
    `);
    const { rows } = await client.execute("SELECT name, size FROM things ORDER BY id");
    expect(rows.map((row) => [row["name"], row["size"]])).toEqual([
      [";", 1],
      ["x", 2],
    ]);
  });

  it("stops at the first failure and keeps what came before it", async () => {
    const sequence = "INSERT INTO things (name) VALUES ('a'); SELECT * FROM nowhere; DELETE FROM things";
    await expect(client.executeMultiple(sequence)).rejects.toMatchObject({ code: "SQLITE_UNKNOWN" });
    expect(await server.holds("a")).toBe(true);
  });
});

describe("an interactive transaction", () => {
  it("is seen by others only once it is committed", async () => {
    const transaction = await client.transaction("write");
    await transaction.execute(insert("a"));
    expect((await client.execute("SELECT * FROM things")).rows).toHaveLength(0);
    await transaction.commit();
    expect((await client.execute("SELECT * FROM things")).rows).toHaveLength(1);
  });

  it("leaves nothing behind when it is rolled back", async () => {
    const transaction = await client.transaction("write");
    await transaction.execute(insert("a"));
    await transaction.rollback();
    await client.execute(insert("b"));
    expect([await server.holds("a"), await server.holds("b")]).toEqual([false, true]);
  });

  it("makes other writers wait in their order, and lets readers through", async () => {
    const transaction = await client.transaction("write");
    await transaction.execute(insert("first"));
    const finished: string[] = [];
    const writeLater = async (name: string) => {
      const waiting = once(server.events, "waiting");
      const write = client.execute(insert(name)).then(() => finished.push(name));
      await waiting;
      return { write };
    };
    const second = await writeLater("second");
    const third = await writeLater("third");
    expect((await client.execute("SELECT * FROM things")).rows).toHaveLength(0);
    expect(finished).toEqual([]);
    await transaction.commit();
    await Promise.all([second.write, third.write]);
    const { rows } = await client.execute("SELECT name FROM things ORDER BY id");
    expect(rows.map((row) => row["name"])).toEqual(["first", "second", "third"]);
  });

  it("loses the lock after five seconds, but only to a writer that waits", async () => {
    const slow = await client.transaction("write");
    await slow.execute(insert("slow"));
    server.clock.now += 5_000;
    await slow.execute(insert("still there, for nobody waits"));
    const waiting = once(server.events, "waiting");
    const waiter = client.execute(insert("waiter"));
    await waiting;
    server.tick();
    await waiter;
    await expect(slow.execute("SELECT 1")).rejects.toMatchObject({ code: "TRANSACTION_TIMEOUT" });
    expect([await server.holds("slow"), await server.holds("waiter")]).toEqual([false, true]);
    expect(server.requests.transactionsTaken).toBe(1);
  });

  it("keeps the lock until five seconds have passed", async () => {
    const holder = await client.transaction("write");
    await holder.execute(insert("holder"));
    const waiting = once(server.events, "waiting");
    const waiter = client.execute(insert("waiter"));
    await waiting;
    server.clock.now += 4_999;
    server.tick();
    await holder.commit();
    await waiter;
    expect([await server.holds("holder"), await server.holds("waiter")]).toEqual([true, true]);
  });

  it("expires after ten idle seconds, and its work with it", async () => {
    const idle = await client.transaction("write");
    await idle.execute(insert("idle"));
    server.clock.now += 9_999;
    await idle.execute("SELECT 1");
    server.clock.now += 10_000;
    await expect(idle.execute("SELECT 1")).rejects.toMatchObject({ code: "STREAM_EXPIRED" });
    expect(await server.holds("idle")).toBe(false);
    await client.execute(insert("next writer"));
    expect(server.requests.streamsExpired).toBe(1);
  });

  it("that reads first and writes after another's commit is busy, and may then start again", async () => {
    const late = await client.transaction("deferred");
    await late.execute("SELECT * FROM things");
    await client.execute(insert("quick"));
    await expect(late.execute(insert("late"))).rejects.toMatchObject({ code: "SQLITE_BUSY" });
    await late.rollback();
    await client.execute(insert("late"));
    expect(await server.holds("late")).toBe(true);
  });
});

describe("what a libSQL server does not support", () => {
  it.each([
    "PRAGMA journal_mode = WAL",
    "PRAGMA journal_mode(WAL)",
    "PRAGMA main.synchronous = OFF",
    "pragma busy_timeout=5000",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "PRAGMA optimize",
    "VACUUM",
    "ANALYZE",
    "ATTACH 'other.db' AS other",
    "CREATE TEMP TABLE notes (text)",
  ])("%s is refused", async (sql) => {
    const failing = client.execute(sql);
    await expect(failing).rejects.toMatchObject({ code: "SQL_PARSE_ERROR" });
    await expect(failing).rejects.toThrow(`unsupported statement: ${sql}`);
  });

  it("is refused before anything else in its batch has run", async () => {
    const failing = client.batch([insert("a"), "PRAGMA synchronous = OFF"], "deferred");
    await expect(failing).rejects.toMatchObject({ code: "SQL_PARSE_ERROR" });
    const sequence = "INSERT INTO things (name) VALUES ('b'); PRAGMA journal_mode = DELETE";
    await expect(client.executeMultiple(sequence)).rejects.toMatchObject({ code: "SQL_PARSE_ERROR" });
    expect([await server.holds("a"), await server.holds("b")]).toEqual([false, false]);
  });

  it.each([
    ["PRAGMA journal_mode", "wal"],
    ["PRAGMA main.journal_mode", "wal"],
    ["PRAGMA foreign_keys", 1],
    ["PRAGMA integrity_check", "ok"],
  ])("does not include asking with %s", async (sql, told) => {
    expect((await client.execute(sql)).rows[0]?.[0]).toBe(told);
  });
});

describe("a limit", () => {
  it("lets a value of five million bytes pass and no longer one", async () => {
    const put = (length: number) =>
      client.execute({ sql: "INSERT INTO things (name) VALUES (?)", args: ["x".repeat(length)] });
    await put(5_000_000);
    expect((await client.execute("SELECT length(name) FROM things")).rows[0]?.[0]).toBe(5_000_000);
    await expect(put(5_000_001)).rejects.toThrow("string or blob too big");
  });

  it("refuses an answer of more than ten million bytes", async () => {
    const half = "SELECT replace(hex(zeroblob(2400000)), '0', 'x')";
    expect((await client.execute(`${half} UNION ALL ${half}`)).rows).toHaveLength(2);
    const third = client.execute(`${half} UNION ALL ${half} UNION ALL ${half}`);
    await expect(third).rejects.toMatchObject({ code: "RESPONSE_TOO_LARGE" });
    const acrossSteps = client.batch([half, half, half], "read");
    await expect(acrossSteps).rejects.toMatchObject({ code: "RESPONSE_TOO_LARGE" });
  });
});
