import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { endAll, type GatehouseProcess, runGatehouse, startGatehouse } from "../support/gatehouse-process.ts";
import { APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, type SlackStandIn, startSlack } from "./server.ts";
import { answers, found } from "./support/bot.ts";

// The bot as it is started, with Slack's tokens in its environment.

let folder: string;
let slack: SlackStandIn;
let bot: GatehouseProcess;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gatehouse-slack-"));
  slack = await startSlack();
});
afterEach(async () => {
  endAll();
  await slack.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(env: Readonly<Record<string, string>>): Promise<string> {
  const usual = { GATEHOUSE_HTTP: "127.0.0.1:0", SLACK_API_URL: slack.apiUrl };
  bot = startGatehouse(["serve"], { cwd: folder, env: { ...usual, ...env } });
  return bot.ready();
}
const stop = async () => {
  bot.child.kill("SIGTERM");
  const { status, err } = await bot.ended;
  return { status, err };
};

test("hears by sockets, and ends them when it is told to stop", async () => {
  await start({ SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_APP_TOKEN: APP_TOKEN });
  await slack.sockets.connected(1);
  await slack.slash("me");
  await found(() => slack.responses[0]);
  expect(answers(slack)[0]).toContain("viewer");
  const { status, err } = await stop();
  expect(status).toBe(0);
  // Nothing of Slack's keeps the process longer than the bot waits for its own.
  expect(err).not.toMatch(/cut off|ending without it/u);
});

test("killed right after it thanked for a command, it answers when it is started again, once", async () => {
  const env = { SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_APP_TOKEN: APP_TOKEN };
  await start(env);
  await slack.sockets.connected(1);
  const acked = await slack.slash("me");
  bot.child.kill("SIGKILL");
  await bot.ended;
  expect(acked.acked).toBe(true);
  await start(env);
  await found(() => slack.responses[0]);
  expect(slack.responses).toHaveLength(1);
  await stop();
}, 60_000);

test("with a wrong token it runs, says which and how to mend it, and the rest of it works", async () => {
  const url = await start({ SLACK_BOT_TOKEN: "xoxb-wrong", SLACK_APP_TOKEN: APP_TOKEN });
  await found(() => slack.callsOf("auth.test").length > 1);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const { status, err } = await stop();
  expect(status).toBe(0);
  expect(err).toContain("does not know the token in SLACK_BOT_TOKEN");
  expect(err).not.toContain("xoxb-wrong");
});

test("hears signed requests at its own address", async () => {
  const url = await start({ SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SIGNING_SECRET });
  slack.requestUrl = { url: `${url}/slack/events`, signingSecret: SIGNING_SECRET };
  // Until the app is loaded Slack is told to come again.
  await found(async () => (await slack.slash("me")).acked);
  await found(() => slack.responses[0]);
  expect(answers(slack)[0]).toContain("viewer");
  await stop();
});

test("the doctor and the manifest work from the command line", async () => {
  const env = { SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_APP_TOKEN: "xapp-wrong", SLACK_API_URL: slack.apiUrl };
  const doctor = await runGatehouse(["doctor"], { cwd: folder, env });
  expect(doctor.out).toMatch(/ok +slack +@gatehouse in Acme/u);
  expect(doctor.out).toMatch(/WRONG +slack socket +Slack says invalid_auth/u);
  expect(doctor.status).toBe(1);
  const manifest = await runGatehouse(["slack", "manifest", "--no-history"], { cwd: folder });
  expect(manifest.out).toContain("socket_mode_enabled: true");
});
