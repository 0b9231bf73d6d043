import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { userGroups } from "../../adapters/chat/slack/receive/groups.ts";
import { webClient } from "../../adapters/chat/slack/receive/web.ts";
import { assignTask } from "../../src/commands/assign-task.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, OPERATOR, well } from "../support/story.ts";
import { BOT_TOKEN, type SlackStandIn, startSlack } from "./server.ts";
import { answers, found, type RunningBot, startBot } from "./support/bot.ts";

// A person's own page in Slack, and who may do what there.

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

const openHome = (user = "U0ADA") =>
  slack.event({ type: "app_home_opened", user, channel: `D${user.slice(1)}`, tab: "home", event_ts: "1.1" });
const homeOf = (user = "U0ADA") => [...slack.views.values()].find((view) => view.user === user);
const wordsOf = (user?: string): string => JSON.stringify(homeOf(user)?.view["blocks"] ?? []);
const publishes = () => slack.callsOf("views.publish").filter(({ answer }) => answer === "ok").length;
const ASKED = { kind: "question", reason: "Two fonts", choices: ["Serif", "Sans"] };

test("shows what waits for me by name first, then what waits for anybody, and the lanes", async () => {
  const mine = await added(open.house, { title: "Mine" });
  const any = await added(open.house, { title: "Anybody's" });
  well(await blockTask(open.house, { key: any, ...ASKED, question: "Which <!channel> font?" }, OPERATOR));
  well(await blockTask(open.house, { key: mine, ...ASKED, question: "Which font?" }, OPERATOR));
  well(await assignTask(open.house, { key: mine, owner: "person:slack:U0ADA" }, OPERATOR));
  await openHome();
  await found(() => homeOf());
  const words = wordsOf();
  expect(words.indexOf(mine)).toBeGreaterThan(words.indexOf("What needs me"));
  expect(words.indexOf(mine)).toBeLessThan(words.indexOf("What waits for anybody"));
  expect(words.indexOf(any)).toBeGreaterThan(words.indexOf("What waits for anybody"));
  expect(words).toContain("builder: 0 of 100 at work");
  // Nothing anybody wrote is a mark of Slack's here: there is no mrkdwn on the page at all.
  expect(words).toContain("Which <!channel> font?");
  expect(words).not.toContain('"mrkdwn"');
});

test("my tasks are those I did something about, while they are not over", async () => {
  const [touched, cancelled, others] = [
    await added(open.house),
    await added(open.house),
    await added(open.house),
  ];
  for (const [key, line] of [
    [touched, "prioritize"],
    [cancelled, "prioritize"],
  ] as const) {
    await slack.slash(`${line} ${key} P1`);
  }
  await found(() => slack.responses.length === 2);
  well(await cancelTask(open.house, { key: cancelled, reason: "not needed" }, OPERATOR));
  await openHome();
  await found(() => homeOf());
  expect(wordsOf()).toContain(`${touched} Cut the clip — queued, P1`);
  expect(wordsOf()).not.toContain(`${cancelled} Cut the clip`);
  expect(wordsOf()).not.toContain(`${others} Cut the clip`);
});

test("what is pressed there is answered in the conversation with the bot, and the page shows what came of it", async () => {
  const key = await added(open.house);
  well(await blockTask(open.house, { key, ...ASKED, question: "Which font?" }, OPERATOR));
  slack.workspace.addChannel({ id: "D0ADA", is_private: true });
  await openHome();
  const home = await found(() => homeOf());
  const choice = home.view["blocks"]
    .flatMap((block: any) => block.elements ?? [])
    .find((element: any) => element.text?.text === "Serif");
  await slack.action(choice, { view: home.id });
  const answer = await found(() => slack.messages("D0ADA")[0]);
  expect(answer.text).toBe(`${key} is back in the queue. Answer: Serif`);
  await found(() => !wordsOf().includes("Which font?"));
});

test("is drawn anew when something changes, many changes as one, and not where it would say the same", async () => {
  await openHome();
  await found(() => homeOf());
  const before = publishes();
  const keys: string[] = [];
  for (let count = 0; count < 10; count += 1) keys.push(await added(bot.house));
  for (const key of keys)
    well(await blockTask(bot.house, { key, ...ASKED, question: "Which font?" }, OPERATOR));
  await found(() => keys.every((key) => wordsOf().includes(key)));
  expect(publishes() - before).toBeLessThan(20);
});

test("is nobody else's: a viewer's page is drawn for the viewer", async () => {
  await openHome("U0BEN");
  await found(() => homeOf("U0BEN"));
  expect(wordsOf("U0BEN")).toContain("You are person:slack:U0BEN, viewer.");
  expect(homeOf("U0ADA")).toBeUndefined();
});

describe("roles by user group", () => {
  const prioritize = async (user: string) => {
    const key = await added(open.house);
    await slack.slash(`prioritize ${key} P1`, { user });
    const before = slack.responses.length;
    await found(() => slack.responses.length > before);
    return answers(slack).at(-1) ?? "";
  };
  beforeEach(async () => {
    slack.workspace.groups.set("S0OPS", { id: "S0OPS", handle: "ops", users: ["U0BEN"] });
    const ops = { platform: "slack", sort: "group", subject: "S0OPS", role: "operator" } as const;
    await open.house.roles.grant(ops, OPERATOR.actor);
  });

  test("whoever is in it may, whoever is not may not", async () => {
    expect(await prioritize("U0BEN")).toContain("is P1 now");
    slack.workspace.users.set("U0EVE", { id: "U0EVE", name: "ops" });
    expect(await prioritize("U0EVE")).toContain("role");
  });

  test("where Slack does not tell, it is denied, and allowed again once it tells", async () => {
    slack.fault({ method: "usergroups.list" }, { kind: "error", error: "internal_error" });
    expect(await prioritize("U0BEN")).toContain("role");
    expect(await prioritize("U0BEN")).toContain("is P1 now");
  });

  test("are asked for once for everybody, and never for a minute the same", async () => {
    let now = 0;
    const settings = {
      botToken: BOT_TOKEN,
      appToken: undefined,
      signingSecret: undefined,
      apiUrl: slack.apiUrl,
    };
    const groups = userGroups(
      () => webClient(settings),
      () => now,
    );
    await Promise.all(["U0BEN", "U0ADA", "U0BEN"].map((user) => groups(user)));
    expect(slack.callsOf("usergroups.list")).toHaveLength(1);
    slack.workspace.groups.set("S0OPS", { id: "S0OPS", handle: "ops", users: [] });
    now = 19_999;
    expect(await groups("U0BEN")).toEqual(["S0OPS"]);
    now = 20_000;
    expect(await groups("U0BEN")).toEqual([]);
    now = 40_000;
    slack.scopes.delete("usergroups:read");
    await expect(groups("U0BEN")).rejects.toThrow(Trouble);
  });
});
