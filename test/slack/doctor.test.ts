import { afterEach, expect, test } from "vitest";
import { slackFindings } from "../../adapters/chat/slack/doctor.ts";
import type { SlackSettings } from "../../adapters/chat/slack/receive/web.ts";
import { ALL_SCOPES, APP_TOKEN, BOT_TOKEN, type SlackStandIn, startSlack } from "./server.ts";

// What the doctor says of Slack: both tokens, each by its name, and their scopes beside what the manifest asks for.

let slack: SlackStandIn;
afterEach(() => slack.close());

async function findings(settings: Partial<SlackSettings> = {}, scopes: readonly string[] = ALL_SCOPES) {
  slack = await startSlack({ scopes });
  return slackFindings({
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    signingSecret: undefined,
    apiUrl: slack.apiUrl,
    ...settings,
  });
}

test("all is well: who the bot is, that the socket can be opened, and nothing is opened", async () => {
  const found = await findings();
  expect(found.map(({ name, ok }) => [name, ok])).toEqual([
    ["slack", true],
    ["slack scopes", true],
    ["slack socket", true],
  ]);
  expect(found[0]?.detail).toBe("@gatehouse in Acme");
  expect(slack.sockets.made).toBe(0);
});

test("a scope the manifest asks for and the token lacks is named, with what it is for", async () => {
  const found = await findings({}, ["commands", "chat:write", "app_mentions:read"]);
  expect(found[1]).toMatchObject({ ok: false, detail: expect.stringContaining("reactions:write (⏳ ✅ ❌") });
  expect(found[1]?.fix).toContain("gatehouse slack manifest");
});

test("without the history scopes it is well, and says what that means", async () => {
  const found = await findings(
    {},
    ALL_SCOPES.filter((scope) => !/^(?:channels|groups):history$/u.test(scope)),
  );
  expect(found[1]).toMatchObject({
    ok: true,
    detail: expect.stringContaining("mention, shortcut and button"),
  });
});

test("each wrong token is named by its variable", async () => {
  const found = await findings({ botToken: "xoxb-wrong", appToken: "xapp-wrong" });
  expect(found.map(({ name, ok, fix }) => [name, ok, /SLACK_\w+_TOKEN/u.exec(fix ?? "")?.[0]])).toEqual([
    ["slack", false, "SLACK_BOT_TOKEN"],
    ["slack socket", false, "SLACK_APP_TOKEN"],
  ]);
});

test("where Slack cannot be reached, that is said, and nothing of a token", async () => {
  const found = await findings({ apiUrl: "http://127.0.0.1:9/api" });
  expect(found[0]).toMatchObject({ ok: false, detail: expect.stringContaining("cannot be reached") });
});

test("by signed requests no socket is asked for", async () => {
  const found = await findings({ appToken: undefined, signingSecret: "s" });
  expect(found.map(({ name }) => name)).toEqual(["slack", "slack scopes", "slack requests"]);
});
