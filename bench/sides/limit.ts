// The limit: better-sqlite3 doing the bare statements and nothing else.
import { join } from "node:path";
import Database from "better-sqlite3";
import { answerOrders, type Side, type SideOptions } from "../child.ts";
import { FULL_SCAN, STRIDE } from "../seed.ts";
import { CLAIM, COMPLETE, FILL, INSERT, JOBS, PAYLOAD, TOUCH } from "./bare-sql.ts";

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

/** A bare full scan of a queue that was laid there: a copy of ours, so that no file is open in two engines. */
function scan({ folder }: SideOptions): Side {
  const database = new Database(join(folder, "queue.db"));
  const everything = database.prepare(FULL_SCAN);
  return {
    run(count) {
      everything.get();
      return { done: count };
    },
    close: () => database.close(),
  };
}

/** One update a commit, of rows in flight that lie as far apart in the table as ours do. */
function touches(options: SideOptions): Side {
  const database = open(options);
  const [tasks, every] = [Number(options["tasks"]), Number(options["tasks"]) / Number(options["inFlight"])];
  database.prepare(FILL).run(tasks, every, "me", PAYLOAD);
  const touch = database.prepare(TOUCH);
  const inFlight = Math.floor(tasks / every);
  let at = 0;
  return {
    run(count) {
      for (let n = 0; n < count; n += 1) {
        at = (at + STRIDE) % inFlight;
        const { changes } = touch.run(n, (at + 1) * every, "me");
        if (changes !== 1) throw new Error(`job ${(at + 1) * every} is not in flight`);
      }
      return { done: count };
    },
    close: () => database.close(),
  };
}

await answerOrders({ cycle, insertSingly, insertInBulk, scan, touches });
