// The bot as it listens to Slack or Discord, on a queue of any size.
import { join } from "node:path";
import { discordReceiver } from "../../adapters/chat/discord/receive/receiver.ts";
import { slackReceiver } from "../../adapters/chat/slack/receive/receiver.ts";
import { Connection } from "../../db/connection.ts";
import { ringOnWrite } from "../../src/jobs/ring-on-write.ts";
import { listen } from "../../src/listen.ts";
import type { ChatReceiver } from "../../src/ports/chat-receiver.ts";
import { Nudge } from "../../src/ports/nudge.ts";
import { answerOrders, type Side, type SideOptions } from "../child.ts";
import { PERSON } from "../discord-peer.ts";
import { openBenchHouse } from "../house.ts";
import { seedQueue } from "../seed.ts";

/** `person`: whoever types there, by the platform's id. */
async function heard(options: SideOptions, receiver: ChatReceiver, person: string): Promise<Side> {
  const bench = await openBenchHouse(options, "queue.db");
  const url = `file:${join(options.folder, "queue.db")}`;
  const connection = await Connection.open({ url, synchronous: "normal" });
  await seedQueue(connection, { tasks: Number(options["tasks"]), inFlight: 100 });
  const [rows = []] = await connection.read([
    { sql: "SELECT key FROM tasks WHERE status = 'queued' ORDER BY id DESC LIMIT 1000" },
  ]);
  await connection.close();
  while (await bench.search.takeIn());
  await bench.roles.grant(
    { platform: receiver.name, sort: "person", subject: person, role: "operator" },
    "person:bench:seed",
  );
  const nudge = new Nudge();
  const stopping = new AbortController();
  const log = {
    info: () => undefined,
    error: (facts: object, message: string) => process.stderr.write(`${message} ${JSON.stringify(facts)}\n`),
  };
  const house = ringOnWrite(bench, nudge);
  const running = listen({ house, receivers: [receiver], nudge, log, signal: stopping.signal });
  return {
    /** Tells which tasks there are: the commands come by themselves. */
    run: (count) => ({ done: count, keys: rows.slice(0, count).map(({ key }) => String(key)) }),
    async close() {
      stopping.abort();
      await running;
      await bench.close();
    },
  };
}

const slack = (options: SideOptions): Promise<Side> => {
  const tokens = { botToken: "xoxb-1", appToken: "xapp-1", signingSecret: undefined };
  return heard(
    options,
    slackReceiver({ ...tokens, apiUrl: String(options["apiUrl"]) }, { staggerMs: 0 }),
    "U1",
  );
};

const discord = (options: SideOptions): Promise<Side> => {
  const settings = { token: "t", guildId: String(options["guild"]), apiUrl: String(options["apiUrl"]) };
  return heard(options, discordReceiver(settings), PERSON);
};

await answerOrders({ slack, discord });
