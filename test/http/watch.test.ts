import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startHttp } from "../../src/doors/http/server.ts";
import { ChatConnections } from "../../src/ports/chat-connections.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { completed } from "../support/story.ts";
import { addedTask, claimedTask, openDoor, ROUTE, type TestDoor } from "./support/door.ts";

let door: TestDoor;
beforeAll(async () => {
  const page = new Hono();
  page.get("/", (context) => context.html("<h1>A page</h1>"));
  door = await openDoor({ door: { mounts: [page], walBytes: () => Promise.resolve(4096) } });
});
afterAll(() => door.close());

const quiet = { info: () => undefined, error: () => undefined };

test("health and readiness need no key", async () => {
  expect((await door.ask("GET", "/healthz", { key: null })).body).toEqual({ status: "alive" });
  expect((await door.ask("GET", "/readyz", { key: null })).body).toEqual({ status: "ready", chats: {} });
});

test("a chat that is away is told beside readiness, and why is not", async () => {
  const connections = new ChatConnections();
  const at = Date.UTC(2026, 2, 30, 9);
  const server = await startHttp({
    house: door.house,
    host: "127.0.0.1",
    port: 0,
    version: "0",
    log: quiet,
    connections,
  });
  connections.tell("slack", { state: "connected" }, at);
  connections.tell("discord", { state: "connecting" }, at);
  connections.tell("discord", { state: "refused", message: "DISCORD_TOKEN is no bot's token" }, at + 1000);
  // Told again, it stands since the first time.
  connections.tell("slack", { state: "connected" }, at + 5000);
  const ready = await fetch(`${server.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({
    status: "ready",
    chats: {
      slack: { state: "connected", since: "2026-03-30T09:00:00.000Z" },
      discord: { state: "refused", since: "2026-03-30T09:00:01.000Z" },
    },
  });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('gatehouse_chat_connected{platform="slack"} 1');
  expect(metrics).toContain('gatehouse_chat_connected{platform="discord"} 0');
  await server.close();
});

test("metrics count requests, claims, beats, refusals, completions, and the queue as it is", async () => {
  await addedTask(door);
  await addedTask(door);
  await completed(door.house, "s-metrics");
  const held = await claimedTask(door, "s-beat");
  await door.ask("POST", `/v1/attempts/${held.attempt.id}/heartbeat`, { key: door.ada, body: held.beat });
  await door.ask("POST", `/v1/attempts/${held.attempt.id}/heartbeat`, {
    key: door.ada,
    body: { ...held.beat, epoch: 7 },
  });
  await door.ask("POST", "/v1/claims", {
    key: door.ada,
    body: { lane: "ops", session: "s-none", route: ROUTE },
  });
  await door.ask("GET", `/v1/tasks/${held.task.key}`);
  const { body, headers } = await door.ask("GET", "/metrics", { key: null });
  expect(headers.get("content-type")).toMatch(/^text\/plain/);
  for (const expected of [
    'gatehouse_http_requests_total{method="GET",route="/v1/tasks/{key}",status="200"} 1',
    'gatehouse_http_requests_total{method="POST",route="/v1/attempts/{id}/heartbeat",status="409"} 1',
    'gatehouse_claims_total{result="claimed"} 1',
    'gatehouse_claims_total{result="nothing"} 1',
    "gatehouse_heartbeats_total 1",
    'gatehouse_refusals_total{gate="heartbeat-trust",code="mismatch"} 1',
    'gatehouse_events_total{kind="task.completed"} 1',
    'gatehouse_tasks{status="done",lane="builder"} 1',
    'gatehouse_tasks{status="active",lane="builder"} 1',
    "gatehouse_wal_bytes 4096",
  ]) {
    expect(body.split("\n")).toContain(expected);
  }
  expect(body).not.toContain(held.task.key);
  // A second look counts nothing twice.
  const again = await door.ask("GET", "/metrics", { key: null });
  expect(again.body.split("\n")).toContain('gatehouse_events_total{kind="task.completed"} 1');
});

test("a path nobody serves is a 404, a method it does not take a 405 that says which it takes", async () => {
  const lost = await door.ask("GET", "/v1/nothing");
  expect(lost.status).toBe(404);
  expect(lost.headers.get("content-type")).toBe("application/problem+json");
  expect(lost.body.code).toBe("no-such-path");
  for (const [method, path, allow] of [
    ["DELETE", "/v1/tasks/GATE-1", "GET, HEAD, PATCH"],
    ["PUT", "/v1/tasks", "POST, GET, HEAD"],
    ["GET", "/v1/claims", "POST"],
    ["OPTIONS", "/v1/claims", "POST"],
  ] as const) {
    const got = await door.ask(method, path);
    expect(got.status).toBe(405);
    expect(got.headers.get("allow")).toBe(allow);
    expect(got.body).toMatchObject({ code: "method", got: method });
  }
});

test("a HEAD is a GET without its body", async () => {
  const got = await door.ask("HEAD", "/v1/tasks");
  expect(got.status).toBe(200);
  expect(got.body).toBe("");
});

test("no answer of version 1 is kept, framed, sniffed or read by another site's page", async () => {
  const { headers } = await door.ask("GET", "/v1/tasks", { headers: { origin: "https://evil.example" } });
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-frame-options")).toBe("DENY");
  expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(headers.get("access-control-allow-origin")).toBeNull();
});

test("a page handed in is served at its own path, beside the API", async () => {
  const got = await door.ask("GET", "/", { key: null });
  expect(got.status).toBe(200);
  expect(got.body).toBe("<h1>A page</h1>");
  expect((await door.ask("GET", "/v1/lanes")).status).toBe(200);
});

test("who asks too often is told when to come back, and nobody else is", async () => {
  let now = 0;
  const server = await startHttp({
    house: door.house,
    host: "127.0.0.1",
    port: 0,
    version: "0",
    log: quiet,
    rate: { perSecond: 1, burst: 3 },
    now: () => now,
  });
  const ask = async (key: string) =>
    fetch(`${server.url}/v1/lanes`, { headers: { authorization: `Bearer ${key}` } });
  const statuses = [];
  for (let index = 0; index < 4; index += 1) statuses.push((await ask(door.ada)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  const limited = await ask(door.ada);
  expect(limited.headers.get("retry-after")).toBe("1");
  expect(await limited.json()).toMatchObject({ status: 429, code: "rate" });
  expect((await ask(door.bob)).status).toBe(200);
  now += 1000;
  expect((await ask(door.ada)).status).toBe(200);
  expect((await ask(door.ada)).status).toBe(429);
  // Guessing keys is counted by address.
  const guesses = [];
  for (let index = 0; index < 4; index += 1) guesses.push((await ask(`guess-${index}`)).status);
  expect(guesses).toEqual([401, 401, 401, 429]);
  await server.close();
});

test("a second process on the same port is told so in a sentence", async () => {
  const { port } = new URL(door.base);
  const second = startHttp({
    house: door.house,
    host: "127.0.0.1",
    port: Number(port),
    version: "0",
    log: quiet,
  });
  await expect(second).rejects.toMatchObject({ name: "Trouble", code: "port-in-use" });
  await expect(second).rejects.toThrow(
    `127.0.0.1:${port}: stop it, or choose another address with GATEHOUSE_HTTP.`,
  );
  const nowhere = startHttp({ house: door.house, host: "203.0.113.7", port: 0, version: "0", log: quiet });
  await expect(nowhere).rejects.toMatchObject({ code: "address-unknown" });
});

test("trouble with the database is a 503 that says when to come back, without the machine's paths", async () => {
  const broken = {
    ...door.house,
    roster: {
      ...door.house.roster,
      lanes: () =>
        Promise.reject(
          new Trouble(
            "SQLITE_CANTOPEN",
            "The database file cannot be opened. (unable to open /secret/place.db)",
            2500,
          ),
        ),
    },
  };
  const got = await against(broken);
  expect(got.status).toBe(503);
  expect(got.headers.get("retry-after")).toBe("3");
  expect(got.body).toMatchObject({ code: "sqlite-cantopen", hint: "The database file cannot be opened." });
  expect(JSON.stringify(got.body)).not.toContain("secret");
  expect(String(got.logged[0]?.fields.err)).toContain("/secret/place.db");
});

test("a database that does not answer is not ready, and the process is alive all the same", async () => {
  const failing = () => Promise.reject(new Trouble("locked", "The database stayed locked for 10000 ms."));
  const broken = { ...door.house, log: { ...door.house.log, lastEvent: failing } };
  const server = await startHttp({ house: broken, host: "127.0.0.1", port: 0, version: "0", log: quiet });
  const ready = await fetch(`${server.url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ status: 503, code: "locked" });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await server.close();
});

