import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { discordMessages } from "../../adapters/chat/discord/messages.ts";
import type { PlatformMessages } from "../../src/ports/chat-messages.ts";
import { type Discord, startDiscord } from "./server.ts";

let discord: Discord;
let messages: PlatformMessages;
let by: string;

async function begin(messageContent: boolean): Promise<void> {
  discord = await startDiscord({ messageContent });
  const { url: apiUrl, token, world } = discord;
  messages = discordMessages({ token, apiUrl, guild: world.guild.id });
  by = world.member("mara");
}
const link = (channel: string, message: string, guild = discord.world.guild.id, host = "discord.com") =>
  `https://${host}/channels/${guild}/${channel}/${message}`;

describe("with the intent to read what people write", () => {
  beforeAll(() => begin(true));
  afterAll(() => discord.close());

  test("only the plain links of the configured server are permalinks", () => {
    const [channel, message] = ["100000000000000001", "100000000000000002"];
    for (const host of ["discord.com", "ptb.discord.com", "canary.discord.com"])
      expect(messages.recognises(link(channel, message, undefined, host))).toBe(true);
    for (const other of [
      link(channel, message, "100000000000000009"),
      link(channel, message, undefined, "discord.com.evil.example"),
      link("@me", message),
      `${link(channel, message)}?x`,
      `${link(channel, message)}#x`,
      link(channel, message).replace("https", "http"),
    ])
      expect(messages.recognises(other)).toBe(false);
  });

  test("a message is what Discord says it is now", async () => {
    const { channel, people } = discord;
    const message = people.message("released 1.2", { by, channel });
    const found = await messages.find(link(channel, message));
    expect(found).toMatchObject({
      id: message,
      channel,
      author: by,
      bot: false,
      text: "released 1.2",
      editedAt: null,
    });
    people.editMessage("released 1.3", { channel, message });
    expect((await messages.find(link(channel, message)))?.editedAt).toBeGreaterThan(0);
    people.deleteMessage({ channel, message });
    expect(await messages.find(link(channel, message))).toBeNull();
  });

  test("a message in a thread counts as one of the thread's channel", async () => {
    const { channel, people } = discord;
    const head = people.message("head", { by, channel });
    const thread = people.startThread("talk", { channel, message: head });
    const below = people.message("below", { by, channel: thread });
    expect(await messages.find(link(thread, below))).toMatchObject({ id: below, channel, text: "below" });
  });

  test("no such channel and another server's are no message; a channel the bot may not see is trouble", async () => {
    const { channel, people, world } = discord;
    expect(await messages.find(link("100000000000000001", "100000000000000002"))).toBeNull();
    const elsewhere = world.channel("elsewhere", { guild: "100000000000000009" }).id;
    expect(await messages.find(link(elsewhere, people.message("x", { by, channel: elsewhere })))).toBeNull();
    const hidden = world.channel("hidden").id;
    const message = people.message("x", { by, channel: hidden });
    world.deny(hidden, "ViewChannel");
    await expect(messages.find(link(hidden, message))).rejects.toMatchObject({ code: "locked-out" });
    expect(await messages.find(link(channel, message))).toBeNull();
  });
});

describe("without it", () => {
  beforeAll(() => begin(false));
  afterAll(() => discord.close());

  test("a message whose words are kept from the bot is no verdict, but trouble that says what to grant", async () => {
    const { channel, people, world } = discord;
    const message = people.message("released", { by, channel });
    await expect(messages.find(link(channel, message))).rejects.toThrow(/Message Content intent/);
    const named = people.message(`<@${world.bot.id}> released`, { by, channel });
    expect(await messages.find(link(channel, named))).toMatchObject({ text: `<@${world.bot.id}> released` });
  });
});
