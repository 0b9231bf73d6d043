// The protocol itself, in raw requests: what the client never shows, or never does.
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { execute, insert, type TemporaryServer, temporaryServer } from "./temporary-server.ts";

let server: TemporaryServer;

beforeEach(async () => {
  server = await temporaryServer();
});
afterEach(() => server.remove());

const begin = execute("BEGIN");

describe("the versions", () => {
  it.each([
    ["/v2", 200],
    ["/v3", 200],
    ["/v3-protobuf", 404],
  ])("GET %s answers %i", async (path, status) => {
    expect((await fetch(server.url + path)).status).toBe(status);
  });

  it("2 knows nothing of autocommit", async () => {
    for (const request of [{ type: "get_autocommit" }, batchOf({ type: "is_autocommit" })]) {
      const { status, body } = await server.post([request], { version: 2 });
      expect([status, body.text]).toEqual([
        400,
        expect.stringContaining("only supported in protocol version"),
      ]);
    }
  });

  it("3 tells whether a transaction is open", async () => {
    const { body } = await server.post([{ type: "get_autocommit" }, begin, { type: "get_autocommit" }], {
      version: 3,
    });
    expect(body.results[0].response.is_autocommit).toBe(true);
    expect(body.results[2].response.is_autocommit).toBe(false);
  });
});

