// The embedded client keeps its statements compiled. Whatever else can be seen of it must be as with the client it stands
// in for, which compiles each one anew: what comes back, what fails, and how the failure is called.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient, LibsqlBatchError, LibsqlError } from "@libsql/client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FileClient } from "../../db/file-client.ts";
import type { Row, SqlValue, Statement } from "../../db/raw-client.ts";

const SCHEMA = [
  "CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE CHECK (word <> ''), n INTEGER) STRICT",
  "CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT",
  "CREATE TABLE children (parent INTEGER NOT NULL REFERENCES parents(id) DEFERRABLE INITIALLY DEFERRED) STRICT",
  `CREATE TRIGGER words_kept BEFORE DELETE ON words BEGIN SELECT RAISE(ABORT, 'words are kept'); END`,
  "INSERT INTO words (word, n) VALUES ('first', 1)",
].map((sql) => ({ sql }));

let folder: string;
let ours: FileClient;
let theirs: Client;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gatehouse-file-client-"));
  ours = new FileClient(join(folder, "ours.db"), 0);
  theirs = createClient({ url: `file:${join(folder, "theirs.db")}`, concurrency: 1 });
  await ours.batch(SCHEMA, "write");
  await theirs.batch(SCHEMA, "write");
});
afterEach(() => {
  ours.close();
  theirs.close();
  rmSync(folder, { recursive: true, force: true });
});

const INSERT = "INSERT INTO words (word, n) VALUES (?, ?)";
const ALL = { sql: "SELECT word, n FROM words ORDER BY id" };
const WORDS = { sql: "SELECT * FROM words ORDER BY id" };

/** What a batch comes to, with everything of an error that anybody looks at. */
async function outcomeOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LibsqlError))
      return { name: (error as Error).name, message: (error as Error).message };
    const { name, message, code, extendedCode, rawCode } = error;
    const statementIndex = error instanceof LibsqlBatchError ? error.statementIndex : null;
    return { name, message, code, extendedCode, rawCode, statementIndex };
  }
}

async function theirBatch(statements: readonly Statement[], mode: "read" | "write"): Promise<Row[][]> {
  const given = statements.map(({ sql, args = [] }) => ({ sql, args: [...args] }));
  const results = await theirs.batch(given, mode);
  return results.map(({ rows }) => rows.map((row) => ({ ...row }) as unknown as Row));
}

const say = (word: SqlValue, n: SqlValue = null): Statement => ({ sql: INSERT, args: [word, n] });

const BATCHES: readonly (readonly [name: string, mode: "read" | "write", batch: readonly Statement[]])[] = [
  ["writes and reads", "write", [say("a", 1), say("b", 2), ALL]],
  [
    "rows that a write returns",
    "write",
    [{ sql: `${INSERT} RETURNING id, word AS said`, args: ["a", 2 ** 40] }],
  ],
  ["nothing found", "read", [{ sql: "SELECT word FROM words WHERE n = ?", args: [9] }]],
  [
    "null, text and real numbers",
    "read",
    [{ sql: "SELECT ?1 AS a, ?2 AS b, ?3 AS c", args: [null, "Ä🔵", 1.5] }],
  ],
  ["a name that comes twice", "read", [{ sql: "SELECT 1 AS a, 2 AS a" }]],
  [
    "more rows than are fetched at once",
    "read",
    [{ sql: "SELECT key AS k FROM json_each(?)", args: [`[${"0,".repeat(400)}0]`] }],
  ],
  ["a word that is there already", "write", [say("a"), say("first"), ALL]],
  [
    "a word that is there already, to be returned",
    "write",
    [{ sql: `${INSERT} RETURNING id`, args: ["first", 1] }],
  ],
  ["what a CHECK forbids", "write", [say("")]],
  ["what may not be NULL", "write", [say(null)]],
  ["what a STRICT column cannot hold", "write", [say("a", "many")]],
  ["what a trigger forbids", "write", [say("a"), { sql: "DELETE FROM words" }]],
  ["what is no SQL", "write", [say("a"), { sql: "INSERT INTO nowhere VALUES (1)" }]],
  ["a COMMIT that a deferred key refuses", "write", [{ sql: "INSERT INTO children VALUES (1)" }]],
  ["a write among reads", "read", [ALL, say("a")]],
  ["an integer too large for a number", "read", [{ sql: "SELECT 9007199254740993 AS n" }]],
  ["a number that is none", "write", [say("a", Number.NaN)]],
  ["an end of the transaction in the middle", "write", [{ sql: "COMMIT" }, say("a")]],
];

