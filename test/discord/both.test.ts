import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { slackPlatform } from "../../adapters/chat/slack/platform.ts";
import { AUTO_COMPLETE } from "../../src/core/notice.ts";
import { BOT_TOKEN, type SlackStandIn, startSlack } from "../slack/server.ts";
import { answers, newReceiver } from "../slack/support/bot.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR, proved, submitted, TRUE_COMMAND, verified } from "../support/story.ts";
import { type Discord, startDiscord } from "./server.ts";
import { found, type RunningBot, startBot, wordsOf } from "./support/bot.ts";

// One bot on Slack and on Discord at once, each with its own client on its own stand-in: what is done on one is seen on the
// other, and people are counted, not accounts.

const CHANNEL = "C0GENERAL";
const ADA = "U0ADA";
let open: TestHouse;
let slack: SlackStandIn;
let discord: Discord;
let bot: RunningBot;
let mia: string;

beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  slack = await startSlack({ rates: false });
  discord = await startDiscord({ messageContent: true });
  mia = discord.world.member("mia");
  for (const [platform, subject] of [
    ["slack", ADA],
    ["discord", mia],
  ] as const)
    await open.house.roles.grant({ platform, sort: "person", subject, role: "operator" }, OPERATOR.actor);
  await open.house.channels.setChannel({ platform: "slack", name: CHANNEL }, {});
  await open.house.channels.setChannel({ platform: "discord", name: discord.channel }, {});
  const began = Date.now();
  const onSlack = slackPlatform({
    botToken: BOT_TOKEN,
    apiUrl: slack.apiUrl,
    timezone: "UTC",
    tell: () => undefined,
    // Runs a thousand times as fast: it never has to wait for its turn in a channel.
    clock: { now: () => began + (Date.now() - began) * 1000, sleep: () => Promise.resolve() },
  });
  bot = startBot({ house: open.house, discord, platforms: [onSlack], receivers: [newReceiver(slack)] });
  await slack.sockets.connected(2);
  await found(() => discord.world.commands.size > 0);
});
afterEach(async () => {
  await bot.stop();
  expect(bot.broken).toEqual([]);
  await discord.close();
  await slack.close();
  await open.close();
});

const there = (by = mia) => ({ by, channel: discord.channel });
const discordSays = () => discord.people.messages(discord.channel);
const slackSays = () => slack.messages(CHANNEL);
/** All that a message of Slack's shows. */
const shown = (message: { readonly text: string; readonly blocks: readonly unknown[] }) =>
  `${message.text}\n${JSON.stringify(message.blocks)}`;
const onDiscord = (...words: readonly string[]) =>
  found(() => discordSays().find((one) => words.every((word) => wordsOf(one).includes(word))));
const onSlack = (...words: readonly string[]) =>
  found(() => slackSays().find((one) => words.every((word) => shown(one).includes(word))));
/** What a line typed on Slack is answered. */
async function typedOnSlack(line: string, user = ADA): Promise<string> {
  const before = answers(slack).length;
  await slack.slash(line, { user });
  await found(() => answers(slack).length > before);
  return answers(slack)[before] ?? "";
}
async function typedOnDiscord(path: string, options: Record<string, string | boolean>, by = mia) {
  const typed = await discord.people.command(path, options, there(by));
  return wordsOf(await typed.settled());
}
const status = async (key: string) => (await open.house.queue.task(key))?.task.status;