describe("a stream", () => {
  it("gives the write lock back after each statement outside a transaction", async () => {
    const { body } = await server.post([insert("a")]);
    expect(body.baton).toBeTypeOf("string");
    await server.post([insert("b")]);
    expect([await server.holds("a"), await server.holds("b")]).toEqual([true, true]);
  });

  it("waits for the lock as soon as it begins a write transaction", async () => {
    const first = await server.post([execute("BEGIN IMMEDIATE")]);
    const waiting = once(server.events, "waiting");
    const second = server.post([execute("BEGIN IMMEDIATE"), insert("second"), execute("COMMIT")]);
    await waiting;
    await server.post([insert("first"), execute("COMMIT")], { baton: first.body.baton });
    expect((await second).body.results.map((result: { type: string }) => result.type)).toEqual([
      "ok",
      "ok",
      "ok",
    ]);
    expect([await server.holds("first"), await server.holds("second")]).toEqual([true, true]);
  });

  it("is told once that its transaction was taken away, and then goes on", async () => {
    const slow = await server.post([execute("BEGIN IMMEDIATE"), insert("slow")]);
    const waiting = once(server.events, "waiting");
    const waiter = server.post([insert("waiter")]);
    await waiting;
    server.clock.now += 5_000;
    server.tick();
    await waiter;
    const told = await server.post([insert("lost"), insert("kept")], { baton: slow.body.baton });
    expect(told.body.results[0].error.code).toBe("TRANSACTION_TIMEOUT");
    expect(told.body.results[1].type).toBe("ok");
    expect([await server.holds("slow"), await server.holds("lost"), await server.holds("kept")]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("can write again after its transaction was busy", async () => {
    const late = await server.post([begin, execute("SELECT * FROM things")]);
    await server.post([insert("quick")]);
    const { body } = await server.post([insert("late"), execute("COMMIT"), insert("again")], {
      baton: late.body.baton,
    });
    expect(body.results[0].error.code).toBe("SQLITE_BUSY");
    expect(body.results.slice(1).map((result: { type: string }) => result.type)).toEqual(["ok", "ok"]);
    expect([await server.holds("late"), await server.holds("again")]).toEqual([false, true]);
  });

  it("is busy while another program writes, and really commits once that one has ended", async () => {
    const other = await server.outsider.transaction("write");
    const { body } = await server.post([insert("refused")]);
    expect(body.results[0].error.code).toBe("SQLITE_BUSY");
    await other.rollback();
    await server.post([insert("a"), insert("b")], { baton: body.baton });
    expect([await server.holds("refused"), await server.holds("a"), await server.holds("b")]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe("a baton", () => {
  it("is new in every answer and continues the same stream", async () => {
    const first = await server.post([begin, insert("a")]);
    const second = await server.post([execute("SELECT name FROM things")], { baton: first.body.baton });
    expect(second.body.results[0].response.result.rows).toEqual([[{ type: "text", value: "a" }]]);
    expect(second.body.baton).not.toBe(first.body.baton);
    expect(await server.holds("a")).toBe(false);
  });

  it("is refused when it comes a second time, and the stream lives on", async () => {
    const first = await server.post([begin]);
    const second = await server.post([insert("a")], { baton: first.body.baton });
    const again = await server.post([insert("b")], { baton: first.body.baton });
    expect([again.status, again.body.text]).toEqual([400, "Received a baton that has already been used"]);
    await server.post([execute("COMMIT")], { baton: second.body.baton });
    expect([await server.holds("a"), await server.holds("b")]).toEqual([true, false]);
  });

  it("cannot be made up", async () => {
    const { body } = await server.post([begin]);
    const bytes = Buffer.from(body.baton, "base64");
    bytes[15] = (bytes[15] ?? 0) + 1; // the next position of the same stream
    for (const baton of [bytes.toString("base64"), "", "nonsense"]) {
      const forged = await server.post([insert("a")], { baton });
      expect([forged.status, forged.body.text]).toEqual([400, "Received an invalid baton"]);
    }
  });

  it("ends with its stream, whose transaction is rolled back", async () => {
    const { body } = await server.post([begin, insert("a")]);
    const closing = await server.post([{ type: "close" }], { baton: body.baton });
    expect(closing.body.baton).toBeNull();
    expect(await server.holds("a")).toBe(false);
    expect((await server.post([insert("b")])).status).toBe(200);
  });

  it("is refused after a breach of the protocol, which closes the stream", async () => {
    const { body } = await server.post([begin, insert("a")]);
    expect((await server.post([{ type: "sequence" }], { baton: body.baton })).status).toBe(400);
    const after = await server.post([execute("COMMIT")], { baton: body.baton });
    expect(after.body.text).toBe("Received an invalid baton");
    expect(await server.holds("a")).toBe(false);
  });
});

const ok = (step: number) => ({ type: "ok", step });
const error = (step: number) => ({ type: "error", step });
const not = (cond: object) => ({ type: "not", cond });

/** Step 0 succeeds, step 1 fails, step 2 is skipped, and step 3 has the condition. */
const batchOf = (condition: object) => ({
  type: "batch",
  batch: {
    steps: [
      { stmt: { sql: "SELECT 1" } },
      { stmt: { sql: "SELECT * FROM nowhere" } },
      { stmt: { sql: "SELECT 2" }, condition: error(0) },
      { stmt: { sql: "SELECT 3" }, condition },
    ],
  },
});

describe("a condition", () => {
  it.each([
    [ok(0), true],
    [ok(1), false],
    [ok(2), false],
    [error(0), false],
    [error(1), true],
    [error(2), false],
    [not(ok(1)), true],
    [{ type: "and", conds: [ok(0), error(1)] }, true],
    [{ type: "and", conds: [ok(0), ok(1)] }, false],
    [{ type: "or", conds: [ok(1), ok(0)] }, true],
    [{ type: "or", conds: [ok(1), ok(2)] }, false],
    [{ type: "is_autocommit" }, true],
    [not({ type: "is_autocommit" }), false],
  ])("%j runs its step: %s", async (condition, runs) => {
    const { body } = await server.post([batchOf(condition)], { version: 3 });
    const { step_results: results, step_errors: errors } = body.results[0].response.result;
    expect(errors).toEqual([null, { message: expect.any(String), code: "SQLITE_UNKNOWN" }, null, null]);
    expect(results.map((result: object | null) => result !== null)).toEqual([true, false, false, runs]);
  });

  it("cannot look ahead", async () => {
    const { status, body } = await server.post([batchOf(not(ok(3)))]);
    expect([status, body.text]).toEqual([400, "Invalid reference to step in a batch condition"]);
  });
});

describe("a stored text", () => {
  const store = (id: number, sql = "SELECT 5") => ({ type: "store_sql", sql_id: id, sql });
  const run = (id: number) => ({ type: "execute", stmt: { sql_id: id } });

  it("stands for its statement until it is closed", async () => {
    const { body } = await server.post([store(1), run(1)]);
    expect(body.results[1].response.result.rows).toEqual([[{ type: "integer", value: "5" }]]);
    const closed = await server.post([{ type: "close_sql", sql_id: 1 }, run(1)], { baton: body.baton });
    expect([closed.status, closed.body.text]).toEqual([400, "SQL text 1 not found"]);
  });

  it("cannot take an id that is taken", async () => {
    expect((await server.post([store(1), store(1)])).body.text).toBe("SQL text 1 already exists");
  });

  it("is limited in size and in number", async () => {
    const many = Array.from({ length: 51 }, (_, id) => store(id));
    const { body } = await server.post([store(99, `SELECT '${"x".repeat(5_000)}'`), ...many]);
    expect(body.results[0].error.code).toBe("SQL_STORE_TOO_LARGE");
    expect(body.results[50].type).toBe("ok");
    expect(body.results[51].error.code).toBe("SQL_STORE_TOO_MANY");
  });

  it("excludes the text itself", async () => {
    const both = { type: "execute", stmt: { sql_id: 1, sql: "SELECT 1" } };
    expect((await server.post([store(1), both])).status).toBe(400);
  });
});

describe("a request", () => {
  it("describes a statement without running it", async () => {
    const sql =
      "INSERT INTO things (name, size) VALUES (:name || :name, ? + ?4) RETURNING name, size + 1 AS more";
    const { body } = await server.post([
      { type: "describe", sql },
      { type: "describe", sql: "EXPLAIN SELECT 1" },
    ]);
    expect(body.results[0].response.result).toEqual({
      params: [{ name: ":name" }, { name: null }, { name: null }, { name: "?4" }],
      cols: [
        { name: "name", decltype: "TEXT" },
        { name: "more", decltype: null },
      ],
      is_explain: false,
      is_readonly: false,
    });
    expect(body.results[1].response.result).toMatchObject({ is_explain: true, is_readonly: true });
    const { body: counted } = await server.post([execute("SELECT count(*) FROM things")]);
    expect(counted.results[0].response.result.rows).toEqual([[{ type: "integer", value: "0" }]]);
  });

  it("keeps the rows to itself when they are not wanted", async () => {
    const sql = "INSERT INTO things (name) VALUES ('a') RETURNING name";
    const { body } = await server.post([execute(sql, { want_rows: false })]);
    expect(body.results[0].response.result).toMatchObject({ rows: [], affected_row_count: 1 });
  });

  it("gets blobs in base64 without padding", async () => {
    const { body } = await server.post([execute("SELECT x'00ff'")]);
    expect(body.results[0].response.result.rows).toEqual([[{ type: "blob", base64: "AP8" }]]);
  });

  it("may fail while the ones after it on the stream still run", async () => {
    const { body } = await server.post([insert("a"), insert("a"), insert("b")]);
    expect(body.results.map((result: { type: string }) => result.type)).toEqual(["ok", "error", "ok"]);
    expect(body.results[1].error).toEqual({
      code: "SQLITE_CONSTRAINT",
      message: "SQLite error: UNIQUE constraint failed: things.name",
    });
  });

  it("fails as a whole when one step's answer is too large", async () => {
    const large = "SELECT hex(zeroblob(2400000))";
    const steps = [large, large, large].map((sql) => ({ stmt: { sql } }));
    const { body } = await server.post([{ type: "batch", batch: { steps } }]);
    expect(body.results[0]).toEqual({
      type: "error",
      error: { code: "RESPONSE_TOO_LARGE", message: "Response is too large" },
    });
  });

  it("that is no pipeline is answered with 400", async () => {
    expect((await server.post([{ type: "surprise" }])).status).toBe(400);
    const broken = await fetch(`${server.url}/v2/pipeline`, { method: "POST", body: "{" });
    expect(broken.status).toBe(400);
  });

  it("is counted by its type", async () => {
    await server.post([insert("a"), { type: "sequence", sql: "SELECT 1" }, { type: "close" }]);
    expect(server.requests).toMatchObject({
      pipelines: 1,
      byType: { execute: 1, sequence: 1, close: 1, batch: 0 },
    });
  });
});
