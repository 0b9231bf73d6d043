import { afterAll, beforeAll, expect, test } from "vitest";
import { Connection } from "../../db/connection.ts";
import { addedTask, claimedTask, newTask, openDoor, ROUTE, type TestDoor } from "./support/door.ts";

const START = Date.parse("2026-11-23T09:00:00Z");
const DAY = 24 * 60 * 60 * 1000;

let door: TestDoor;
let database: Connection;
let keys = 0;
const fresh = () => {
  keys += 1;
  return `key-${keys}`;
};
beforeAll(async () => {
  door = await openDoor({ startAt: START });
  database = await Connection.open({ url: door.url });
});
afterAll(async () => {
  await database.close();
  await door.close();
});

const post = (path: string, body: unknown, idempotencyKey: string, key = door.operator) =>
  door.ask("POST", path, { key, body, headers: { "idempotency-key": idempotencyKey } });

const eventCount = async () => (await door.house.log.events({ after: 0, limit: 100_000 })).length;

/** As a process leaves it that was killed after its commit and before it recorded what it answered. */
async function forgetAnswer(key: string): Promise<void> {
  const [rows = []] = await database.write([
    {
      sql: "UPDATE idempotency SET status = NULL, body = NULL WHERE key = ?1 RETURNING 1 AS one",
      args: [key],
    },
  ]);
  expect(rows).toHaveLength(1);
}

test("the same key with the same request gets the first answer again, and nothing is done twice", async () => {
  const key = fresh();
  const first = await post("/v1/tasks", newTask({ title: "Once" }), key);
  expect(first.status).toBe(201);
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  await door.ask("PATCH", `/v1/tasks/${first.body.key}`, { body: { version: 1, title: "Changed since" } });
  const before = await door.everything();
  // The order of fields is no part of a question.
  const reordered = Object.fromEntries(Object.entries(newTask({ title: "Once" })).toReversed());
  const again = await post("/v1/tasks", reordered, key);
  expect(again.status).toBe(201);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.headers.get("location")).toBe(`/v1/tasks/${first.body.key}`);
  expect(await door.everything()).toBe(before);
});

test("another body or another path under the same key is a 422", async () => {
  const key = fresh();
  const task = await addedTask(door);
  await post(`/v1/tasks/${task.key}/block`, { reason: "x" }, key);
  const before = await door.everything();
  for (const [path, body] of [
    [`/v1/tasks/${task.key}/block`, { reason: "y" }],
    [`/v1/tasks/${task.key}/unblock`, { reason: "x" }],
  ] as const) {
    const got = await post(path, body, key);
    expect(got.status).toBe(422);
    expect(got.body).toMatchObject({ code: "idempotency-key-reused", field: "Idempotency-Key", got: key });
  }
  expect(await door.everything()).toBe(before);
});

test("keys belong to the agent that sent them", async () => {
  const key = fresh();
  const task = await post("/v1/tasks", newTask(), key);
  const claim = await post("/v1/claims", { lane: "builder", session: "s-own", route: ROUTE }, key, door.ada);
  expect(task.status).toBe(201);
  expect(claim.status).toBe(200);
  expect(claim.headers.get("idempotent-replayed")).toBeNull();
});

test("a refusal is an answer too, and is the same the second time", async () => {
  const key = fresh();
  const task = await addedTask(door);
  const first = await post(`/v1/tasks/${task.key}/unblock`, { reason: "x" }, key);
  expect(first.status).toBe(409);
  await door.ask("POST", `/v1/tasks/${task.key}/block`, { body: { reason: "now it would work" } });
  const again = await post(`/v1/tasks/${task.key}/unblock`, { reason: "x" }, key);
  expect(again.status).toBe(409);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get("content-type")).toBe("application/problem+json");
});

test("a request that does not fit uses no key up", async () => {
  const key = fresh();
  expect((await post("/v1/tasks", { title: "" }, key)).status).toBe(422);
  expect((await post("/v1/tasks", newTask(), key)).status).toBe(201);
});

test.each([["with space"], ["x".repeat(256)], ["é"]])("%s is no key", async (key) => {
  const { status, body } = await post("/v1/tasks", newTask(), key);
  expect(status).toBe(422);
  expect(body).toMatchObject({ code: "idempotency-key", field: "Idempotency-Key" });
});

test("of twenty at once one is done, and the others get its answer or are told to wait", async () => {
  const key = fresh();
  const before = await eventCount();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => post("/v1/tasks", newTask({ title: "Twenty" }), key)),
  );
  expect(await eventCount()).toBe(before + 1);
  const made = answers.filter((answer) => answer.status === 201);
  expect(made.filter((answer) => answer.headers.get("idempotent-replayed") === null)).toHaveLength(1);
  for (const answer of answers.filter((one) => one.status !== 201)) {
    expect(answer.status).toBe(409);
    expect(answer.body.code).toBe("still-running");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  }
});

test("a run that was killed before it recorded its answer is still running until its time is up, then found out", async () => {
  const key = fresh();
  const first = await post("/v1/tasks", newTask({ title: "Killed" }), key);
  await forgetAnswer(key);
  const early = await post("/v1/tasks", newTask({ title: "Killed" }), key);
  expect(early.status).toBe(409);
  expect(early.body.code).toBe("still-running");
  door.clock.advance(20_000);
  const before = await door.everything();
  const again = await post("/v1/tasks", newTask({ title: "Killed" }), key);
  expect(again.status).toBe(201);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(await door.everything()).toBe(before);
});

