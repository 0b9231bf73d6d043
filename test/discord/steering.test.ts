import { afterEach, beforeEach, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR, TRUE_COMMAND, well } from "../support/story.ts";
import { flat } from "./people.ts";
import { type Discord, startDiscord } from "./server.ts";
import { found, type RunningBot, startBot, wordsOf } from "./support/bot.ts";

// The stories of whoever steers the queue from Discord, each from the keyboard to the queue and back.

let open: TestHouse;
let discord: Discord;
let bot: RunningBot;
let mia: string;

beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  discord = await startDiscord({ messageContent: true });
  mia = discord.world.member("mia");
  const grant = { platform: "discord", sort: "person", subject: mia, role: "operator" } as const;
  await open.house.roles.grant(grant, OPERATOR.actor);
  await open.house.channels.setChannel({ platform: "discord", name: discord.channel }, {});
  bot = startBot({ house: open.house, discord });
  await found(() => discord.world.commands.size > 0);
});
afterEach(async () => {
  await bot.stop();
  await discord.close();
  await open.close();
});

const there = (by = mia, channel = discord.channel) => ({ by, channel });
const taskOf = async (key: string) => {
  const facts = await open.house.queue.task(key);
  if (facts === null) throw new Error(`no ${key}`);
  return facts.task;
};
/** The message of the channel that says all of this, once it stands. */
const message = (...words: readonly string[]) =>
  found(() =>
    discord.people
      .messages(discord.channel)
      .find((one) => words.every((word) => wordsOf(one).includes(word))),
  );

test("a task is put before others, and everybody sees it", async () => {
  const key = await added(bot.house);
  const typed = await discord.people.command("gate prioritize", { task: key, priority: "P1" }, there());
  expect(typed.ephemeral).toBe(false);
  expect(wordsOf(typed.original!)).toContain(`${key} is P1 now.`);
  expect((await taskOf(key)).priority).toBe("P1");
  const events = await open.house.log.events({ after: 0, task: key, limit: 50 });
  expect(events.at(-1)).toMatchObject({ kind: "task.prioritized", actor: `person:discord:${mia}` });
});

test("looking is answered to the one who looks, and shared where they say so", async () => {
  const key = await added(bot.house);
  const shown = await discord.people.command("gate show", { task: key }, there());
  expect([shown.ephemeral, wordsOf(shown.original!)]).toEqual([true, expect.stringContaining(key)]);
  const shared = await discord.people.command("gate show", { task: key, share: true }, there());
  expect(shared.ephemeral).toBe(false);
});

test("whoever has no role is told which one it takes, and nothing is done", async () => {
  const key = await added(bot.house);
  const stranger = discord.world.member("stranger");
  const typed = await discord.people.command(
    "gate prioritize",
    { task: key, priority: "P1" },
    there(stranger),
  );
  expect([typed.ephemeral, wordsOf(typed.original!)]).toEqual([true, expect.stringContaining("operator")]);
  expect((await taskOf(key)).priority).not.toBe("P1");
});

test("a Discord role gives what was given to it", async () => {
  const key = await added(bot.house);
  const role = discord.world.role("crew", []);
  const grant = { platform: "discord", sort: "group", subject: role, role: "operator" } as const;
  await open.house.roles.grant(grant, OPERATOR.actor);
  const member = discord.world.member("kim", [role]);
  const typed = await discord.people.command("gate prioritize", { task: key, priority: "P2" }, there(member));
  expect(wordsOf(typed.original!)).toContain("P2");
});

test("what takes longer is promised first, for the eyes it is meant for, and then said", async () => {
  const asked = await discord.people.command("gate digest", {}, there());
  expect([asked.first.type, asked.ephemeral]).toEqual([5, true]);
  expect(wordsOf(await asked.settled())).toContain("0");
});

test("what frees or strands others is asked first, and done with a press", async () => {
  const key = await added(bot.house);
  const asked = await discord.people.command("gate cancel", { task: key, reason: "not wanted" }, there());
  expect(asked.ephemeral).toBe(true);
  expect((await taskOf(key)).status).toBe("queued");
  const on = { ...there(), message: asked.original!.id };
  const pressed = await discord.people.button({ label: "Yes, do it" }, on);
  expect(pressed.first.type).toBe(7);
  expect((await taskOf(key)).status).toBe("cancelled");
});

test("a question too long for a button is pressed as well", async () => {
  const key = await added(bot.house);
  const reason = `not wanted, ${"because ".repeat(40)}`.trim();
  const asked = await discord.people.command("gate cancel", { task: key, reason }, there());
  const on = { ...there(), message: asked.original!.id };
  await discord.people.button({ label: "Yes, do it" }, on);
  expect((await taskOf(key)).status).toBe("cancelled");
});

