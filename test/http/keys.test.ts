import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../db/store.ts";
import { keyRing } from "../../src/doors/http/keys.ts";
import { addedTask, CALLER, claimedTask, openDoor, ROUTE, type TestDoor } from "./support/door.ts";

let door: TestDoor;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

describe("who asks", () => {
  test.each([
    ["no key", {}, "key-missing"],
    ["an empty header", { authorization: "" }, "key-missing"],
    ["another scheme", { authorization: "Basic b2xnYTp4" }, "key-unknown"],
    ["a key nobody has", { authorization: `Bearer gatehouse_${"x".repeat(43)}` }, "key-unknown"],
    ["an overlong key", { authorization: `Bearer ${"x".repeat(5000)}` }, "key-unknown"],
    ["SQL", { authorization: "Bearer '--" }, "key-unknown"],
  ])("%s is a 401 with a challenge", async (_, headers, code) => {
    const before = await door.everything();
    for (const [method, path] of [
      ["GET", "/v1/tasks"],
      ["POST", "/v1/tasks"],
      ["GET", "/v1/events"],
    ] as const) {
      const got = await door.ask(method, path, {
        key: null,
        headers,
        ...(method === "POST" ? { body: {} } : {}),
      });
      expect(got.status).toBe(401);
      expect(got.headers.get("www-authenticate")).toMatch(/^Bearer realm="gatehouse"/);
      expect(got.body.code).toBe(code);
    }
    expect(await door.everything()).toBe(before);
  });

  test("every call of version 1 asks for a key", async () => {
    for (const [path, operations] of Object.entries(door.document.paths)) {
      for (const method of Object.keys(operations)) {
        const { status } = await door.ask(method.toUpperCase(), path.replaceAll(/\{[^}]+\}/g, "X-1"), {
          key: null,
        });
        expect(`${method} ${path} ${status}`).toBe(`${method} ${path} 401`);
      }
    }
  });

  test("a key revoked by this process is refused at once", async () => {
    const { body } = await door.ask("POST", "/v1/agents", { body: { name: "eve", lanes: ["builder"] } });
    expect((await door.ask("GET", "/v1/tasks", { key: body.key })).status).toBe(200);
    expect((await door.ask("POST", "/v1/agents/eve/revoke")).body).toMatchObject({
      name: "eve",
      revoked: true,
    });
    const refused = await door.ask("GET", "/v1/tasks", { key: body.key });
    expect(refused.status).toBe(401);
    expect(refused.body.hint).toMatch(/revoked/);
  });

  test("a key revoked by another process is refused within a second", async () => {
    const { body } = await door.ask("POST", "/v1/agents", { body: { name: "mallory", lanes: ["builder"] } });
    let now = 0;
    const ring = keyRing(door.house, () => now);
    const authorization = `Bearer ${body.key}`;
    expect(await ring.owner(authorization)).toMatchObject({ name: "mallory" });
    expect((await door.ask("GET", "/v1/tasks", { key: body.key })).status).toBe(200);
    const other = await openStore({ url: door.url });
    await other.roster.setAgent("mallory", "revoke", CALLER.actor);
    await other.close();
    // By its own clock; and by the door's, however slow the machine is.
    now = 1_000;
    await expect(ring.owner(authorization)).rejects.toMatchObject({ problem: { status: 401 } });
    let status = 200;
    while (status === 200) ({ status } = await door.ask("GET", "/v1/lanes", { key: body.key }));
    expect(status).toBe(401);
  });

  test("a revoked agent's beat is refused, and its lease is left to lapse", async () => {
    const { body } = await door.ask("POST", "/v1/agents", { body: { name: "rita", lanes: ["builder"] } });
    await addedTask(door);
    const held = await claimedTask(door, "s-rita", body.key);
    await door.ask("POST", "/v1/agents/rita/revoke");
    const before = await door.everything();
    const beat = await door.ask("POST", `/v1/attempts/${held.attempt.id}/heartbeat`, {
      key: body.key,
      body: held.beat,
    });
    expect(beat.status).toBe(401);
    expect(await door.everything()).toBe(before);
  });
});

