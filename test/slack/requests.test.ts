import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chatRequests } from "../../src/doors/http/chat-requests.ts";
import { type HttpServer, startHttp } from "../../src/doors/http/server.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, OPERATOR } from "../support/story.ts";
import { SIGNING_SECRET, type SlackStandIn, startSlack } from "./server.ts";
import { BY_REQUEST, found, handled, type RunningBot, startBot } from "./support/bot.ts";

// Slack by signed requests to the bot's own address: the same app, and nothing in it that is not signed in time.

let open: TestHouse;
let slack: SlackStandIn;
let bot: RunningBot;
let http: HttpServer;
let url: string;
beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  const ada = { platform: "slack", sort: "person", subject: "U0ADA", role: "operator" } as const;
  await open.house.roles.grant(ada, OPERATOR.actor);
  slack = await startSlack();
  bot = startBot({ house: open.house, slack, settings: BY_REQUEST });
  const silent = () => undefined;
  http = await startHttp({
    house: open.house,
    log: { error: silent, warn: silent, info: silent, debug: silent } as never,
    version: "0.0.0-test",
    host: "127.0.0.1",
    port: 0,
    mounts: chatRequests([bot.receiver]),
  });
  url = `${http.url}/slack/events`;
  slack.requestUrl = { url, signingSecret: SIGNING_SECRET };
  await found(() => bot.states.includes("slack: connected"));
});
afterEach(async () => {
  await bot.stop();
  await http.close();
  await slack.close();
  await open.close();
  expect(bot.broken).toEqual([]);
});

const priorityOf = async (key: string) => (await open.house.queue.task(key))?.task.priority;
const command = (key: string) => ({
  command: "/gate",
  text: `prioritize ${key} P1`,
  user_id: "U0ADA",
  channel_id: "C0GENERAL",
  team_id: "T0GATE",
  trigger_id: slack.trigger(),
  response_url: slack.responseUrl(),
});
/** A body with its signature, as Slack signs it. */
const signed = (body: string, { at = Math.floor(Date.now() / 1000), secret = SIGNING_SECRET } = {}) =>
  fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-slack-request-timestamp": String(at),
      "x-slack-signature": `v0=${createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex")}`,
    },
    body,
  });

test("a command is kept, thanked for and answered, without a socket", async () => {
  const key = await added(open.house);
  const acked = await slack.slash(`prioritize ${key} P1`);
  expect(acked).toMatchObject({ id: "200", acked: true, body: "" });
  await found(() => slack.responses[0]);
  expect(await priorityOf(key)).toBe("P1");
  expect(slack.sockets.made).toBe(0);
});

test("a form is opened, its select is searched and its faults are answered in the same breath", async () => {
  const key = await added(open.house);
  await slack.slash("");
  const view = await found(() =>
    [...slack.views.values()].find((one) => one.view["callback_id"] === "gate:line"),
  );
  const offered = await slack.options("offer:prioritize:task", key, { view: view.id });
  expect(offered.body.options[0].value).toBe(key);
  const wrong = await slack.viewSubmission(view.id, { pick: { "gate:pick": {} } });
  expect(wrong.body).toMatchObject({ response_action: "errors", errors: { pick: expect.any(String) } });
});

test("the same event three times is one", async () => {
  const { event } = slack.write("<@U0BOT> status", {});
  for (const attempt of [0, 1, 2]) {
    const retry = attempt === 0 ? null : { attempt, reason: "http_timeout" };
    const acked = await slack.event(event, { eventId: "Ev1", retry });
    expect(acked.acked).toBe(true);
  }
  await handled(open.house);
  const [notice, ...more] = await open.house.outbox.notices({ after: 0, limit: 10, kind: "proof-status" });
  expect(notice?.text).toContain("There is no task yet.");
  expect(more).toEqual([]);
});

test("Slack's question whether this is the address is answered", async () => {
  const response = await signed(JSON.stringify({ type: "url_verification", challenge: "3eZbrw1aB" }));
  expect([response.status, await response.text()]).toEqual([200, "3eZbrw1aB"]);
});

describe("what is not Slack's is refused, and does nothing", () => {
  const FIVE_MINUTES = 300;
  test.each([
    ["another secret", { signature: `v0=${"0".repeat(64)}` }],
    ["no signature at all", { signature: "" }],
    ["a signature of another shape", { signature: "v1=abc" }],
    ["one of six minutes ago", { sentAt: Math.floor(Date.now() / 1000) - FIVE_MINUTES - 60 }],
    ["one of the future", { sentAt: Math.floor(Date.now() / 1000) + FIVE_MINUTES + 60 }],
  ])("%s", async (_, wrong) => {
    const key = await added(open.house);
    const acked = await slack.tell("slash_commands", command(key), null, wrong);
    expect(acked.id).toBe("401");
    expect(await open.house.inbox.lastReceived("slack")).toBeNull();
    expect(await priorityOf(key)).toBe("P2");
  });

  test("a body that goes on and on", async () => {
    const response = await signed(JSON.stringify({ type: "x", pad: "x".repeat(1_200_000) }));
    expect(response.status).toBe(413);
  });

  test("what is no payload", async () => {
    const response = await signed("{ not json");
    expect(response.status).toBe(400);
  });
});
