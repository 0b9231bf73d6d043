import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, OPERATOR } from "../support/story.ts";
import { type SlackStandIn, startSlack } from "./server.ts";
import { found, type RunningBot, startBot } from "./support/bot.ts";

// `/gate` as it is typed in Slack: kept before Slack is thanked, run once, answered where it was typed.

let open: TestHouse;
let slack: SlackStandIn;
let bot: RunningBot;
beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  const ada = { platform: "slack", sort: "person", subject: "U0ADA", role: "operator" } as const;
  await open.house.roles.grant(ada, OPERATOR.actor);
  slack = await startSlack();
  bot = startBot({ house: open.house, slack });
  await slack.sockets.connected(2);
});
afterEach(async () => {
  await bot.stop();
  await slack.close();
  await open.close();
  expect(bot.broken).toEqual([]);
});

const priorityOf = async (key: string) => (await open.house.queue.task(key))?.task.priority;

test("a task is reprioritized by a command, and everybody in the channel sees it", async () => {
  const key = await added(open.house);
  const acked = await slack.slash(`prioritize ${key} P1 "a launch &amp; a deadline"`);
  expect(acked).toMatchObject({ acked: true, body: {} });
  const { body } = await found(() => slack.responses[0]);
  expect(body).toMatchObject({ response_type: "in_channel", replace_original: false });
  expect(body.text).toBe(`${key} is P1 now: a launch &amp; a deadline`);
  expect(await priorityOf(key)).toBe("P1");
});

test("what only looks is answered to the one who asked", async () => {
  await slack.slash("status", { user: "U0BEN" });
  const { body } = await found(() => slack.responses[0]);
  expect(body).toMatchObject({ response_type: "ephemeral" });
  expect(body.text).toContain("There is no task yet.");
});