test("a blocked task is answered in a form that shows its question", async () => {
  const key = await added(bot.house);
  const asks = { kind: "question", reason: "Two fonts", question: "Which font?", choices: ["Serif", "Sans"] };
  well(await blockTask(bot.house, { key, ...asks }, OPERATOR));
  const opened = await discord.people.command("gate unblock", { task: key }, there());
  expect(JSON.stringify(opened.first.data)).toContain("Which font?");
  const sent = await discord.people.modal(opened, { choice: ["Sans"] });
  expect(wordsOf(await sent.settled())).toContain("Sans");
  expect((await taskOf(key)).status).toBe("queued");
});

test("the card's own button asks the same, and an old press is refused with what is true now", async () => {
  const key = await added(bot.house);
  await claimed(bot.house);
  const asks = { kind: "question", reason: "Two fonts", question: "Which font?", choices: [] };
  well(await blockTask(bot.house, { key, ...asks }, OPERATOR));
  const card = await message(key, "Which font?");
  const on = { ...there(), message: card.id };
  const old = flat(card.components ?? []).find(({ label }) => label === "Answer…");
  const grant = {
    platform: "discord",
    sort: "person",
    subject: discord.world.guild.owner,
    role: "operator",
  } as const;
  await open.house.roles.grant(grant, OPERATOR.actor);
  const opened = await discord.people.button({ label: "Answer…" }, on);
  const again = await discord.people.button(
    { customId: String(old?.["custom_id"]) },
    { ...on, by: discord.world.guild.owner },
  );
  const sent = await discord.people.modal(opened, { words: "The licensed one" });
  expect([sent.ephemeral, wordsOf(await sent.settled())]).toEqual([
    true,
    expect.stringContaining("back in the queue"),
  ]);
  const late = await discord.people.modal(again, { words: "The other one" });
  expect(wordsOf(await late.settled())).toContain("version");
  const events = await open.house.log.events({ after: 0, task: key, limit: 50 });
  expect(events.filter(({ kind }) => kind === "task.unblocked")).toHaveLength(1);
});

test("whoever may not do it is told so in place of a form, and fills in nothing", async () => {
  const key = await added(bot.house);
  await claimed(bot.house);
  const asks = { kind: "question", reason: "Two fonts", question: "Which font?", choices: [] };
  well(await blockTask(bot.house, { key, ...asks }, OPERATOR));
  const card = await message(key, "Which font?");
  const viewer = discord.world.member("viewer");
  const on = { ...there(viewer), message: card.id };
  const tries = [
    discord.people.button({ label: "Answer…" }, on),
    discord.people.command("gate unblock", { task: key }, there(viewer)),
    discord.people.messageCommand("Attach as proof", on),
  ];
  for (const tried of await Promise.all(tries)) {
    expect([tried.first.type, tried.ephemeral]).toEqual([4, true]);
    expect(wordsOf(tried.original!)).toContain("operator");
  }
});

test("two quick clicks are one", async () => {
  const key = await added(bot.house, { requirements: [TRUE_COMMAND] });
  const asked = await discord.people.command("gate cancel", { task: key, reason: "not wanted" }, there());
  const on = { ...there(), message: asked.original!.id };
  const clicks = await Promise.all([1, 2].map(() => discord.people.button({ label: "Yes, do it" }, on)));
  expect(clicks.map(({ first }) => first.type)).toEqual(expect.arrayContaining([6, 7]));
  expect((await taskOf(key)).status).toBe("cancelled");
});

test("while a task is typed, those that fit are offered, and only where the command may be used", async () => {
  const key = await added(bot.house, { title: "Cut the intro" });
  const typed = { task: "intro" };
  const offered = await discord.people.autocomplete("gate prioritize", typed, "task", there());
  expect(offered.first.data["choices"]).toEqual([{ name: `${key} · Cut the intro · queued`, value: key }]);
  const stranger = discord.world.member("stranger");
  const none = await discord.people.autocomplete("gate prioritize", typed, "task", there(stranger));
  expect(none.first.data["choices"]).toEqual([]);
});

test("a person and a channel are chosen, not spelt", async () => {
  const key = await added(bot.house);
  const asks = { kind: "question", reason: "Two fonts", question: "Which font?", choices: [] };
  well(await blockTask(bot.house, { key, ...asks }, OPERATOR));
  await discord.people.command("gate assign", { task: key, owner: mia }, there());
  expect((await taskOf(key)).block?.owner).toBe(`person:discord:${mia}`);
  const told = await discord.people.command(
    "gate subscribe",
    { kinds: "digest", channel: discord.channel },
    there(),
  );
  expect(wordsOf(told.original!)).toContain(discord.channel);
});
