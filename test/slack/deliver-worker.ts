// A process that delivers what waits for Slack until nothing waits, or until it is killed. Its time is the test's: where it
// would rest it moves its own clock on, once the test has heard of it.
import { createInterface } from "node:readline";
import { slackPlatform } from "../../adapters/chat/slack/platform.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { readJob } from "../race/processes.ts";
import type { DeliverJob } from "../support/announcements.ts";
import { openTestHouse } from "../support/house.ts";
import { BOT_TOKEN } from "./server.ts";

export interface SlackJob extends DeliverJob {
  readonly apiUrl: string;
  readonly timeoutMs: number;
  /** Sabotaged: believes that a doubtful message never stands. */
  readonly careless: boolean;
}

const { url, apiUrl, now, timeoutMs, careless } = readJob() as SlackJob;
const home = await openTestHouse({ url, startAt: now });
const careful = slackPlatform({
  botToken: BOT_TOKEN,
  apiUrl,
  clock: home.house.clock,
  timezone: "UTC",
  tell: () => undefined,
  timeoutMs,
});
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
