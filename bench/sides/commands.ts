// The real commands on the real store, with every event, attempt, proof and outbox row.
import { answerOrders, type Side, type SideOptions } from "../child.ts";
import { addTasks, openBenchHouse, seedLane, workThrough } from "../house.ts";

/** Claim to completion by many callers at once. */
async function jobs(options: SideOptions): Promise<Side> {
  const house = await openBenchHouse(options);
  const callers = Number(options["callers"]);
  const session = String(options["session"] ?? "session");
  await seedLane(house);
  return {
    prepare: (count) => addTasks(house, count),
    async run(count) {
      const keys = await workThrough(house, { count, callers, session });
      return { done: keys.length, ...(options["tells"] === "keys" ? { keys } : {}) };
    },
    close: () => house.close(),
  };
}

/** Tasks added through their command, many callers at once. */
async function adds(options: SideOptions): Promise<Side> {
  const house = await openBenchHouse(options);
  await seedLane(house);
  return {
    async run(count) {
      await addTasks(house, count);
      return { done: count };
    },
    close: () => house.close(),
  };
}

/** Resident memory after each stretch of work, in bytes. A job is five operations: add, claim, prove, submit, settle. */
async function memory(options: SideOptions): Promise<Side> {
  const house = await openBenchHouse(options);
  const stretch = Number(options["stretch"]);
  const callers = Number(options["callers"]);
  await seedLane(house);
  return {
    async run(count) {
      const resident: number[] = [];
      for (let done = 0; done < count; done += stretch * 5) {
        for (let added = 0; added < stretch; added += callers) {
          await addTasks(house, Math.min(callers, stretch - added));
          await workThrough(house, {
            count: Math.min(callers, stretch - added),
            callers,
            session: "session",
          });
        }
        resident.push(process.memoryUsage.rss());
      }
      return { done: count, figures: { resident } };
    },
    close: () => house.close(),
  };
}

await answerOrders({ jobs, adds, memory });
