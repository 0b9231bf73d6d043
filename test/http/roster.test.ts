import { afterAll, beforeAll, expect, test } from "vitest";
import { addedTask, claimedTask, newTask, openDoor, ROUTE, type TestDoor } from "./support/door.ts";

let door: TestDoor;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

test("a lane is added, changed in part, listed with what it holds, paused and resumed", async () => {
  const added = await door.ask("PUT", "/v1/lanes/film", {
    body: { route: ROUTE, capacity: 3, leaseSeconds: 60, heartbeatSeconds: 20 },
  });
  expect(added.status).toBe(200);
  expect(added.body).toEqual({
    name: "film",
    route: ROUTE,
    capacity: 3,
    leaseSeconds: 60,
    heartbeatSeconds: 20,
    dispatch: { kind: "pull" },
    pausedReason: null,
    version: 1,
    observe: "optional",
    routeAliases: [],
  });
  const changed = await door.ask("PUT", "/v1/lanes/film", { body: { capacity: 5 } });
  expect(changed.body).toMatchObject({ capacity: 5, leaseSeconds: 60, route: ROUTE, version: 2 });
  await addedTask(door);
  await addedTask(door);
  await claimedTask(door, "s-lane");
  const { body } = await door.ask("GET", "/v1/lanes", { key: door.bob });
  expect(body.lanes.find((lane: any) => lane.name === "builder")).toMatchObject({ living: 1, runnable: 1 });
  const paused = await door.ask("POST", "/v1/lanes/film/pause", { body: { reason: "lunch" } });
  expect(paused.body).toMatchObject({ name: "film", pausedReason: "lunch" });
  expect((await door.ask("POST", "/v1/lanes/film/resume")).body).toMatchObject({ pausedReason: null });
});

test.each([
  ["a new lane without a route", "fresh", { capacity: 1 }, "route"],
  ["a negative capacity", "film", { capacity: -1 }, "capacity"],
  ["half a worker", "film", { capacity: 0.5 }, "capacity"],
  ["a lease of nothing", "film", { leaseSeconds: 0 }, "leaseSeconds"],
  ["another way of dispatch", "film", { dispatch: { kind: "pigeon" } }, "dispatch"],
  ["half a route", "film", { route: { provider: "anthropic" } }, "route.model"],
  ["a beat that comes after the lease", "film", { leaseSeconds: 10, heartbeatSeconds: 11 }, "heartbeat"],
  ["a name that is no word", "%20x", { route: ROUTE }, "lane"],
])("%s is refused, and the field named", async (_, name, body, field) => {
  const before = await door.everything();
  const got = await door.ask("PUT", `/v1/lanes/${name}`, { body });
  expect(got.status).toBe(422);
  expect(got.body.errors.map((one: any) => one.field)).toContain(field);
  expect(await door.everything()).toBe(before);
});

test("a lane that is not there is neither paused nor resumed", async () => {
  expect((await door.ask("POST", "/v1/lanes/nowhere/pause", { body: { reason: "x" } })).status).toBe(404);
  expect((await door.ask("POST", "/v1/lanes/nowhere/resume")).status).toBe(404);
});

test("an epic is added once, and counts its tasks", async () => {
  const epic = { key: "CLIP", title: "Clips", goal: "All of them" };
  const added = await door.ask("POST", "/v1/epics", { body: epic });
  expect(added.status).toBe(201);
  expect(added.body).toEqual(epic);
  expect((await door.ask("POST", "/v1/epics", { body: epic })).status).toBe(409);
  const task = await door.ask("POST", "/v1/tasks", { body: newTask({ epic: "CLIP" }) });
  expect(task.body).toMatchObject({ key: "CLIP-1", epic: "CLIP" });
  const { body } = await door.ask("GET", "/v1/epics", { key: door.bob });
  expect(body.epics).toContainEqual({ ...epic, tasks: 1, done: 0 });
});

test.each([["clip"], ["1CLIP"], ["C-1"], ["X".repeat(25)], [""], ["ÉPIC"]])(
  "%j is no key of an epic",
  async (key) => {
    const got = await door.ask("POST", "/v1/epics", { body: { key, title: "x" } });
    expect(got.status).toBe(422);
    expect(got.body.field).toBe("key");
  },
);

test("an agent's key is shown once, works, and stands nowhere in the database", async () => {
  const { status, body } = await door.ask("POST", "/v1/agents", {
    body: { name: "carl", lanes: ["builder", "builder"] },
  });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    name: "carl",
    role: "agent",
    lanes: ["builder"],
    paused: false,
    revoked: false,
  });
  expect((await door.ask("GET", "/v1/tasks", { key: body.key })).status).toBe(200);
  expect(await door.everything()).not.toContain(body.key);
  const list = await door.ask("GET", "/v1/agents");
  expect(JSON.stringify(list.body)).not.toContain(body.key);
  expect(list.body.agents.map((agent: any) => agent.name)).toEqual(
    expect.arrayContaining(["ada", "bob", "olga", "carl"]),
  );
});

test("an agent without a lane, of a lane that is not there, or of a name that is taken is refused", async () => {
  const before = await door.everything();
  for (const [body, status] of [
    [{ name: "dora" }, 422],
    [{ name: "dora", lanes: ["nowhere"] }, 422],
    [{ name: "ada", lanes: ["builder"] }, 409],
    [{ name: "no spaces", lanes: ["builder"] }, 422],
    [{ name: "dora", lanes: ["builder"], role: "admin" }, 422],
  ] as const) {
    expect((await door.ask("POST", "/v1/agents", { body })).status).toBe(status);
  }
  expect((await door.ask("POST", "/v1/agents/nobody/revoke")).status).toBe(404);
  expect(await door.everything()).toBe(before);
});
