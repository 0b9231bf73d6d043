import { afterEach, beforeEach, expect, test } from "vitest";
import { localPlatform } from "../../adapters/chat/local/platform.ts";
import type { Json } from "../../src/core/json.ts";
import type { ChatReceiver, Heard } from "../../src/ports/chat-receiver.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, OPERATOR } from "../support/story.ts";
import { type Discord, startDiscord } from "./server.ts";
import { found, type RunningBot, startBot, wordsOf } from "./support/bot.ts";

// Discord and another chat at once. The other one's events are what they mean, and its messages are the local chat's.

const OTHER = "local";
let open: TestHouse;
let discord: Discord;
let bot: RunningBot;

beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  discord = await startDiscord({ messageContent: true });
  await open.house.channels.setChannel({ platform: "discord", name: discord.channel }, {});
  const grant = { platform: OTHER, sort: "person", subject: "kim", role: "operator" } as const;
  await open.house.roles.grant(grant, OPERATOR.actor);
  const other: ChatReceiver = {
    name: OTHER,
    run: () => Promise.resolve(),
    read: (payload) => payload as unknown as Heard,
    answer: () => Promise.resolve(),
    groups: () => Promise.resolve([]),
  };
  const platforms = [localPlatform(open.store.localChat)];
  bot = startBot({ house: open.house, discord, platforms, receivers: [other] });
  await found(() => discord.world.commands.size > 0);
});
afterEach(async () => {
  await bot.stop();
  await discord.close();
  await open.close();
});

test("what is acknowledged on one platform is said on the other's card, with who looks after it", async () => {
  const key = await added(bot.house);
  const mara = discord.world.member("mara");
  discord.people.message(`🔵🔵🔵 AUTO-COMPLETE ${key}`, { by: mara, channel: discord.channel });
  const card = await found(() =>
    discord.people.messages(discord.channel).find((one) => wordsOf(one).includes("I look after it")),
  );
  const [id = ""] = /(?<=#)\d+/u.exec(wordsOf(card)) ?? [];
  const person = { platform: OTHER, id: "kim", groups: null };
  const line = `/gate ack ${id} "asking who wrote it"`;
  const heard: Heard = { kind: "line", person, channel: "gatehouse", line, confirmed: false };
  await open.house.inbox.receive({
    platform: OTHER,
    event: "e1",
    thread: null,
    payload: JSON.parse(JSON.stringify(heard)) as Json,
  });
  // Something else that arrives has the inbox looked through at once.
  discord.people.message(`<@${discord.world.bot.id}> status`, { by: mara, channel: discord.channel });
  const words = await found(() => {
    const now = discord.people.messages(discord.channel).find((one) => one.id === card.id);
    return now !== undefined && wordsOf(now).includes("looks after it:") && wordsOf(now);
  });
  expect(words).toContain("kim");
  expect(words).toContain("asking who wrote it");
  expect(
    discord.people.messages(discord.channel).filter((one) => wordsOf(one).includes(`#${id} `)),
  ).toHaveLength(1);
});
