// What grows with the queue: claims, validation and import, on queues of any size.
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Connection } from "../../db/connection.ts";
import { importTasks } from "../../src/commands/import-tasks.ts";
import { validateQueue } from "../../src/commands/validate-queue.ts";
import { answerOrders, type Side, type SideOptions } from "../child.ts";
import { type BenchHouse, LANE, openBenchHouse, seedLane, well } from "../house.ts";
import { SEED_LANES, SEED_ROUTE, seedQueue } from "../seed.ts";

const SMALL = 1000;
/** Of both queues before each round, not counted: a fresh connection knows no page yet. */
const WARM_UP = 20;

async function seeded(options: SideOptions, file: string, tasks: number): Promise<BenchHouse> {
  const house = await openBenchHouse(options, file);
  const connection = await Connection.open({
    url: `file:${join(options.folder, file)}`,
    synchronous: "normal",
  });
  await seedQueue(connection, { tasks });
  await connection.close();
  return house;
}

let sessions = 0;

/** Milliseconds of one claim by a session of its own. */
async function claimOnce(house: BenchHouse): Promise<number> {
  sessions += 1;
  const lane = SEED_LANES[sessions % SEED_LANES.length] ?? LANE;
  const request = { lane, agent: `seed-${lane}`, session: `bench-${sessions}`, route: SEED_ROUTE };
  const start = performance.now();
  const facts = await house.queue.claim(request);
  const tookMs = performance.now() - start;
  if (facts === null) throw new Error(`nothing to claim on ${lane}`);
  return tookMs;
}

/** Single claims on a small and on a deep queue in turn: two files, one process, one engine. */
async function claims(options: SideOptions): Promise<Side> {
  const deep = await seeded(options, "deep.db", Number(options["tasks"]));
  let small: BenchHouse | null = null;
  let round = 0;
  return {
    async prepare() {
      round += 1;
      await small?.close();
      // A new one each time: claims use it up.
      small = await seeded(options, `small-${round}.db`, SMALL);
      for (let n = 0; n < WARM_UP; n += 1) {
        await claimOnce(small);
        await claimOnce(deep);
      }
    },
    async run(count) {
      const figures = { small: [] as number[], deep: [] as number[] };
      if (small === null) throw new Error("not prepared");
      for (let n = 0; n < count; n += 1) {
        figures.small.push(await claimOnce(small));
        figures.deep.push(await claimOnce(deep));
      }
      return { done: count, figures };
    },
    async close() {
      await small?.close();
      await deep.close();
    },
  };
}

/** Walks the whole queue. The first preparation lays a copy of it beside, for the limit to read in its own process. */
async function validation(options: SideOptions): Promise<Side> {
  const house = await seeded(options, "ours.db", Number(options["tasks"]));
  await house.maintenance.checkpoint("truncate");
  copyFileSync(join(options.folder, "ours.db"), join(options.folder, "queue.db"));
  return {
    async run() {
      const { valid, findings, tasks } = await validateQueue(house);
      if (!valid) throw new Error(`the seeded queue is not valid: ${findings[0]?.detail}`);
      return { done: tasks };
    },
    close: () => house.close(),
  };
}

/** Imports a beads file into an empty queue. */
async function imports(options: SideOptions): Promise<Side> {
  const text = readFileSync(String(options["backlog"]));
  let house: BenchHouse | null = null;
  let round = 0;
  return {
    async prepare() {
      round += 1;
      await house?.close();
      house = await openBenchHouse(options, `import-${round}.db`);
      await seedLane(house);
    },
    async run() {
      if (house === null) throw new Error("not prepared");
      const report = well(
        await importTasks(house, { source: "beads", text, lane: LANE }, { actor: "person:bench:import" }),
      );
      return { done: report.created };
    },
    async close() {
      await house?.close();
    },
  };
}

await answerOrders({ claims, validation, imports });