describe("what a key may", () => {
  test("an agent's key manages nothing: each such call is a 403 that names the role", async () => {
    const task = await addedTask(door);
    const before = await door.everything();
    const calls: [string, string, unknown][] = [
      ["POST", "/v1/tasks", { title: "x", draft: true }],
      ["PATCH", `/v1/tasks/${task.key}`, { version: 1, title: "x" }],
      ...["block", "unblock", "cancel", "reopen", "requeue"].map((verb): [string, string, unknown] => [
        "POST",
        `/v1/tasks/${task.key}/${verb}`,
        { reason: "x" },
      ]),
      ["POST", `/v1/tasks/${task.key}/prioritize`, { priority: "P0" }],
      ["POST", "/v1/epics", { key: "CLIP", title: "Clips" }],
      ["PUT", "/v1/lanes/builder", { capacity: 1 }],
      ["POST", "/v1/lanes/builder/pause", { reason: "x" }],
      ["POST", "/v1/lanes/builder/resume", {}],
      ["GET", "/v1/agents", undefined],
      ["POST", "/v1/agents", { name: "eve", role: "operator" }],
      ["POST", "/v1/agents/bob/pause", {}],
      ["POST", "/v1/agents/bob/resume", {}],
      ["POST", "/v1/agents/bob/revoke", {}],
    ];
    for (const [method, path, body] of calls) {
      const got = await door.ask(method, path, { key: door.ada, body });
      expect(`${method} ${path} ${got.status}`).toBe(`${method} ${path} 403`);
      expect(got.body).toMatchObject({ code: "role", expected: "operator", got: "agent" });
      expect(got.body.hint).toMatch(/needs a key of role operator/);
    }
    expect(await door.everything()).toBe(before);
  });

  test("no call completes or approves anything: there is none to ask", async () => {
    const task = await addedTask(door);
    const before = await door.everything();
    for (const verb of ["complete", "approve", "done", "finish"]) {
      expect((await door.ask("POST", `/v1/tasks/${task.key}/${verb}`, { body: {} })).status).toBe(404);
    }
    const { status, body } = await door.ask("PATCH", `/v1/tasks/${task.key}`, {
      body: { version: 1, title: "x", status: "done", completion: "proved" },
    });
    expect(status).toBe(422);
    expect(body.errors.map((one: any) => one.field)).toEqual(["status", "completion"]);
    expect(await door.everything()).toBe(before);
  });

  test("a lane the key was not made for is refused by the gate", async () => {
    await addedTask(door, { lane: "ops" });
    const before = await door.everything();
    const { status, body } = await door.ask("POST", "/v1/claims", {
      key: door.bob,
      body: { lane: "ops", session: "s-1", route: ROUTE },
    });
    expect(status).toBe(409);
    expect(body).toMatchObject({
      gate: "runnable-pull",
      code: "lane-not-granted",
      field: "lane",
      expected: ["builder"],
      got: "ops",
    });
    expect(await door.everything()).toBe(before);
  });

  test("an operator's key without lanes pulls nothing", async () => {
    const { status, body } = await door.ask("POST", "/v1/claims", {
      body: { lane: "builder", session: "s-1", route: ROUTE },
    });
    expect(status).toBe(409);
    expect(body.code).toBe("lane-not-granted");
  });

  test("a paused agent pulls nothing until it is resumed", async () => {
    await door.ask("POST", "/v1/agents/bob/pause");
    const ask = () =>
      door.ask("POST", "/v1/claims", {
        key: door.bob,
        body: { lane: "builder", session: "s-bob", route: ROUTE },
      });
    expect((await ask()).body).toMatchObject({ status: 409, gate: "runnable-pull", code: "agent-paused" });
    await door.ask("POST", "/v1/agents/bob/resume");
    expect((await ask()).body.attempt).not.toBeNull();
  });
});
