import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR, verified, well } from "../support/story.ts";
import { type Discord, startDiscord } from "./server.ts";
import { found, type RunningBot, startBot, wordsOf } from "./support/bot.ts";

// Proof as people bring it on Discord: a link below a card, the menu of a message, a command; and what they change of it.

let open: TestHouse;
let discord: Discord;
let bot: RunningBot;
let mia: string;

beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  await begin(true);
});
afterEach(end);

async function begin(messageContent: boolean): Promise<void> {
  discord = await startDiscord({ messageContent });
  mia = discord.world.member("mia");
  const grant = { platform: "discord", sort: "person", subject: mia, role: "operator" } as const;
  await open.house.roles.grant(grant, OPERATOR.actor);
  await open.house.channels.setChannel({ platform: "discord", name: discord.channel }, {});
  bot = startBot({ house: open.house, discord });
  await found(() => discord.world.commands.size > 0);
}

async function end(): Promise<void> {
  await bot.stop();
  expect(bot.broken).toEqual([]);
  await discord.close();
  await open.close();
}

const REPORT = { name: "report", kind: "file" } as const;
const LOG = { name: "log", kind: "file" } as const;
const there = (channel = discord.channel) => ({ by: mia, channel });
const facts = async (key: string) => {
  const now = await open.house.queue.task(key);
  if (now === null) throw new Error(`no ${key}`);
  return now;
};
const message = (...words: readonly string[]) =>
  found(() =>
    discord.people
      .messages(discord.channel)
      .find((one) => words.every((word) => wordsOf(one).includes(word))),
  );
const reactions = (id: string) =>
  discord.people
    .messages(discord.channel)
    .find((one) => one.id === id)
    ?.reactions?.map(({ emoji }) => emoji.name) ?? [];

/** The bot's one reaction on a message is this one, at last. */
const marked = (id: string, reaction: string) =>
  expect.poll(() => reactions(id), { timeout: 25_000, interval: 5 }).toEqual([reaction]);

/** A task under way with a file to show for it, its card, and the card's thread. */
async function underWay(
  requirements: readonly object[] = [REPORT],
): Promise<{ key: string; card: string; thread: string }> {
  const key = await added(bot.house, { requirements: requirements as never });
  await claimed(bot.house);
  const card = await found(async () =>
    (await bot.house.outbox.cards("discord", 10)).find(({ task }) => task === key),
  );
  writeFileSync(join(open.proofs, "out.txt"), "done");
  return { key, card: card.anchor, thread: threadBelow(card.anchor) };
}

/** As somebody starts one in their client. */
function threadBelow(id: string): string {
  const { world } = discord;
  if (!world.channels.has(id)) {
    const parent = discord.channel;
    const thread = world.channel("about it", { id, type: 11, parent, owner: mia, guild: world.guild.id });
    discord.gateway.dispatch("THREAD_CREATE", { ...world.channelJson(thread), newly_created: true });
  }
  return id;
}

test("a link below the card is attached, checked, and completes the task, announced once", async () => {
  const { key, thread } = await underWay();
  const reply = discord.people.message("here it is: file:out.txt", there(thread));
  await marked(reply, "⏳");
  await verified(bot.house);
  await marked(reply, "✅");
  await message("🔵🔵🔵 AUTO-COMPLETE", key);
  expect((await facts(key)).task.status).toBe("done");
  const events = await open.house.log.events({ after: 0, task: key, limit: 50 });
  expect(events.filter(({ kind }) => kind === "task.completed")).toHaveLength(1);
  const announced = discord.people
    .messages(discord.channel)
    .filter((one) => wordsOf(one).includes("AUTO-COMPLETE"));
  expect(announced).toHaveLength(1);
});

test("a proof that does not hold is marked, with the reason below", async () => {
  const { thread } = await underWay();
  const reply = discord.people.message("file:nothing.txt", there(thread));
  await marked(reply, "⏳");
  await verified(bot.house);
  await marked(reply, "❌");
  expect(wordsOf(await message("❌", "report"))).toContain("nothing.txt");
});

