// The watch on a queue of any size, and bare scans of the tables it reads through the same connection.
import { join } from "node:path";
import { Connection } from "../../db/connection.ts";
import { watchQueue } from "../../src/commands/watch-queue.ts";
import { answerOrders, type Side, type SideOptions } from "../child.ts";
import { openBenchHouse } from "../house.ts";
import { seedQueue } from "../seed.ts";

/** Every table the watch reads, those of the validation rules it shares included. */
const TABLES = [
  "tasks",
  "task_texts",
  "attempts",
  "lanes",
  "agents",
  "proofs",
  "events",
  "dependencies",
  "links",
  "blocks",
  "requirements",
  "refusals",
  "notices",
  "deliveries",
  "channels",
  "briefs",
  "chat_claims",
  "contradictions",
  "route_observations",
  "job_runs",
] as const;

/** One table a call, past its indexes. */
async function scanAll(connection: Connection): Promise<void> {
  for (const table of TABLES) {
    await connection.read([{ sql: `SELECT count(*) AS rows FROM ${table} NOT INDEXED` }]);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function watches(options: SideOptions): Promise<Side> {
  const house = await openBenchHouse(options, "queue.db");
  const connection = await Connection.open({
    url: `file:${join(options.folder, "queue.db")}`,
    synchronous: "normal",
  });
  await seedQueue(connection, { tasks: Number(options["tasks"]), inFlight: Number(options["inFlight"]) });
  return {
    async run(count) {
      const figures = { watch: [] as number[], scans: [] as number[] };
      for (let n = 0; n < count; n += 1) {
        figures.scans.push(await timed(() => scanAll(connection)));
        figures.watch.push(await timed(() => watchQueue(house)));
      }
      return { done: count, figures };
    },
    async close() {
      await connection.close();
      await house.close();
    },
  };
}

await answerOrders({ watches });
