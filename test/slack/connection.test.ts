import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, OPERATOR } from "../support/story.ts";
import { BOT_TOKEN, type SlackOptions, type SlackStandIn, startSlack } from "./server.ts";
import { answers, found, type RunningBot, startBot } from "./support/bot.ts";

// The connection: two sockets that are replaced before they go, tokens that are refused and mended, and nothing of it
// ends the process.

let open: TestHouse;
let slack: SlackStandIn;
let bot: RunningBot;
beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  const ada = { platform: "slack", sort: "person", subject: "U0ADA", role: "operator" } as const;
  await open.house.roles.grant(ada, OPERATOR.actor);
});
afterEach(async () => {
  await bot.stop();
  await slack.close();
  await open.close();
  expect(bot.broken).toEqual([]);
});

async function connect(
  options: SlackOptions = {},
  settings: Parameters<typeof startBot>[0]["settings"] = {},
) {
  slack = await startSlack(options);
  bot = startBot({ house: open.house, slack, settings });
}
const told = (words: string) => found(() => bot.states.find((state) => state.includes(words)));

describe("a token Slack does not take", () => {
  test.each([
    ["invalid_auth", "does not know the token in SLACK_BOT_TOKEN"],
    ["token_revoked", "token in SLACK_BOT_TOKEN was revoked"],
    ["account_inactive", "Install the app to the workspace again"],
  ] as const)(
    "%s: it is named, what to do is said, and once it is mended the bot connects",
    async (error, words) => {
      slack = await startSlack();
      slack.token = error;
      bot = startBot({ house: open.house, slack });
      expect(await told(words)).toContain("https://api.slack.com/apps");
      expect(slack.sockets.made).toBe(0);
      slack.token = "ok";
      await told("slack: connected");
      await slack.slash("status");
      await found(() => slack.responses[0]);
    },
  );

  test("the app-level token: its own name, and the bot's token is not blamed", async () => {
    await connect({}, { appToken: "xapp-of-another-app" });
    const words = await told("SLACK_APP_TOKEN");
    expect(words).toContain("connections:write");
    expect(bot.states.some((state) => state.includes("SLACK_BOT_TOKEN"))).toBe(false);
    await found(() => slack.callsOf("apps.connections.open").length > 3);
    // The same is not told at every try.
    expect(bot.states.filter((state) => state.includes("SLACK_APP_TOKEN"))).toHaveLength(1);
  });

  test("a bot's token in the place of the app's is told apart", async () => {
    await connect({}, { appToken: BOT_TOKEN });
    expect(await told("SLACK_APP_TOKEN")).toContain("of another kind");
  });

  test("revoked while it runs, and mended", async () => {
    await connect();
    await slack.sockets.connected(2);
    slack.token = "token_revoked";
    slack.sockets.cut();
    await slack.sockets.connected(1);
    slack.sockets.cut();
    await slack.sockets.connected(0);
    await told("SLACK_BOT_TOKEN was revoked");
    slack.token = "ok";
    await slack.sockets.connected(2);
    await slack.slash("status");
    await found(() => slack.responses[0]);
  });

  test("scopes it lacks are named", async () => {
    await connect({ scopes: ["chat:write"] });
    expect(await told("lacks commands")).toContain("gatehouse slack manifest");
    await told("slack: connected");
  });

  test("Socket Mode switched off is said, and the sockets come back when it is on", async () => {
    await connect();
    await slack.sockets.connected(2);
    slack.sockets.refresh("link_disabled" as "warning");
    await told("Socket Mode is switched off");
    await told("slack: connected");
  });
});

describe("Slack itself is away", () => {
  test("it is tried again until it is there", async () => {
    slack = await startSlack();
    slack.fault({ method: "auth.test", times: 2 }, { kind: "status", status: 503, accepted: false });
    slack.fault({ method: "apps.connections.open", times: 2 }, { kind: "cut", accepted: false });
    slack.fault({ method: "apps.connections.open", times: 1 }, { kind: "rate-limit", retryAfter: 1 });
    bot = startBot({ house: open.house, slack });
    await slack.sockets.connected(2);
    expect(bot.states.filter((state) => state.includes("refuses"))).toEqual([]);
  });
});

describe("a refresh", () => {
  test("opens the new socket at once and is never without one", async () => {
    await connect();
    await slack.sockets.connected(2);
    // Each socket has thanked for something: both hear.
    await slack.slash("me");
    await slack.slash("me");
    const before = slack.sockets.made;
    let least = 2;
    slack.sockets.refresh();
    await found(() => {
      least = Math.min(least, slack.sockets.count);
      return slack.sockets.made > before && slack.sockets.count === 2;
    });
    expect(least).toBeGreaterThanOrEqual(1);
    expect(bot.states.filter((state) => state === "slack: connecting")).toHaveLength(1);
  });

  test("in the middle of commands loses none: the old socket is heard until the new one is", async () => {
    await connect();
    await slack.sockets.connected(2);
    const keys = [];
    for (let count = 0; count < 20; count += 1) keys.push(await added(open.house));
    const typed = keys.map((key, index) => {
      const acked = slack.slash(`prioritize ${key} P1`);
      if (index % 5 === 2) slack.sockets.refresh();
      return acked;
    });
    expect((await Promise.all(typed)).map(({ acked }) => acked)).not.toContain(false);
    await found(() => slack.responses.length >= keys.length);
    const priorities = await Promise.all(
      keys.map(async (key) => (await open.house.queue.task(key))?.task.priority),
    );
    expect(new Set(priorities)).toEqual(new Set(["P1"]));
    expect(new Set(answers(slack)).size).toBe(keys.length);
  });

  test("of both at once is mended as well", async () => {
    await connect();
    await slack.sockets.connected(2);
    slack.fault(
      { method: "apps.connections.open", times: 4 },
      { kind: "status", status: 503, accepted: false },
    );
    slack.sockets.cut();
    await slack.sockets.connected(1);
    slack.sockets.cut();
    await slack.sockets.connected(0);
    await slack.sockets.connected(2);
    await slack.slash("status");
    await found(() => slack.responses[0]);
  });
});
