// The limit: better-sqlite3 doing the bare statements and nothing else.
import { join } from "node:path";
import Database from "better-sqlite3";
import { answerOrders, type Side, type SideOptions } from "../child.ts";
import { CLAIM, COMPLETE, INSERT, JOBS, PAYLOAD } from "./bare-sql.ts";

function open({ folder, synchronous }: SideOptions): Database {
  const database = new Database(join(folder, "limit.db"));
  database.pragma("journal_mode = WAL");
  database.pragma(`synchronous = ${synchronous}`);
  for (const sql of JOBS) database.exec(sql);
  return database;
}

/** One claim and one completion, two commits a job. */
function cycle(options: SideOptions): Side {
  const database = open(options);
  const insert = database.prepare(INSERT);
  const claim = database.prepare(CLAIM);
  const complete = database.prepare(COMPLETE);
  return {
    prepare: database.transaction((count: number) => {
      for (let n = 0; n < count; n += 1) insert.run(n % 5, n, PAYLOAD);
    }),
    run(count) {
      let done = 0;
      for (; done < count; done += 1) {
        const job = claim.get("me", done, 1);
        if (job === undefined) break;
        complete.run(done, job["id"], "me");
      }
      return { done };
    },
    close: () => database.close(),
  };
}

function insertSingly(options: SideOptions): Side {
  const database = open(options);
  const insert = database.prepare(INSERT);
  return {
    run(count) {
      for (let n = 0; n < count; n += 1) insert.run(n % 5, n, PAYLOAD);
      return { done: count };
    },
    close: () => database.close(),
  };
}

function insertInBulk(options: SideOptions): Side {
  const database = open(options);
  const insert = database.prepare(INSERT);
  const all = database.transaction((count: number) => {
    for (let n = 0; n < count; n += 1) insert.run(n % 5, n, PAYLOAD);
  });
  return {
    run(count) {
      all(count);
      return { done: count };
    },
    close: () => database.close(),
  };
}

/** Reads every column of every row of a queue's tables once, the way nothing could read them faster. */
function scan({ folder }: SideOptions): Side {
  const database = new Database(join(folder, "queue.db"));
  const tables = [
    "tasks",
    "task_texts",
    "requirements",
    "dependencies",
    "attempts",
    "proofs",
    "events",
    "notices",
  ];
  const scans = tables.map((table) => {
    const columns = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
    const sizes = columns.map(({ name }) => `sum(length("${String(name)}"))`);
    return database.prepare(`SELECT ${sizes.join(", ")} FROM ${table}`);
  });
  return {
    run(count) {
      const figures = tables.map((table, index) => {
        const start = performance.now();
        scans[index]?.get();
        return [table, [performance.now() - start]] as const;
      });
      return { done: count, figures: Object.fromEntries(figures) };
    },
    close: () => database.close(),
  };
}

await answerOrders({ cycle, insertSingly, insertInBulk, scan });
