// The whole bot as it is started, with a token and the address of the stand-in: what it says to Slack.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AUTO_COMPLETE } from "../../src/core/notice.ts";
import { endAll, runGatehouse, startGatehouse } from "../support/gatehouse-process.ts";
import { APP_TOKEN, BOT_TOKEN, type SlackStandIn, startSlack } from "./server.ts";

const CHANNEL = "C0GENERAL";
const ROUTE = { provider: "anthropic", model: "claude-opus-5" };
let slack: SlackStandIn;
let cwd: string;

beforeEach(async () => {
  slack = await startSlack();
  cwd = mkdtempSync(join(tmpdir(), "gatehouse-slack-"));
});
afterEach(async () => {
  endAll();
  await slack.close();
  rmSync(cwd, { recursive: true, force: true });
});

async function gatehouse(...args: readonly string[]): Promise<string> {
  const { status, out, err } = await runGatehouse(args, { cwd });
  expect([args, status, err]).toEqual([args, 0, ""]);
  return out;
}

/** A lane, an agent and a task that a file proves. */
async function furnish(): Promise<{ readonly key: string }> {
  await gatehouse("role", "grant", "slack:U0ADA", "operator");
  await gatehouse("lane", "set", "builder", "--route", `${ROUTE.provider}/${ROUTE.model}`);
  const agent = JSON.parse(await gatehouse("agent", "add", "ada", "--lane", "builder", "--json"));
  const requirement = '{"name":"report","kind":"file"}';
  const task = ["--lane", "builder", "--acceptance", "it is there", "--require", requirement];
  await gatehouse("task", "add", "Write the report", ...task);
  return { key: agent.key };
}

function serve(token: string) {
  const env = {
    SLACK_BOT_TOKEN: token,
    SLACK_APP_TOKEN: APP_TOKEN,
    SLACK_API_URL: slack.apiUrl,
    GATEHOUSE_HTTP: "127.0.0.1:0",
    GATEHOUSE_TIMEZONE: "UTC",
  };
  return startGatehouse(["serve"], { cwd, env });
}

async function post(url: string, path: string, key: string, body: object): Promise<any> {
  const response = await fetch(`${url}/v1${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect([path, response.status < 300]).toEqual([path, true]);
  return response.json();
}

test("a channel that subscribed is told of a task from its card to AUTO-COMPLETE", async () => {
  const { key } = await furnish();
  const running = serve(BOT_TOKEN);
  const url = await running.ready();
  await slack.sockets.connected(2);
  await expect
    .poll(async () => (await fetch(`${url}/readyz`)).json(), { timeout: 20_000 })
    .toMatchObject({ status: "ready", chats: { slack: { state: "connected" } } });
  expect(await slack.slash("subscribe")).toMatchObject({ acked: true });
  const said = slack.answered(
    ({ method, args }) => method === "chat.postMessage" && /GATE-1/.test(args["text"]),
  );
  // The answer to the command is there once the channel is.
  await expect.poll(() => slack.responses.length, { timeout: 20_000 }).toBeGreaterThan(0);
  const { attempt } = await post(url, "/claims", key, { lane: "builder", session: "s1", route: ROUTE });
  await said;
  const [card] = slack.messages(CHANNEL);
  expect(card?.blocks[0]).toMatchObject({ type: "header", text: { text: "GATE-1 Write the report" } });
  mkdirSync(join(cwd, "data/proofs"), { recursive: true });
  writeFileSync(join(cwd, "data/proofs/report.md"), "all of it");
  const { epoch } = attempt;
  await post(url, `/attempts/${attempt.id}/proofs`, key, { epoch, uri: "file:report.md" });
  await post(url, `/attempts/${attempt.id}/submit`, key, { epoch });
  await slack.answered(({ args }) =>
    String(args["text"]).startsWith(`${AUTO_COMPLETE} GATE-1 Write the report`),
  );
  // The card is edited in place, and says so too.
  await slack.answered(({ method, args }) => method === "chat.update" && / — done /.test(args["text"]));
  expect(slack.messages(CHANNEL).filter(({ text }) => text.startsWith("GATE-1 "))).toHaveLength(1);
  running.child.kill("SIGTERM");
  expect((await running.ended).status).toBe(0);
}, 120_000);

test("with a wrong token the bot says which, keeps running, and the other chats are told all the same", async () => {
  const { key } = await furnish();
  const good = serve(BOT_TOKEN);
  await good.ready();
  await slack.sockets.connected(2);
  await slack.slash("subscribe");
  await expect.poll(() => slack.responses.length, { timeout: 20_000 }).toBeGreaterThan(0);
  good.child.kill("SIGTERM");
  await good.ended;

  const running = serve("xoxb-of-somebody-else");
  const url = await running.ready();
  await post(url, "/claims", key, { lane: "builder", session: "s1", route: ROUTE });
  const states = async () => {
    const headers = { authorization: `Bearer ${key}` };
    const { notices } = (await (await fetch(`${url}/v1/notices?kind=task-card`, { headers })).json()) as any;
    return Object.fromEntries(
      (notices[0]?.deliveries ?? []).map(({ platform, state }: any) => [platform, state]),
    );
  };
  await slack.answered(({ method, answer }) => method === "chat.postMessage" && answer === "invalid_auth");
  await expect.poll(states, { timeout: 20_000 }).toEqual({ local: "sent", slack: "pending" });
  running.child.kill("SIGTERM");
  const { status, err } = await running.ended;
  expect(status).toBe(0);
  expect(err).toContain(
    "Slack does not know SLACK_BOT_TOKEN: copy the Bot User OAuth Token anew from the app's page (invalid_auth).",
  );
}, 120_000);
