import { afterEach, beforeEach, expect, test } from "vitest";
import { allChatProbes, discordInvite } from "../../adapters/chat/all.ts";
import { type Discord, type DiscordOptions, startDiscord } from "./server.ts";

let discord: Discord;
beforeEach(async () => {
  discord = await startDiscord({ messageContent: true });
});
afterEach(() => discord.close());

const SLACK = { botToken: undefined, appToken: undefined, signingSecret: undefined, apiUrl: undefined };
const settings = (more: { token?: string; guildId?: string | undefined } = {}) => ({
  slack: SLACK,
  discord: { token: discord.token, guildId: discord.world.guild.id, apiUrl: discord.url, ...more },
});
const look = async (
  more: { token?: string; guildId?: string | undefined } = {},
  channels = [discord.channel],
  ping: string | null = null,
) => {
  const [probe] = allChatProbes(settings(more));
  if (probe === undefined) throw new Error("no probe");
  return probe(channels.map((name) => ({ platform: "discord", name, ping })));
};
const anew = async (options: DiscordOptions) => {
  await discord.close();
  discord = await startDiscord(options);
};

test("all is well where it is", async () => {
  const findings = await look();
  expect(findings.map(({ name, ok }) => [name, ok])).toEqual([
    ["discord", true],
    ["discord intents", true],
    ["discord server", true],
    ["discord #general", true],
  ]);
});

test("a token that is not taken is said in plain words", async () => {
  const findings = await look({ token: "another" });
  expect(findings).toMatchObject([{ name: "discord", ok: false }]);
  expect(findings[0]?.fix).toContain("DISCORD_TOKEN");
});

test("a server the bot is not in, with those it is in", async () => {
  const findings = await look({ guildId: "100000000000000001" });
  expect(findings.at(-1)).toMatchObject({ name: "discord server", ok: false });
  expect(findings.at(-1)?.fix).toContain("A crew");
});

test("each permission a channel lacks, and channels that are gone", async () => {
  discord.world.deny(discord.channel, "AddReactions", "CreatePublicThreads");
  const findings = await look({}, [discord.channel, "100000000000000002"]);
  expect(findings.at(-2)).toMatchObject({ name: "discord #general", ok: false });
  expect(findings.at(-2)?.detail).toMatch(/CreatePublicThreads .*AddReactions/u);
  expect(findings.at(-1)).toMatchObject({ ok: false, detail: "it was deleted" });
});

test("a role to ping that hears nothing, or is gone", async () => {
  const quiet = discord.world.role("crew", []);
  const [, , , channel] = await look({}, [discord.channel], quiet);
  expect(channel).toMatchObject({ ok: false, detail: "the bot's mention of @crew makes no sound" });
  expect(channel?.fix).toContain("Allow anyone to @mention this role");
  const loud = discord.world.role("loud", [], discord.world.nextId(), true);
  expect((await look({}, [discord.channel], loud)).at(-1)).toMatchObject({ ok: true });
  const [gone] = (await look({}, [discord.channel], "100000000000000002")).slice(-1);
  expect(gone).toMatchObject({ ok: false, detail: expect.stringContaining("was deleted") });
});

test("without the intent of reading what people write it is well, and told what is missed", async () => {
  await anew({ messageContent: false });
  const intents = (await look()).find(({ name }) => name === "discord intents");
  expect(intents).toMatchObject({ ok: true });
  expect(intents?.fix).toContain("Message Content Intent");
});

test("the invite names the token's own application", async () => {
  const url = new URL(await discordInvite(settings()));
  expect(url.searchParams.get("client_id")).toBe(discord.world.application);
  await expect(discordInvite(settings({ token: "another" }))).rejects.toThrow("DISCORD_TOKEN");
});
