// Heartbeats of thousands of live attempts through the real command, on a queue of any size.
import { join } from "node:path";
import { Connection } from "../../db/connection.ts";
import { type BeatInput, beat } from "../../src/commands/beat.ts";
import { answerOrders, type Side, type SideOptions } from "../child.ts";
import { openBenchHouse, well } from "../house.ts";
import { STRIDE, seedQueue } from "../seed.ts";

const HELD = `SELECT t.key AS task, a.number AS number, a.epoch AS epoch, a.session AS session, a.provider AS provider,
  a.model AS model, l.name AS lane, g.name AS agent
FROM attempts a JOIN tasks t ON t.id = a.task_id JOIN lanes l ON l.id = a.lane_id JOIN agents g ON g.id = a.agent_id
WHERE a.ended_at IS NULL ORDER BY a.task_id`;

/** What each holder of a live attempt says with its beat. */
async function holders(connection: Connection): Promise<readonly BeatInput[]> {
  const [rows = []] = await connection.read([{ sql: HELD }]);
  return rows.map((row) => {
    const text = (name: string): string => String(row[name]);
    return {
      attempt: `${text("task")}.${text("number")}`,
      epoch: Number(row["epoch"]),
      lane: text("lane"),
      task: text("task"),
      session: text("session"),
      agent: text("agent"),
      route: { provider: text("provider"), model: text("model") },
    };
  });
}

async function beats(options: SideOptions): Promise<Side> {
  const house = await openBenchHouse(options, "queue.db");
  const url = `file:${join(options.folder, "queue.db")}`;
  const connection = await Connection.open({ url, synchronous: "normal" });
  await seedQueue(connection, { tasks: Number(options["tasks"]), inFlight: Number(options["inFlight"]) });
  const held = await holders(connection);
  await connection.close();
  const callers = Number(options["callers"]);
  let at = 0;
  const next = (): BeatInput => {
    at = (at + STRIDE) % held.length;
    return held[at] as BeatInput;
  };
  return {
    async run(count) {
      let left = count;
      const call = async (): Promise<void> => {
        for (; left > 0; ) {
          left -= 1;
          const input = next();
          well(await beat(house, input, { actor: `agent:${input.agent}` }));
        }
      };
      await Promise.all(Array.from({ length: callers }, call));
      return { done: count };
    },
    close: () => house.close(),
  };
}

await answerOrders({ beats });