test("a run that was killed before its change is made by the next one", async () => {
  const key = fresh();
  const [agent] = await door.house.roster.agents();
  // The row of a run that began and never came to its commit.
  const question = newTask({ title: "Never made" });
  await post("/v1/tasks", question, key);
  const [rows = []] = await database.read([
    { sql: "SELECT fingerprint FROM idempotency WHERE key = ?1", args: [key] },
  ]);
  const dead = fresh();
  await database.write([
    {
      sql: `INSERT INTO idempotency (agent_id, key, fingerprint, started_at, lease_until, token)
        SELECT agent_id, ?2, ?3, started_at, started_at, 'dead' FROM idempotency WHERE key = ?1`,
      args: [key, dead, String(rows[0]?.["fingerprint"])],
    },
  ]);
  expect(agent).toBeDefined();
  const before = await eventCount();
  const made = await post("/v1/tasks", question, dead);
  expect(made.status).toBe(201);
  expect(made.headers.get("idempotent-replayed")).toBeNull();
  expect(await eventCount()).toBe(before + 1);
});

test("a run that was only thought dead, and commits in between, is answered for by its own change", async () => {
  const key = fresh();
  const first = await post("/v1/tasks", newTask({ title: "Slow" }), key);
  // As if nobody had begun before: the change meets the one its own request already made.
  await database.write([
    {
      sql: "UPDATE idempotency SET status = NULL, body = NULL, tries = 0, lease_until = 0 WHERE key = ?1",
      args: [key],
    },
  ]);
  const before = await door.everything();
  const again = await post("/v1/tasks", newTask({ title: "Slow" }), key);
  expect(again.status).toBe(201);
  expect(again.body).toEqual(first.body);
  expect(await door.everything()).toBe(before);
});

test("every call that changes a task answers from the present state after such a kill, changing nothing", async () => {
  await addedTask(door, { priority: "P0" });
  const claimKey = fresh();
  const claim = { lane: "builder", session: "s-killed", route: ROUTE };
  const claimed = await post("/v1/claims", claim, claimKey, door.ada);
  const { attempt, task } = claimed.body;
  const path = `/v1/attempts/${attempt.id}`;
  const steps: [string, object, string][] = [
    [`${path}/proofs`, { epoch: attempt.epoch, uri: "command:checks" }, door.ada],
    [`${path}/submit`, { epoch: attempt.epoch }, door.ada],
    [`/v1/tasks/${task.key}/prioritize`, { priority: "P3" }, door.operator],
    [`/v1/tasks/${task.key}/cancel`, { reason: "enough" }, door.operator],
  ];
  const answers: { path: string; body: object; key: string; bearer: string; status: number }[] = [
    { path: "/v1/claims", body: claim, key: claimKey, bearer: door.ada, status: 200 },
  ];
  for (const [step, body, bearer] of steps) {
    const key = fresh();
    const { status } = await post(step, body, key, bearer);
    expect(status).toBeLessThan(300);
    answers.push({ path: step, body, key, bearer, status });
  }
  for (const { key } of answers) await forgetAnswer(key);
  door.clock.advance(20_000);
  const before = await door.everything();
  for (const { path: step, body, key, bearer, status } of answers) {
    const again = await post(step, body, key, bearer);
    expect(`${step} ${again.status}`).toBe(`${step} ${status}`);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    if (step === "/v1/claims")
      expect(again.body.attempt).toMatchObject({ id: attempt.id, epoch: attempt.epoch });
  }
  expect(await door.everything()).toBe(before);
});

test("block and release by the holder survive such a kill as well", async () => {
  for (const [verb, fields] of [
    ["block", { kind: "question", reason: "x" }],
    ["release", { reason: "x" }],
  ] as const) {
    await addedTask(door, { priority: "P0" });
    const held = await claimedTask(door, `s-${verb}`);
    const key = fresh();
    const body = { epoch: held.attempt.epoch, ...fields };
    const first = await post(`/v1/attempts/${held.attempt.id}/${verb}`, body, key, door.ada);
    expect(first.status).toBe(200);
    await forgetAnswer(key);
    door.clock.advance(20_000);
    const before = await door.everything();
    const again = await post(`/v1/attempts/${held.attempt.id}/${verb}`, body, key, door.ada);
    expect(again.body).toEqual(first.body);
    expect(await door.everything()).toBe(before);
  }
});

test("after a day the key is forgotten", async () => {
  const key = fresh();
  const first = await post("/v1/tasks", newTask(), key);
  door.clock.advance(DAY - 1);
  expect((await post("/v1/tasks", newTask(), key)).body.key).toBe(first.body.key);
  door.clock.advance(1);
  const later = await post("/v1/tasks", newTask(), key);
  expect(later.status).toBe(201);
  expect(later.body.key).not.toBe(first.body.key);
});

test("an agent's key is never kept to be shown a second time", async () => {
  const key = fresh();
  const made = await post("/v1/agents", { name: "zoe", lanes: ["builder"] }, key);
  expect(made.status).toBe(201);
  const again = await post("/v1/agents", { name: "zoe", lanes: ["builder"] }, key);
  expect(again.status).toBe(409);
  expect(again.body.code).toBe("shown-once");
  const [rows = []] = await database.read([
    { sql: "SELECT body FROM idempotency WHERE key = ?1", args: [key] },
  ]);
  expect(String(rows[0]?.["body"])).not.toContain(made.body.key);
});
