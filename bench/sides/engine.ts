// Our engine with nothing on it: the connection's owner and the bare statements.
import { join } from "node:path";
import { coalesce } from "../../db/coalesce.ts";
import { Connection } from "../../db/connection.ts";
import { answerOrders, type Side, type SideOptions } from "../child.ts";
import { CLAIM, COMPLETE, COMPLETE_MANY, INSERT, INSERT_MANY, JOBS, PAYLOAD } from "./bare-sql.ts";

const BATCH = 100;

async function open({ folder, synchronous }: SideOptions): Promise<Connection> {
  const connection = await Connection.open({ url: `file:${join(folder, "engine.db")}`, synchronous });
  await connection.write(JOBS.map((sql) => ({ sql })));
  return connection;
}

function rows(count: number): string {
  return JSON.stringify(Array.from({ length: count }, (_, n) => [n % 5, n, PAYLOAD]));
}

/** What every cycle begins with. */
function filled(connection: Connection, run: Side["run"]): Side {
  return {
    async prepare(count) {
      await connection.write([{ sql: INSERT_MANY, args: [rows(count)] }]);
    },
    run,
    close: () => connection.close(),
  };
}

/** One job at a time: its completion and the next claim are one batch, as a single worker would do it. */
async function singly(options: SideOptions): Promise<Side> {
  const connection = await open(options);
  return filled(connection, async (count) => {
    let answer = await connection.write([{ sql: CLAIM, args: ["me", 0, 1] }]);
    let done = 0;
    for (;;) {
      const job = answer.at(-1)?.[0];
      if (job === undefined) break;
      const complete = { sql: COMPLETE, args: [done, job["id"] ?? 0, "me"] };
      done += 1;
      answer = await connection.write([
        complete,
        ...(done < count ? [{ sql: CLAIM, args: ["me", done, 1] }] : []),
      ]);
    }
    return { done };
  });
}

/** Many callers, each one job at a time; what they ask for in one tick shares a batch. */
async function coalesced(options: SideOptions): Promise<Side> {
  const connection = await open(options);
  const callers = Number(options["callers"]);
  const claim = coalesce<null, number | null>(
    async (asked) => {
      const [found = []] = await connection.write([{ sql: CLAIM, args: ["me", 0, asked.length] }]);
      return asked.map((_, index) => (found[index] === undefined ? null : Number(found[index]["id"])));
    },
    { max: callers },
  );
  const complete = coalesce<number, null>(
    async (ids) => {
      await connection.write([{ sql: COMPLETE_MANY, args: [0, "me", JSON.stringify(ids)] }]);
      return ids.map(() => null);
    },
    { max: callers },
  );
  return filled(connection, async (count) => {
    let left = count;
    let done = 0;
    const work = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const job = await claim(null);
        if (job === null) return;
        await complete(job);
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: callers }, work));
    return { done };
  });
}

async function inBatches(options: SideOptions): Promise<Side> {
  const connection = await open(options);
  return filled(connection, async (count) => {
    let done = 0;
    while (done < count) {
      const [found = []] = await connection.write([{ sql: CLAIM, args: ["me", done, BATCH] }]);
      if (found.length === 0) break;
      const ids = JSON.stringify(found.map((row) => row["id"]));
      await connection.write([{ sql: COMPLETE_MANY, args: [done, "me", ids] }]);
      done += found.length;
    }
    return { done };
  });
}

async function insertSingly(options: SideOptions): Promise<Side> {
  const connection = await open(options);
  return {
    async run(count) {
      for (let n = 0; n < count; n += 1) await connection.write([{ sql: INSERT, args: [n % 5, n, PAYLOAD] }]);
      return { done: count };
    },
    close: () => connection.close(),
  };
}

async function insertInBulk(options: SideOptions): Promise<Side> {
  const connection = await open(options);
  return {
    async run(count) {
      await connection.write([{ sql: INSERT_MANY, args: [rows(count)] }]);
      return { done: count };
    },
    close: () => connection.close(),
  };
}

await answerOrders({ singly, coalesced, inBatches, insertSingly, insertInBulk });
