import { afterEach, beforeEach, expect, test } from "vitest";
import type { ChatReceiver } from "../../src/ports/chat-receiver.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR } from "../support/story.ts";
import { type Discord, startDiscord } from "./server.ts";
import { found, type RunningBot, startBot, wordsOf } from "./support/bot.ts";

// What goes wrong between Discord and the bot: nothing that was thanked for is lost, and nothing is done twice.

let open: TestHouse;
let discord: Discord;
let bot: RunningBot | null = null;
let mia: string;

beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  discord = await startDiscord({ messageContent: true });
  mia = discord.world.member("mia");
  const grant = { platform: "discord", sort: "person", subject: mia, role: "operator" } as const;
  await open.house.roles.grant(grant, OPERATOR.actor);
  await open.house.channels.setChannel({ platform: "discord", name: discord.channel }, {});
});
afterEach(async () => {
  await bot?.stop();
  bot = null;
  await discord.close();
  await open.close();
});

async function start(more: Partial<Parameters<typeof startBot>[0]> = {}): Promise<RunningBot> {
  bot = startBot({ house: open.house, discord, ...more });
  await found(() => discord.world.commands.size > 0 && bot?.states.includes("discord: connected"));
  return bot;
}

const there = () => ({ by: mia, channel: discord.channel });
const events = async (kind: string) =>
  (await open.house.log.events({ after: 0, limit: 200 })).filter((one) => one.kind === kind);

/** Hands every event over this often. */
function handOver(times: number): void {
  const once = discord.gateway.dispatch.bind(discord.gateway);
  discord.gateway.dispatch = (event, data) => {
    for (let time = 0; time < times; time += 1) once(event, data);
  };
}

async function cardBelow(house = open.house): Promise<{ key: string; thread: string }> {
  const key = await added(house, { requirements: [{ name: "report", kind: "file" }] });
  await claimed(house);
  const card = await found(async () =>
    (await house.outbox.cards("discord", 10)).find(({ task }) => task === key),
  );
  const { world } = discord;
  const kind = { type: 11, parent: discord.channel, owner: mia, guild: world.guild.id };
  const thread = world.channel("about it", { id: card.anchor, ...kind });
  discord.gateway.dispatch("THREAD_CREATE", { ...world.channelJson(thread), newly_created: true });
  return { key, thread: card.anchor };
}

test("an event that comes three times is taken once", async () => {
  const { house } = await start();
  const { key, thread } = await cardBelow(house);
  handOver(3);
  const typed = await discord.people.command("gate prioritize", { task: key, priority: "P1" }, there());
  expect(wordsOf(await typed.settled())).toContain("P1");
  discord.people.message("file:out.txt", { by: mia, channel: thread });
  await found(async () => (await events("proof.attached")).length > 0);
  await discord.people.command("gate prioritize", { task: key, priority: "P3" }, there());
  expect(await events("task.prioritized")).toHaveLength(2);
  expect(await events("proof.attached")).toHaveLength(1);
  expect(bot?.broken).toEqual([]);
});

test("a connection that breaks while a command is on its way is taken up, and the command is answered", async () => {
  const { house } = await start();
  const key = await added(house);
  discord.gateway.drop();
  const typed = await discord.people.command("gate prioritize", { task: key, priority: "P1" }, there());
  expect(wordsOf(await typed.settled())).toContain("P1");
  expect(discord.gateway.resumed).toBe(1);
  expect(await events("task.prioritized")).toHaveLength(1);
});

test("a session Discord calls invalid and lets go on is resumed, and nothing is missed", async () => {
  const { house } = await start();
  const key = await added(house);
  discord.gateway.invalidate(true);
  const typed = await discord.people.command("gate prioritize", { task: key, priority: "P1" }, there());
  expect(wordsOf(await typed.settled())).toContain("P1");
  expect([discord.gateway.resumed, discord.gateway.identified]).toEqual([1, 1]);
  expect(await events("task.prioritized")).toHaveLength(1);
});

test("asked by Discord to come back, it does, and what was told meanwhile is handled once", async () => {
  const { house } = await start();
  const { thread } = await cardBelow(house);
  discord.gateway.reconnect();
  discord.people.message("file:out.txt", { by: mia, channel: thread });
  await found(async () => (await events("proof.attached")).length > 0);
  await found(() => discord.gateway.resumed === 1);
  expect(await events("proof.attached")).toHaveLength(1);
});

test("after a session that is over, what was written meanwhile is read back once", async () => {
  const { house } = await start();
  const { thread } = await cardBelow(house);
  discord.gateway.invalidate();
  discord.people.message("file:out.txt", { by: mia, channel: thread });
  await found(async () => (await events("proof.attached")).length > 0);
  expect(discord.gateway.identified).toBe(2);
  expect(await events("proof.attached")).toHaveLength(1);
});

test("what was written while the bot was away is read back when it starts", async () => {
  const { house } = await start();
  const { key, thread } = await cardBelow(house);
  await discord.people.command("gate show", { task: key }, there());
  await bot?.stop();
  discord.people.message("file:out.txt", { by: mia, channel: thread });
  await start();
  await found(async () => (await events("proof.attached")).length > 0);
  await bot?.stop();
  await start();
  expect(await events("proof.attached")).toHaveLength(1);
});

test("killed between keeping and answering, the next process does it once and answers what was promised", async () => {
  const key = await added(open.house);
  const dying = (receiver: ChatReceiver): ChatReceiver => ({
    ...receiver,
    // Dies with the work done and the answer promised, not given.
    answer: () => Promise.reject(new Error("killed")),
  });
  const first = await start({ wrap: dying });
  const asked = await discord.people.command("gate prioritize", { task: key, priority: "P1" }, there());
  expect([asked.first.type, asked.loading]).toEqual([5, true]);
  await first.stop();
  await start();
  expect(wordsOf(await asked.settled(15_000))).toContain("Done before");
  expect(await events("task.prioritized")).toHaveLength(1);
}, 30_000);

test("a token that is not taken is said, and tried again without hurry; the right one then connects", async () => {
  const running = startBot({ house: open.house, discord, token: "another" });
  bot = running;
  await found(() => running.states.some((state) => state.includes("DISCORD_TOKEN")));
  discord.rest.token = "another";
  await found(() => running.states.includes("discord: connected"));
  expect(discord.rest.limits.invalid).toBeLessThan(20);
});

test("a server the bot is not in is named, with the way in", async () => {
  const running = startBot({ house: open.house, discord, guildId: "100000000000000001" });
  bot = running;
  await found(() => running.states.some((state) => state.includes("gatehouse discord invite")));
  expect(discord.world.commands.size).toBe(0);
});
