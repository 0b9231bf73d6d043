// `gatehouse serve` with a token: what is written in the queue stands on Discord, and what a person must mend is logged.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { endAll, startGatehouse } from "../support/gatehouse-process.ts";
import { openTestHouse } from "../support/house.ts";
import { textsOf } from "./message-body.ts";
import type { LoggedCall } from "./rest.ts";
import { type Discord, startDiscord } from "./server.ts";

let discord: Discord;
let folder: string;
beforeAll(async () => {
  discord = await startDiscord();
  folder = mkdtempSync(join(tmpdir(), "gatehouse-discord-"));
});
afterEach(endAll);
afterAll(async () => {
  await discord.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves with the first call that fits, from now on. */
function call(fits: (call: LoggedCall) => boolean): Promise<LoggedCall> {
  return new Promise((resolve) => {
    discord.rest.onCall = (made) => {
      if (fits(made)) resolve(made);
    };
  });
}

test("a notice is posted, edited in place, and a channel the bot may not write in is said once", async () => {
  const url = `file:${join(folder, "gatehouse.db")}`;
  const home = await openTestHouse({ url });
  const { house } = home;
  const post = (text: string) =>
    house.outbox.post({ kind: "digest", subject: "digest:today", text, data: {} }, null, {
      platform: "discord",
      channel: discord.channel,
    });
  await house.channels.setChannel({ platform: "discord", name: discord.channel }, { kinds: [] });
  await post("first");
  const posted = call(({ method, status }) => method === "POST" && status === 200);
  const bot = startGatehouse(["serve"], {
    cwd: folder,
    env: {
      GATEHOUSE_DB_URL: url,
      GATEHOUSE_HTTP: "127.0.0.1:0",
      DISCORD_TOKEN: discord.token,
      DISCORD_GUILD_ID: discord.world.guild.id,
      DISCORD_API_URL: discord.url,
    },
  });
  await bot.ready();
  await posted;

  const edited = call(({ method, status }) => method === "PATCH" && status === 200);
  await post("second");
  await edited;
  expect(discord.people.messages(discord.channel).map(({ components = [] }) => textsOf(components))).toEqual([
    "second",
  ]);

  const locked = discord.world.channel("locked").id;
  discord.world.deny(locked, "SendMessages");
  await house.channels.setChannel({ platform: "discord", name: locked }, { kinds: [] });
  const refused = call(({ status }) => status === 403);
  for (const text of ["one", "two"])
    await house.outbox.post({ kind: "digest", text, data: {} }, null, {
      platform: "discord",
      channel: locked,
    });
  await refused;
  bot.child.kill("SIGTERM");
  const { status, err } = await bot.ended;
  expect(status).toBe(0);
  expect(err.match(/lacks a permission in this channel/g)).toHaveLength(1);
  await home.close();
}, 60_000);
