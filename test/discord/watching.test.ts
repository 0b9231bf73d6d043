import { afterEach, beforeEach, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import { postDigests } from "../../src/commands/post-digests.ts";
import { tellContradictions } from "../../src/commands/tell-contradictions.ts";
import { watchQueue } from "../../src/commands/watch-queue.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, completed, OPERATOR, well } from "../support/story.ts";
import { flat } from "./people.ts";
import { type Discord, startDiscord } from "./server.ts";
import { found, type RunningBot, startBot, wordsOf } from "./support/bot.ts";

// What the bot tells a channel by itself, as Discord is sent it, and what people do about it there.

const HOUR = 3_600_000;
const NINE = Date.UTC(2026, 2, 30, 9);
const ASKED = { kind: "question", reason: "Two fonts", question: "Which font?", owner: "person:local:mia" };

let open: TestHouse;
let discord: Discord;
let bot: RunningBot;
let mia: string;

async function begin(startAt?: number): Promise<void> {
  open = await openTestHouse(startAt === undefined ? {} : { startAt });
  await seedRoster(open.house);
  discord = await startDiscord({ messageContent: true });
  mia = discord.world.member("mia");
  const grant = { platform: "discord", sort: "person", subject: mia, role: "operator" } as const;
  await open.house.roles.grant(grant, OPERATOR.actor);
  await open.house.channels.setChannel({ platform: "discord", name: discord.channel }, {});
  bot = startBot({ house: open.house, discord });
  await found(() => discord.world.commands.size > 0);
}
beforeEach(() => begin());
afterEach(end);

async function end(): Promise<void> {
  await bot.stop();
  expect(bot.broken).toEqual([]);
  await discord.close();
  await open.close();
}

const there = () => ({ by: mia, channel: discord.channel });
const messages = () => discord.people.messages(discord.channel);
const message = (...words: readonly string[]) =>
  found(() => messages().find((one) => words.every((word) => wordsOf(one).includes(word))));

/** Somebody announces what the queue does not know of: that contradicts it, and is told. */
async function contradiction(): Promise<{ readonly id: number; readonly message: string }> {
  const key = await added(bot.house);
  const by = discord.world.member("mara");
  discord.people.message(`🔵🔵🔵 AUTO-COMPLETE ${key}`, { by, channel: discord.channel });
  await found(async () => (await bot.house.contradictions.standing()).length > 0);
  await watchQueue(bot.house);
  await tellContradictions(bot.house);
  const [record] = await bot.house.contradictions.standing();
  const told = await message(`#${record?.id} `, "I look after it");
  return { id: record?.id ?? 0, message: told.id };
}

test("a contradiction is left alone by choosing how long, and its message says until when", async () => {
  const { id, message: told } = await contradiction();
  const on = { ...there(), message: told };
  const before = Date.now();
  const select = flat(messages().find((one) => one.id === told)?.components ?? []).find(
    ({ type }) => type === 3,
  );
  const chosen = await discord.people.select(String(select?.["custom_id"]), ["4h"], on);
  expect(chosen.ephemeral).toBe(true);
  const { snoozedUntil = null } = (await bot.house.contradictions.get(id)) ?? {};
  expect(snoozedUntil).toBeGreaterThanOrEqual(before + 4 * HOUR);
  expect(snoozedUntil).toBeLessThanOrEqual(Date.now() + 4 * HOUR);
  const until = `Silent until <t:${Math.floor((snoozedUntil ?? 0) / 1000)}:f>`;
  const card = await message(until);
  expect(card.id).toBe(told);
  expect(messages().filter((one) => wordsOf(one).includes(`#${id} `) && one.id !== told)).toEqual([]);
  const events = await bot.house.log.events({ after: 0, limit: 100 });
  expect(events.filter(({ kind }) => kind === "contradiction.snoozed")).toMatchObject([
    { actor: `person:discord:${mia}` },
  ]);
});

test("whoever may not steer chooses in vain, and the message stays as it is", async () => {
  const { id, message: told } = await contradiction();
  const by = discord.world.member("kim");
  const select = flat(messages().find((one) => one.id === told)?.components ?? []).find(
    ({ type }) => type === 3,
  );
  const chosen = await discord.people.select(String(select?.["custom_id"]), ["7d"], {
    by,
    channel: discord.channel,
    message: told,
  });
  expect([chosen.ephemeral, wordsOf(await chosen.settled())]).toEqual([
    true,
    expect.stringContaining("operator"),
  ]);
  expect((await bot.house.contradictions.get(id))?.snoozedUntil).toBeNull();
});

test("the hour's digest says what was proved and who is needed, pings nobody, and is acted upon where it stands", async () => {
  await end();
  await begin(NINE);
  const { house } = bot;
  await added(house, { title: "Cut the clip" });
  const proved = await completed(house);
  const asking = await added(house, { title: "Set the titles" });
  well(await blockTask(house, { key: asking, ...ASKED, choices: ["Serif", "Sans"] }, OPERATOR));
  open.clock.advance(HOUR);
  await postDigests(house);
  const digest = await message("Digest ·");
  const second = (at: number) => Math.floor(at / 1000);
  expect(wordsOf(digest).split("\n")).toEqual([
    `### Digest · <t:${second(NINE)}:f> to <t:${second(NINE + HOUR)}:t>`,
    `✅ **1** proved done · ${proved}`,
    "🛡️ **0** refused",
    "⚠️ **0 contradictions** opened · 0 healed · 0 escalated · 0 recurring",
    expect.stringMatching(/^Moved: 2 added \(0 before\)/u),
    "**Needs you** · 1",
    expect.stringContaining(`⛔ **${asking}** is blocked · <t:${second(NINE)}:R>`),
    "Which font?",
    "Serif",
    "Sans",
    "Something else…",
    "Show",
  ]);
  const post = discord.rest.calls.find(({ body }) => JSON.stringify(body ?? {}).includes("Digest ·"));
  expect(post).toMatchObject({
    method: "POST",
    path: `/channels/${discord.channel}/messages`,
    body: { allowed_mentions: { parse: [] }, flags: (1 << 2) | (1 << 15) },
  });
  await discord.people.button({ label: "Sans" }, { ...there(), message: digest.id });
  const { task } = (await house.queue.task(asking)) ?? {};
  expect([task?.status, task?.block]).toEqual(["queued", null]);
  const events = await house.log.events({ after: 0, task: asking, limit: 50 });
  expect(events.at(-1)).toMatchObject({ kind: "task.unblocked", actor: `person:discord:${mia}` });
  // An hour in which only that happened tells of it in a message of its own; a quiet one edits it.
  open.clock.advance(HOUR);
  await postDigests(house);
  await found(() => messages().filter((one) => wordsOf(one).includes("Digest ·")).length === 2);
  open.clock.advance(HOUR);
  await postDigests(house);
  await message("Digest ·", "Quiet since");
  expect(messages().filter((one) => wordsOf(one).includes("Digest ·"))).toHaveLength(2);
});
