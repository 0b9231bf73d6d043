// How fast a burst drains, in simulated time, against the stand-in's own rates; and that a channel that has to wait holds up
// no other.
import { afterEach, beforeEach, expect, test } from "vitest";
import { slackPlatform } from "../../adapters/chat/slack/platform.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import type { ChatPlatform } from "../../src/ports/chat.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";
import { BOT_TOKEN, type SlackStandIn, startSlack } from "./server.ts";

const START = Date.UTC(2026, 10, 28, 9);
let home: TestHouse;
let slack: SlackStandIn;
let platform: ChatPlatform;

const rooms = (count: number) => Array.from({ length: count }, (_, index) => `C0ROOM${index}`);

beforeEach(async () => {
  home = await openTestHouse({ startAt: START });
  slack = await startSlack({
    now: () => home.clock.now,
    seed: { channels: rooms(20).map((id) => ({ id })) },
  });
  platform = slackPlatform({
    botToken: BOT_TOKEN,
    apiUrl: slack.apiUrl,
    clock: home.house.clock,
    timezone: "UTC",
    tell: () => undefined,
  });
  for (const name of rooms(20)) {
    await home.house.channels.setChannel({ platform: "slack", name }, { kinds: [] });
  }
});
afterEach(async () => {
  await slack.close();
  await home.close();
});

async function announce(count: number, channels: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const only = { platform: "slack", channel: `C0ROOM${index % channels}` };
    await home.house.outbox.post({ kind: "digest", text: `notice ${index}`, data: {} }, null, only);
  }
}

/** Delivers until nothing waits, moving time on wherever nothing is due. Answers how long that took, in milliseconds. */
async function drain(): Promise<number> {
  for (;;) {
    const { nextDueMs } = await deliverOutbox(home.house, [platform]);
    if (nextDueMs === null) return home.clock.now - START;
    home.clock.advance(nextDueMs);
  }
}

test("a burst of 1,000 notices over 20 channels drains within 1.2 times what Slack's limits allow", async () => {
  await announce(1000, 20);
  const ms = await drain();
  // Fifty messages a channel: four at once, then one a second.
  const allowedMs = (50 - 4) * 1000;
  expect(ms).toBeGreaterThanOrEqual(allowedMs);
  expect(ms).toBeLessThanOrEqual(1.2 * allowedMs);
  // Every message once, and none of them had to be refused by Slack first.
  expect(slack.callsOf("chat.postMessage").map(({ answer }) => answer)).toEqual(Array(1000).fill("ok"));
  for (const room of rooms(20)) expect(slack.messages(room)).toHaveLength(50);
}, 120_000);

test("one channel of ten that Slack makes wait holds up no other, and is served when its time has come", async () => {
  const openAt = START + 30_000;
  slack.disturb = ({ args }) =>
    args["channel"] === "C0ROOM0" && home.clock.now < openAt
      ? { kind: "rate-limit", retryAfter: Math.ceil((openAt - home.clock.now) / 1000) }
      : null;
  await announce(50, 10);
  await deliverUntil(START + 3000);
  for (const room of rooms(10).slice(1)) expect(slack.messages(room)).toHaveLength(5);
  // Only those that were under way side by side when it said so; nobody knocks again before its time.
  const asked = () => slack.callsOf("chat.postMessage").filter(({ args }) => args["channel"] === "C0ROOM0");
  const first = asked().length;
  expect(first).toBeLessThanOrEqual(3);
  await deliverUntil(openAt - 1);
  expect(asked()).toHaveLength(first);
  await drain();
  expect(slack.messages("C0ROOM0")).toHaveLength(5);
  expect(asked()).toHaveLength(first + 5);
}, 60_000);

test("of a card that changes while it waits only the last word is posted, once", async () => {
  slack.fault({ method: "chat.postMessage" }, { kind: "rate-limit", retryAfter: 10 });
  const only = { platform: "slack", channel: "C0ROOM0" };
  for (const text of ["one", "two", "three"]) {
    await home.house.outbox.post({ kind: "digest", subject: "card", text, data: {} }, null, only);
    await deliverOutbox(home.house, [platform]);
  }
  await drain();
  expect(slack.messages("C0ROOM0")).toMatchObject([{ text: "three", edited: null }]);
});

/** Delivers what is due up to that moment, and moves time there. */
async function deliverUntil(end: number): Promise<void> {
  for (;;) {
    const { nextDueMs } = await deliverOutbox(home.house, [platform]);
    const step = Math.min(nextDueMs ?? end, end - home.clock.now);
    if (step <= 0 && nextDueMs !== 0) return;
    home.clock.advance(step);
  }
}
