import { afterEach, beforeEach, expect, test } from "vitest";
import { postDigests } from "../../src/commands/post-digests.ts";
import { postHeartbeats } from "../../src/commands/post-heartbeats.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import { tellContradictions } from "../../src/commands/tell-contradictions.ts";
import { watchQueue } from "../../src/commands/watch-queue.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, completed, OPERATOR, well } from "../support/story.ts";
import { type Discord, startDiscord } from "./server.ts";
import { found, type RunningBot, startBot, wordsOf } from "./support/bot.ts";

// Whom the bot makes a sound for: nobody, unless a channel asked to have a role pinged where something escalates.

const HOUR = 3_600_000;
let open: TestHouse;
let discord: Discord;
let bot: RunningBot;
let mia: string;
let crew: string;

beforeEach(async () => {
  open = await openTestHouse({ startAt: Date.UTC(2026, 2, 30, 9) });
  await seedRoster(open.house);
  discord = await startDiscord({ messageContent: true });
  mia = discord.world.member("mia");
  crew = discord.world.role("crew", [], discord.world.nextId(), true);
  const grant = { platform: "discord", sort: "person", subject: mia, role: "operator" } as const;
  await open.house.roles.grant(grant, OPERATOR.actor);
  await open.house.channels.setChannel({ platform: "discord", name: discord.channel }, {});
  bot = startBot({ house: open.house, discord });
  await found(() => discord.world.commands.size > 0);
});
afterEach(async () => {
  await bot.stop();
  expect(bot.broken).toEqual([]);
  await discord.close();
  await open.close();
});

/** Everything that stands in the channel and below it, with whom it pinged. */
const standing = () =>
  [...discord.world.channels.values()].flatMap(({ messages }) =>
    [...messages.values()].map((one) => ({ words: wordsOf(one), pinged: one.pinged })),
  );
const pings = () => standing().filter(({ pinged }) => pinged.length > 0);

/** One look at the queue, and everything it says delivered. */
async function look(): Promise<void> {
  await watchQueue(bot.house);
  await tellContradictions(bot.house);
  await delivered();
}
/** A task of the highest priority that nobody takes, and another that was taken, and done, meanwhile. */
async function starved(): Promise<void> {
  const other = await added(bot.house);
  const key = await added(bot.house);
  open.clock.advance(1);
  expect(await completed(bot.house)).toBe(other);
  well(await prioritizeTask(bot.house, { key, priority: "P0" }, OPERATOR));
}
async function delivered(): Promise<void> {
  await found(async () => (await open.house.outbox.dueInMs(["discord"])) === null);
}

test("the role a channel named is pinged when something escalates, once, and by nothing else the bot says", async () => {
  const typed = await discord.people.command(
    "gate subscribe",
    { ping: `<@&${crew}>` },
    { by: mia, channel: discord.channel },
  );
  expect(wordsOf(await typed.settled())).toContain(`pinging role ${crew}`);
  await starved();
  await delivered();
  // Told first, and escalated once it has stood for long.
  for (let hour = 0; hour < 8 && pings().length === 0; hour += 1) {
    open.clock.advance(HOUR);
    await postHeartbeats(bot.house);
    await postDigests(bot.house);
    await look();
  }
  expect(pings()).toMatchObject([{ pinged: [`&${crew}`], words: expect.stringContaining("escalated") }]);
  const kinds = (await open.house.outbox.notices({ after: 0, limit: 100 })).map(({ kind }) => kind);
  expect(new Set(kinds)).toEqual(
    new Set(["task-card", "auto-complete", "heartbeat", "digest", "contradiction"]),
  );
  // What comes of it afterwards says so, and makes no sound.
  await claimed(bot.house);
  await look();
  await found(() => standing().some(({ words }) => words.includes("is over")));
  expect(pings()).toHaveLength(1);
});

test("without a role nothing is pinged, however far it escalates", async () => {
  await starved();
  const escalated = () => standing().some(({ words }) => words.includes("escalated"));
  for (let hour = 0; hour < 8 && !escalated(); hour += 1) {
    open.clock.advance(HOUR);
    await look();
  }
  expect(escalated()).toBe(true);
  expect(pings()).toEqual([]);
});
