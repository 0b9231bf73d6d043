// Setting up Discord from a terminal: the link the bot is invited with, what the doctor finds, and what is asked of Discord
// and no more than that.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { endAll, startGatehouse } from "../support/gatehouse-process.ts";
import { openTestHouse } from "../support/house.ts";
import { type Discord, type DiscordOptions, startDiscord } from "./server.ts";
import { found, startBot } from "./support/bot.ts";

let discord: Discord;
let folder: string;
beforeEach(async () => {
  discord = await startDiscord({ messageContent: true });
  folder = mkdtempSync(join(tmpdir(), "gatehouse-discord-"));
});
afterEach(async () => {
  endAll();
  await discord.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  startGatehouse(args, {
    cwd: folder,
    env: {
      GATEHOUSE_DB_URL: `file:${join(folder, "gatehouse.db")}`,
      DISCORD_TOKEN: discord.token,
      DISCORD_GUILD_ID: discord.world.guild.id,
      DISCORD_API_URL: discord.url,
      ...env,
    },
  }).ended;
const anew = async (options: DiscordOptions) => {
  await discord.close();
  discord = await startDiscord(options);
};

/** As Discord numbers them: View Channel, Send Messages, … in Threads, Create Public Threads, Read Message History, Add Reactions, Embed Links. */
const PERMISSIONS = [10, 11, 38, 35, 16, 6, 14].reduce((bits, bit) => bits | (1n << BigInt(bit)), 0n);
/** Guilds, Guild Messages, Direct Messages. */
const INTENTS = (1 << 0) | (1 << 9) | (1 << 12);
const MESSAGE_CONTENT = 1 << 15;

test("the invite asks for exactly seven permissions, the two scopes, and this server", async () => {
  const { status, out, err } = await run(["discord", "invite"]);
  expect([status, err]).toEqual([0, ""]);
  const url = new URL(out.trim());
  expect(`${url.origin}${url.pathname}`).toBe("https://discord.com/oauth2/authorize");
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: discord.world.application,
    scope: "bot applications.commands",
    permissions: String(PERMISSIONS),
    guild_id: discord.world.guild.id,
    disable_guild_select: "true",
  });
  const asJson = await run(["discord", "invite", "--json"]);
  expect(JSON.parse(asJson.out)).toEqual({ url: url.href });
}, 90_000);

test("an invite without a token, or with a wrong one, says what to do", async () => {
  const none = await run(["discord", "invite"], { DISCORD_TOKEN: "", DISCORD_GUILD_ID: "" });
  expect([none.status, none.out]).toEqual([3, ""]);
  expect(none.err).toContain("DISCORD_TOKEN");
  const wrong = await run(["discord", "invite"], { DISCORD_TOKEN: "another" });
  expect([wrong.status, wrong.out]).toEqual([3, ""]);
  expect(wrong.err).toContain("Reset the token");
}, 90_000);

test("the doctor says in plain words what Discord refuses with 4014, and where it is ticked", async () => {
  await anew({ messageContent: false });
  const { out } = await run(["doctor"]);
  expect(out).toMatch(/discord intents\s+without Message Content/u);
  expect(out).toContain("4014");
  expect(out).toContain("tick Message Content Intent in the Developer Portal under Bot");
}, 90_000);

test.each([
  ["with Message Content where it was granted", true, INTENTS | MESSAGE_CONTENT],
  ["without it where it was not", false, INTENTS],
])("the bot asks for three intents, %s", async (_, messageContent, intents) => {
  await anew({ messageContent });
  const open = await openTestHouse();
  const bot = startBot({ house: open.house, discord });
  await found(() => bot.states.includes("discord: connected"));
  expect(discord.gateway.intents).toBe(intents);
  await bot.stop();
  await open.close();
});