test("what is acknowledged on Slack is said on Discord's card as well, with who looks after it", async () => {
  const key = await added(bot.house);
  const mara = discord.world.member("mara");
  discord.people.message(`${AUTO_COMPLETE} ${key}`, { by: mara, channel: discord.channel });
  const card = await onDiscord("I look after it");
  const [id = ""] = /(?<=#)\d+/u.exec(wordsOf(card)) ?? [];
  const twin = await onSlack(`#${id} `, "I look after it");
  expect(await typedOnSlack(`ack ${id} asking who wrote it`)).toContain(`#${id}`);
  const words = await found(() => {
    const now = discordSays().find((one) => one.id === card.id);
    return now !== undefined && wordsOf(now).includes("looks after it:") && wordsOf(now);
  });
  expect(words).toContain(`person:slack:${ADA}`);
  expect(words).toContain("asking who wrote it");
  await found(() => slackSays().some((one) => one.ts === twin.ts && shown(one).includes("looked after")));
  expect(discordSays().filter((one) => wordsOf(one).includes(`#${id} `))).toHaveLength(1);
});

test("what is acknowledged on Discord is said on Slack's card as well", async () => {
  const key = await added(bot.house);
  const mara = discord.world.member("mara");
  discord.people.message(`${AUTO_COMPLETE} ${key}`, { by: mara, channel: discord.channel });
  const card = await onDiscord("I look after it");
  const [id = ""] = /(?<=#)\d+/u.exec(wordsOf(card)) ?? [];
  const twin = await onSlack(`#${id} `, "I look after it");
  await discord.people.button({ label: "I look after it" }, { ...there(), message: card.id });
  const words = await found(() => {
    const now = slackSays().find((one) => one.ts === twin.ts);
    return now !== undefined && shown(now).includes("looked after") && shown(now);
  });
  expect(words).toContain(`person:discord:${mia}`);
});

describe("proof", () => {
  const REPORT = { name: "report", kind: "file" } as const;

  /** A task under way, with its card on both, and its work left where a link finds it. */
  async function underWay() {
    const key = await added(bot.house, { requirements: [REPORT] });
    await claimed(bot.house);
    mkdirSync(open.proofs, { recursive: true });
    writeFileSync(join(open.proofs, "out.txt"), "done");
    const cardOn = (platform: string) =>
      found(
        async () => (await open.house.outbox.cards(platform, 10)).find(({ task }) => task === key)?.anchor,
      );
    return { key, slackCard: await cardOn("slack"), discordCard: await cardOn("discord") };
  }

  /** Both cards say done, in place, and both channels hear of it once. */
  async function closedOnBoth({ key, slackCard, discordCard }: Awaited<ReturnType<typeof underWay>>) {
    await verified(bot.house);
    expect(await status(key)).toBe("done");
    await found(() =>
      discordSays().some((one) => one.id === discordCard && wordsOf(one).includes("**done**")),
    );
    await found(() => slackSays().some((one) => one.ts === slackCard && /\bdone\b/u.test(shown(one))));
    const announced = (text: string) => text.includes(`AUTO-COMPLETE ${key}`);
    await onDiscord(`AUTO-COMPLETE ${key}`);
    await onSlack(`AUTO-COMPLETE ${key}`);
    expect(discordSays().filter((one) => announced(wordsOf(one)))).toHaveLength(1);
    expect(slackSays().filter((one) => announced(one.text))).toHaveLength(1);
  }

  test("replied below Slack's card closes the card on Discord", async () => {
    const cards = await underWay();
    const { event } = slack.write("here: `file:out.txt`", { thread: cards.slackCard, user: ADA });
    await slack.event(event);
    await found(async () => (await open.house.queue.task(cards.key))?.proofs.length === 1);
    await closedOnBoth(cards);
  });

  test("replied below Discord's card closes the card on Slack", async () => {
    const cards = await underWay();
    discord.people.message("file:out.txt", { ...there(), repliesTo: cards.discordCard });
    await found(async () => (await open.house.queue.task(cards.key))?.proofs.length === 1);
    await closedOnBoth(cards);
  });
});

describe("two accounts of one person", () => {
  const code = (said: string) => /code is (\w+)\./u.exec(said)?.[1] ?? said;

  /** Waits for the approval of two people. */
  async function waiting(): Promise<string> {
    const requirements = [TRUE_COMMAND, { name: "review", kind: "human", approvers: 2 }] as const;
    const key = await added(bot.house, { requirements: [...requirements] });
    const held = await claimed(bot.house);
    await proved(bot.house, held);
    await submitted(bot.house, held);
    await verified(bot.house);
    return key;
  }

  async function countAsOne(key: string): Promise<void> {
    const first = await discord.people.command("gate approve", { task: key }, there());
    expect(wordsOf(await first.settled())).toContain(`You approved ${key}`);
    expect(await typedOnSlack(`approve ${key}`)).toContain("already-approved");
    await verified(bot.house);
    expect(await status(key)).toBe("verifying");
    const kim = discord.world.member("kim");
    await open.house.roles.grant(
      { platform: "discord", sort: "person", subject: kim, role: "operator" },
      OPERATOR.actor,
    );
    const second = await discord.people.command("gate approve", { task: key }, there(kim));
    expect(wordsOf(await second.settled())).toContain(`You approved ${key}`);
    await verified(bot.house);
    expect(await status(key)).toBe("done");
  }

  test("linked by a code of Slack's that is entered on Discord, approve once", async () => {
    const key = await waiting();
    const given = code(await typedOnSlack("me --link"));
    expect(await typedOnDiscord("gate me", { code: given })).toContain(`person:slack:${ADA}`);
    expect(await typedOnDiscord("gate me", {})).toContain(`person:slack:${ADA}`);
    await countAsOne(key);
  });

  test("linked by a code of Discord's that is entered on Slack, approve once", async () => {
    const key = await waiting();
    const asked = await discord.people.command("gate me", { link: true }, there());
    expect(asked.ephemeral).toBe(true);
    const given = code(wordsOf(await asked.settled()));
    expect(await typedOnSlack(`me --link ${given}`)).toContain(`person:discord:${mia}`);
    expect(await typedOnSlack("me")).toContain(`person:discord:${mia}`);
    await countAsOne(key);
  });

  test("not linked are two", async () => {
    const key = await waiting();
    await typedOnDiscord("gate approve", { task: key });
    expect(await typedOnSlack(`approve ${key}`)).toContain(`You approved ${key}`);
    await verified(bot.house);
    expect(await status(key)).toBe("done");
  });
});
