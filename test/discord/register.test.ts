import { REST } from "discord.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commandsOf } from "../../adapters/chat/discord/register/command-json.ts";
import { registerCommands } from "../../adapters/chat/discord/register/register.ts";
import { catalogue } from "../../src/doors/chat/catalogue.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { type Discord, startDiscord } from "./server.ts";

let discord: Discord;
beforeEach(async () => {
  discord = await startDiscord();
});
afterEach(() => discord.close());

const entries = catalogue(allVerbs);
const register = (commands = commandsOf(entries)) => {
  const { application, guild } = discord.world;
  const rest = new REST({ api: discord.url, retries: 0 }).setToken(discord.token);
  return registerCommands(rest, { application, guild: guild.id }, commands);
};
const written = () => discord.rest.calls.filter(({ method }) => method === "PUT").length;

test("all commands are taken, and a start that finds them there writes nothing", async () => {
  expect(await register()).toBe(true);
  expect([...discord.world.commands.values()].map(({ name }) => name)).toEqual(["gate", "Attach as proof"]);
  expect(await register()).toBe(false);
  expect(written()).toBe(1);
  expect(discord.world.commandsCreated).toBe(2);
});

test("a catalogue that changed is registered anew, and creates nothing that was there", async () => {
  await register();
  const [first, ...rest] = entries;
  if (first === undefined) throw new Error("no verbs");
  expect(await register(commandsOf([{ ...first, summary: "Says something else" }, ...rest]))).toBe(true);
  expect(written()).toBe(2);
  expect(discord.world.commandsCreated).toBe(2);
});