describe.each(BATCHES)("a batch with %s", (_, mode, batch) => {
  test("comes to what it comes to with the client, the first time and the second", async () => {
    for (let time = 0; time < 2; time += 1) {
      expect(await outcomeOf(() => ours.batch(batch, mode))).toEqual(
        await outcomeOf(() => theirBatch(batch, mode)),
      );
      // Ours goes on where theirs may be unfit for it: that is what its owner throws connections away for.
      ours.reconnect();
      theirs.reconnect();
      expect(await ours.batch([WORDS], "read")).toEqual(await theirBatch([WORDS], "read"));
    }
  });
});

describe("a statement that stays compiled", () => {
  test("runs again after one like it failed by itself", async () => {
    await ours.batch([say("a")], "write");
    await expect(ours.batch([say("a")], "write")).rejects.toThrow("UNIQUE");
    await ours.batch([say("b")], "write");
    expect(await ours.batch([ALL], "read")).toMatchObject([
      [{ word: "first" }, { word: "a" }, { word: "b" }],
    ]);
  });

  test("follows a schema that another process changed: its columns, and the triggers it must obey", async () => {
    const other = new FileClient(join(folder, "ours.db"), 0);
    await ours.batch([say("a")], "write");
    expect(await ours.batch([WORDS], "read")).toMatchObject([[{ id: 1 }, { id: 2 }]]);
    await other.batch(
      [
        { sql: "ALTER TABLE words ADD COLUMN tongue TEXT DEFAULT 'en'" },
        {
          sql: `CREATE TRIGGER words_full BEFORE INSERT ON words WHEN (SELECT count(*) FROM words) >= 3
            BEGIN SELECT RAISE(ABORT, 'enough was said'); END`,
        },
      ],
      "write",
    );
    other.close();
    await ours.batch([say("b")], "write");
    await expect(ours.batch([say("c")], "write")).rejects.toThrow("enough was said");
    expect(await ours.batch([WORDS], "read")).toMatchObject([
      [{ tongue: "en" }, { word: "a" }, { tongue: "en" }],
    ]);
  });

  test("holds no snapshot between batches: it reads what others wrote since", async () => {
    const other = new FileClient(join(folder, "ours.db"), 0);
    expect(await ours.batch([ALL], "read")).toMatchObject([[{ word: "first" }]]);
    await other.batch([say("later")], "write");
    expect(await ours.batch([ALL], "read")).toMatchObject([[{ word: "first" }, { word: "later" }]]);
    // Nor a lock: the other may empty the log that ours read from.
    expect(await other.execute("PRAGMA wal_checkpoint(TRUNCATE)")).toMatchObject([{ busy: 0 }]);
    other.close();
  });

  test("goes when there are too many, and is compiled again when it is asked again", async () => {
    for (let n = 0; n < 600; n += 1) {
      expect(await ours.batch([{ sql: `SELECT word, ${n} AS n FROM words` }], "read")).toEqual([
        [{ word: "first", n }],
      ]);
    }
    expect(await ours.batch([ALL], "read")).toEqual([[{ word: "first", n: 1 }]]);
  });
});

test("there is one engine in the process: the client's own", () => {
  const here = createRequire(import.meta.url);
  const client = createRequire(here.resolve("@libsql/client"));
  expect(here.resolve("libsql")).toBe(client.resolve("libsql"));
});
