import { afterEach, beforeEach, expect, test } from "vitest";
import { slackMessages } from "../../adapters/chat/slack/messages.ts";
import type { PlatformMessages } from "../../src/ports/chat-messages.ts";
import { BOT_TOKEN, type SlackStandIn, startSlack } from "./server.ts";
import { permalinkOf } from "./web-api.ts";

const CHANNEL = "C0GENERAL";
let now = Date.UTC(2026, 10, 28, 9);
let slack: SlackStandIn;
let messages: PlatformMessages;

beforeEach(async () => {
  slack = await startSlack({ now: () => now });
  messages = slackMessages({
    botToken: BOT_TOKEN,
    apiUrl: slack.apiUrl,
    clock: { now: () => now, sleep: () => Promise.resolve() },
    timezone: "UTC",
    tell: () => undefined,
  });
});
afterEach(() => slack.close());

test("a message is found by its permalink, as it stands now, in the channel and in a thread", async () => {
  const { ts, message } = slack.write("see &lt;this&gt; &amp; <https://example.org/|that>");
  const link = permalinkOf(CHANNEL, message);
  expect(messages.recognises(link)).toBe(true);
  expect(await messages.find(link)).toEqual({
    id: ts,
    channel: CHANNEL,
    author: "U0ADA",
    bot: false,
    text: "see <this> & https://example.org/",
    at: now,
    editedAt: null,
  });
  const reply = slack.write("below", { user: "U0BEN", thread: ts });
  expect(await messages.find(permalinkOf(CHANNEL, reply.message))).toMatchObject({
    id: reply.ts,
    author: "U0BEN",
    text: "below",
  });
});

test("an edit shows, and one of which Slack tells the second alone counts as made at its very end", async () => {
  const { ts, message } = slack.write("first");
  slack.rewrite(CHANNEL, ts, "second");
  now += 60_000;
  const link = permalinkOf(CHANNEL, message);
  expect(await messages.find(link)).toMatchObject({ text: "second", editedAt: now - 60_000 });
  message.edited = { user: "U0ADA", ts: `${Math.floor(now / 1000)}.000000` };
  expect(await messages.find(link)).toMatchObject({ editedAt: Math.floor(now / 1000) * 1000 + 999 });
});

test("a program's message is told from a person's; a deleted one is none", async () => {
  const { ts, message } = slack.write("mine");
  slack.erase(CHANNEL, ts);
  expect(await messages.find(permalinkOf(CHANNEL, message))).toBeNull();
  const bot = slack.workspace.write(CHANNEL, { user: "U0BOT", bot_id: "B0BOT", text: "I did" }, now);
  expect(await messages.find(permalinkOf(CHANNEL, bot))).toMatchObject({ bot: true });
});

test("another workspace's link is none of ours, and neither is one that is dressed up", async () => {
  const { message } = slack.write("here");
  const link = permalinkOf(CHANNEL, message);
  const other = link.replace("acme", "evil");
  // Its form is right; that it is another workspace's only Slack can say.
  expect(messages.recognises(other)).toBe(true);
  expect(await messages.find(other)).toBeNull();
  expect(messages.recognises(other)).toBe(false);
  expect(messages.recognises(link)).toBe(true);
  for (const wrong of [
    link.replace("https:", "http:"),
    link.replace("slack.com", "slack.com.evil.example"),
    link.replace("https://", "https://ada@"),
    `${link}?thread_ts=1`,
    `${link}?cid=C0OTHER`,
    `${link}#x`,
    `${link}/..`,
    "https://acme.slack.com/archives/C0GENERAL",
    "not a link",
  ]) {
    expect([wrong, messages.recognises(wrong)]).toEqual([wrong, false]);
    expect(await messages.find(wrong)).toBeNull();
  }
});

test("where Slack cannot be asked, or may not be, that is trouble and no verdict", async () => {
  const { message } = slack.write("here");
  const link = permalinkOf(CHANNEL, message);
  slack.scopes.delete("channels:history");
  await expect(messages.find(link)).rejects.toMatchObject({
    code: "locked-out",
    message: expect.stringContaining("channels:history"),
  });
  slack.scopes.add("channels:history");
  now += 60_000;
  slack.fault({ method: "conversations.replies" }, { kind: "status", status: 502, accepted: false });
  await expect(messages.find(link)).rejects.toMatchObject({ code: "unreachable" });
});
