import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { House } from "../../src/commands/house.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR, TRUE_COMMAND } from "../support/story.ts";
import { type Discord, startDiscord } from "./server.ts";
import { found, type RunningBot, startBot, wordsOf } from "./support/bot.ts";

// The gateway promises no order, and a card stands on Discord a moment before the bot has written down where: what comes
// at the wrong moment says nothing old, is done once, and is not lost.

let open: TestHouse;
let discord: Discord;
let bot: RunningBot;
let mia: string;
/** Resolves when the bot may write down what became of its posts. */
let recorded: PromiseWithResolvers<void>;

beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  discord = await startDiscord({ messageContent: true });
  mia = discord.world.member("mia");
  const grant = { platform: "discord", sort: "person", subject: mia, role: "operator" } as const;
  await open.house.roles.grant(grant, OPERATOR.actor);
  await open.house.channels.setChannel({ platform: "discord", name: discord.channel }, {});
  recorded = Promise.withResolvers();
  recorded.resolve();
  bot = startBot({ house: slowToRecord(open.house), discord });
  await found(() => discord.world.commands.size > 0);
});
afterEach(async () => {
  recorded.resolve();
  await bot.stop();
  expect(bot.broken).toEqual([]);
  await discord.close();
  await open.close();
});

function slowToRecord(house: House): House {
  const sent: House["outbox"]["sent"] = async (delivery, anchor) => {
    await recorded.promise;
    await house.outbox.sent(delivery, anchor);
  };
  return { ...house, outbox: { ...house.outbox, sent } };
}

const there = (channel = discord.channel) => ({ by: mia, channel });
const proofsOf = async (key: string) => (await open.house.queue.task(key))?.proofs.map(({ uri }) => uri);
const count = async (key: string, kind: string) =>
  (await open.house.log.events({ after: 0, task: key, limit: 100 })).filter((one) => one.kind === kind)
    .length;

async function working(): Promise<string> {
  const key = await added(bot.house, { requirements: [TRUE_COMMAND, { name: "report", kind: "file" }] });
  await claimed(bot.house);
  return key;
}
const standing = (key: string) =>
  found(() => discord.people.messages(discord.channel).find((one) => wordsOf(one).includes(key)));

async function cardThread(): Promise<{ readonly key: string; readonly thread: string }> {
  const key = await working();
  const card = await found(async () =>
    (await open.house.outbox.cards("discord", 10)).find(({ task }) => task === key),
  );
  return {
    key,
    thread: discord.people.startThread("about it", { channel: discord.channel, message: card.anchor }),
  };
}

type Packet = readonly [event: string, data: object];

/** Keeps what Discord would tell while something is done; answers with what it kept. */
function held(act: () => void): readonly Packet[] {
  const real = discord.gateway.dispatch.bind(discord.gateway);
  const packets: Packet[] = [];
  discord.gateway.dispatch = (event, data) => void packets.push([event, data]);
  act();
  discord.gateway.dispatch = real;
  return packets;
}

/** Tells each of them three times, in this order. */
function tell(...packets: readonly (Packet | undefined)[]): void {
  for (const packet of packets)
    for (let time = 0; time < 3; time += 1) if (packet !== undefined) discord.gateway.dispatch(...packet);
}

/** Resolves when everything that was told has been handled: what is typed now is answered behind it. */
async function handled(thread: string): Promise<void> {
  const before = discord.people.messages(discord.channel).length;
  discord.people.message(`<@${discord.world.bot.id}> help`, there(thread));
  await found(() => discord.people.messages(discord.channel).length >= before + 2);
  await found(async () => (await open.house.inbox.dueInMs(["discord"])) === null);
}

