// A process that delivers what waits for Discord until nothing waits, or until it is killed. Its time is the test's: where
// it would rest it moves its own clock on, once the test has heard of it.
import { createInterface } from "node:readline";
import { discordPlatform } from "../../adapters/chat/discord/platform.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { readJob } from "../race/processes.ts";
import type { DeliverJob } from "../support/announcements.ts";
import { openTestHouse } from "../support/house.ts";

export interface DiscordJob extends DeliverJob {
  readonly apiUrl: string;
  readonly token: string;
  readonly guild: string;
  readonly timeoutMs: number;
  /** Sabotaged: believes that a doubtful message never stands. */
  readonly careless: boolean;
}

const { url, now, careless, ...settings } = readJob() as DiscordJob;
const home = await openTestHouse({ url, startAt: now });
const careful = discordPlatform(settings);
const platform = careless ? { ...careful, find: () => Promise.resolve(null) } : careful;
const heard = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

for (;;) {
  const { nextDueMs } = await deliverOutbox(home.house, [platform]);
  if (nextDueMs === null) break;
  home.clock.advance(nextDueMs);
  process.stdout.write(`${home.clock.now}\n`);
  await heard.next();
}
process.stdin.destroy();
await home.close();