test("a reply that was edited is checked again, and one that was deleted takes its proof along", async () => {
  const { key, thread } = await underWay([REPORT, LOG]);
  const reply = discord.people.message("report: file:nothing.txt", there(thread));
  await marked(reply, "⏳");
  await verified(bot.house);
  await marked(reply, "❌");
  discord.people.editMessage("report: file:out.txt", { channel: thread, message: reply });
  await marked(reply, "⏳");
  await verified(bot.house);
  await marked(reply, "✅");
  discord.people.deleteMessage({ channel: thread, message: reply });
  await expect.poll(async () => (await facts(key)).proofs.map(({ verdict }) => verdict)).toEqual(["failed"]);
});

test("in the card's thread a command knows its task", async () => {
  const { key, thread } = await underWay();
  const typed = await discord.people.command("gate prove", { link: "file:out.txt" }, there(thread));
  expect(wordsOf(await typed.settled())).toContain(`Attached to ${key}`);
  const offered = await discord.people.autocomplete(
    "gate prove",
    { requirement: "rep" },
    "requirement",
    there(thread),
  );
  expect(offered.first.data["choices"]).toEqual([{ name: "report · file", value: "report" }]);
});

test("“Attach as proof” asks which requirement, and answers on the message it was chosen on", async () => {
  const { key, thread } = await underWay([REPORT, LOG]);
  const target = discord.people.message("it is in file:out.txt", there(thread));
  // It fits two requirements, and by itself does not say which.
  await marked(target, "❌");
  const opened = await discord.people.messageCommand("Attach as proof", {
    ...there(thread),
    message: target,
  });
  expect(opened.first.data["title"]).toBe(`Attach as proof to ${key}`);
  await discord.people.modal(opened, { link: "file:out.txt", requirement: ["log"] });
  await verified(bot.house);
  await marked(target, "✅");
  const proofs = (await facts(key)).proofs.filter(({ requirement }) => requirement === "log");
  expect(proofs).toMatchObject([{ uri: "file:out.txt", attachedBy: `person:discord:${mia}` }]);
});

test("a message of somebody's in the channel is attached to a task that is chosen", async () => {
  const { key } = await underWay();
  const target = discord.people.message("the cut is at file:out.txt", there());
  const opened = await discord.people.messageCommand("Attach as proof", { ...there(), message: target });
  const sent = await discord.people.modal(opened, { task: [key], link: "file:out.txt" });
  expect(wordsOf(await sent.settled())).toContain(`Attached to ${key}`);
  await marked(target, "⏳");
});

test("the answer to a blocked task's question, written below its card, puts it back to the queue", async () => {
  const { key, thread } = await underWay();
  const asks = { kind: "question", reason: "Two fonts", question: "Which font?", choices: [] };
  well(await blockTask(bot.house, { key, ...asks }, OPERATOR));
  await message("Which font?");
  const reply = discord.people.message("The licensed one", there(thread));
  await marked(reply, "✅");
  expect((await facts(key)).task.status).toBe("queued");
});

test("whoever answers a card with Discord's own reply need not open its thread", async () => {
  const { key, card } = await underWay();
  const reply = discord.people.message("file:out.txt", { ...there(), repliesTo: card });
  await marked(reply, "⏳");
  expect((await facts(key)).proofs).toHaveLength(1);
});

test("the bot is named, and answers below; its own words and other programs' are no commands", async () => {
  const key = await added(bot.house);
  discord.people.message(`<@${discord.world.bot.id}> show ${key}`, there());
  await message("Accepted when");
  const other = discord.world.member("other-bot");
  const fake = discord.world.members.get(other);
  if (fake !== undefined) Object.assign(fake.user, { bot: true });
  discord.people.message(`<@${discord.world.bot.id}> prioritize ${key} P0`, {
    by: other,
    channel: discord.channel,
  });
  await message("operator");
  expect((await facts(key)).task.priority).not.toBe("P0");
});

test("without the intent of reading what people write, it says so and goes on", async () => {
  await end();
  open = await openTestHouse();
  await seedRoster(open.house);
  await begin(false);
  expect(bot.states.find((state) => state.includes("4014"))).toContain("Message Content Intent");
  const { key, thread } = await underWay();
  discord.people.message("file:unheard.txt", there(thread));
  const typed = await discord.people.command("gate prove", { link: "file:out.txt" }, there(thread));
  expect(wordsOf(await typed.settled())).toContain(`Attached to ${key}`);
  expect((await facts(key)).proofs.map(({ uri }) => uri)).toEqual(["file:out.txt"]);
});