describe("told in another order than it happened, and each three times", () => {
  test("an edit before its message is the message, which then says nothing old", async () => {
    const { key, thread } = await cardThread();
    let id = "";
    const [created, edited] = held(() => {
      id = discord.people.message("report: file:wrong.txt", there(thread));
      discord.people.editMessage("report: file:right.txt", { channel: thread, message: id });
    });
    expect([created?.[0], edited?.[0]]).toEqual(["MESSAGE_CREATE", "MESSAGE_UPDATE"]);
    tell(edited, created);
    await handled(thread);
    expect(await proofsOf(key)).toEqual(["file:right.txt"]);
    expect(await count(key, "proof.attached")).toBe(1);
  });

  test("a deletion before its message leaves nothing to attach", async () => {
    const { key, thread } = await cardThread();
    const packets = held(() => {
      const id = discord.people.message("report: file:wrong.txt", there(thread));
      discord.people.deleteMessage({ channel: thread, message: id });
    });
    tell(packets[1], packets[0]);
    await handled(thread);
    expect(await proofsOf(key)).toEqual([]);
  });

  test("in their order a message, its edit and its deletion attach each link once and leave no proof", async () => {
    const { key, thread } = await cardThread();
    const packets = held(() => {
      const id = discord.people.message("report: file:one.txt", there(thread));
      discord.people.editMessage("report: file:two.txt", { channel: thread, message: id });
      discord.people.deleteMessage({ channel: thread, message: id });
    });
    tell(...packets);
    await handled(thread);
    const facts = await open.house.queue.task(key);
    expect(facts?.proofs.map(({ verdict }) => verdict).filter((verdict) => verdict !== "failed")).toEqual([]);
    expect(await count(key, "proof.attached")).toBe(2);
  });

  test("a press is run once", async () => {
    const key = await added(bot.house);
    const asked = await discord.people.command("gate cancel", { task: key, reason: "not wanted" }, there());
    const real = discord.gateway.dispatch.bind(discord.gateway);
    discord.gateway.dispatch = (event, data) => {
      for (let time = 0; time < 3; time += 1) real(event, data);
    };
    await discord.people.button({ label: "Yes, do it" }, { ...there(), message: asked.original!.id });
    await found(async () => (await open.house.queue.task(key))?.task.status === "cancelled");
    expect(await count(key, "task.cancelled")).toBe(1);
  });
});

describe("before it is written down where a card stands", () => {
  test("a link below it waits, and is attached", async () => {
    recorded = Promise.withResolvers();
    const key = await working();
    const card = await standing(key);
    discord.people.message("report: file:out.txt", { ...there(), repliesTo: card.id });
    await found(async () => (await open.house.inbox.dueInMs(["discord"])) !== null);
    await found(async () => ((await open.house.inbox.dueInMs(["discord"])) ?? 0) > 0);
    expect(await proofsOf(key)).toEqual([]);
    recorded.resolve();
    await found(async () => (await proofsOf(key))?.length === 1);
    expect(await proofsOf(key)).toEqual(["file:out.txt"]);
  });

  test("a command in its thread knows its task all the same", async () => {
    recorded = Promise.withResolvers();
    const key = await working();
    const card = await standing(key);
    const thread = discord.people.startThread("about it", { channel: discord.channel, message: card.id });
    const typing = discord.people.command(
      "gate prove",
      { link: "file:out.txt", requirement: "report" },
      there(thread),
    );
    recorded.resolve();
    expect(wordsOf(await (await typing).settled())).toContain(`Attached to ${key}`);
  });

  test("a press on it is done", async () => {
    recorded = Promise.withResolvers();
    const key = await working();
    const card = await standing(key);
    const opened = await discord.people.button({ label: "Attach proof…" }, { ...there(), message: card.id });
    expect(JSON.stringify(opened.first.data)).toContain(key);
    await discord.people.modal(opened, { words: "file:out.txt", requirement: ["report"] });
    await found(async () => (await proofsOf(key))?.length === 1);
  });

  test("talk below somebody else's message is left alone, and nothing waits for it", async () => {
    await cardThread();
    const theirs = discord.people.message("lunch?", there());
    discord.people.message("gladly", { ...there(), repliesTo: theirs });
    await found(async () => (await open.house.inbox.lastReceived("discord")) !== null);
    await found(async () => (await open.house.inbox.dueInMs(["discord"])) === null);
  });
});