test("a fault of this product is a 500 that tells an id and nothing else; the log has both", async () => {
  const broken = {
    ...door.house,
    roster: { ...door.house.roster, lanes: () => Promise.reject(new Error("secret inner words")) },
  };
  const got = await against(broken);
  expect(got.status).toBe(500);
  expect(JSON.stringify(got.body)).not.toContain("secret");
  expect(got.body.errorId).toMatch(/^[\w-]{22}$/);
  expect(got.logged[0]?.fields.errorId).toBe(got.body.errorId);
  expect(String(got.logged[0]?.fields.err)).toContain("secret inner words");
});

test("a field that no schema names stays in the house", async () => {
  const leaky = {
    ...door.house,
    roster: {
      ...door.house.roster,
      lanes: async () =>
        (await door.house.roster.lanes()).map((lane) => ({
          ...lane,
          keyHash: "leaked",
          route: { ...lane.route, token: "leaked" },
        })),
    },
  };
  const got = await against(leaky);
  expect(got.status).toBe(200);
  expect(JSON.stringify(got.body)).not.toContain("leaked");
});

/** GET /v1/lanes of a house where one part does not do what it should. */
async function against(house: TestDoor["house"]) {
  const logged: { fields: any; sentence: string }[] = [];
  const write = (fields: object, sentence: string) => void logged.push({ fields, sentence });
  const server = await startHttp({
    house,
    host: "127.0.0.1",
    port: 0,
    version: "0",
    log: { info: write, error: write },
  });
  const response = await fetch(`${server.url}/v1/lanes`, {
    headers: { authorization: `Bearer ${door.ada}` },
  });
  const body: any = await response.json();
  await server.close();
  return { status: response.status, headers: response.headers, body, logged };
}
