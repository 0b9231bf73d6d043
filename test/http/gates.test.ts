import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { verified } from "../support/story.ts";
import { addedTask, claimedTask, type HeldTask, openDoor, ROUTE, type TestDoor } from "./support/door.ts";

const START = Date.parse("2026-11-23T09:00:00Z");
const LEASE = 900_000;

let door: TestDoor;
let sessions = 0;
let held: HeldTask;
beforeAll(async () => {
  // Time stands still until a test moves it: a lease lapses at its exact millisecond.
  door = await openDoor({ startAt: START });
});
afterAll(() => door.close());
beforeEach(async () => {
  await addedTask(door);
  sessions += 1;
  held = await claimedTask(door, `s-${sessions}`);
});

async function refused(
  method: string,
  path: string,
  key: string,
  body: unknown,
  expected: object,
): Promise<void> {
  const before = await door.everything();
  const got = await door.ask(method, path, { key, body });
  expect(got.body).toMatchObject(expected);
  expect(got.body.hint).not.toBe("");
  expect(got.headers.get("content-type")).toBe("application/problem+json");
  expect(await door.everything()).toBe(before);
}

describe("heartbeat-trust", () => {
  const beat = (change: object) => ({ ...held.beat, ...change });
  const mismatch = (field: string, expected: unknown, got: unknown) => ({
    status: 409,
    type: "urn:gatehouse:heartbeat-trust:mismatch",
    gate: "heartbeat-trust",
    code: "mismatch",
    field,
    expected,
    got,
  });
  const path = () => `/v1/attempts/${held.attempt.id}/heartbeat`;

  test("one character off in any field is another's beat", async () => {
    const wrong: [object, string, unknown, unknown][] = [
      [{ lane: "builders" }, "lane", "builder", "builders"],
      [{ lane: "Builder" }, "lane", "builder", "Builder"],
      [{ session: `${held.beat.session} ` }, "session", held.beat.session, `${held.beat.session} `],
      [{ epoch: 2 }, "epoch", 1, 2],
      [{ epoch: 0 }, "epoch", 1, 0],
      [{ task: "GATE-999" }, "task", held.task.key, "GATE-999"],
      [{ route: { ...ROUTE, model: "claude-opus-5." } }, "route.model", ROUTE.model, "claude-opus-5."],
      [{ route: { ...ROUTE, model: "claude-opus-4" } }, "route.model", ROUTE.model, "claude-opus-4"],
      [{ route: { ...ROUTE, provider: "Anthropic" } }, "route.provider", ROUTE.provider, "Anthropic"],
      // The same letters to the eye, another character: Cyrillic small letter а.
      [
        { route: { ...ROUTE, provider: "\u0430nthropic" } },
        "route.provider",
        ROUTE.provider,
        "\u0430nthropic",
      ],
    ];
    for (const [change, field, expected, got] of wrong) {
      await refused("POST", path(), door.ada, beat(change), mismatch(field, expected, got));
    }
  });

  test("what is said of one attempt is not heard of another, of the same agent and epoch too", async () => {
    await addedTask(door);
    const other = await claimedTask(door, `${held.beat.session}-other`);
    const said = mismatch("task", held.task.key, other.task.key);
    await refused("POST", path(), door.ada, other.beat, said);
    // With the task's own name it is still another session's.
    const { session } = held.beat;
    await refused(
      "POST",
      path(),
      door.ada,
      { ...other.beat, task: held.task.key },
      mismatch("session", session, other.beat.session),
    );
    await refused("POST", path(), door.ada, { ...held.beat, attempt: other.attempt.id }, { status: 422 });
  });

  test("another agent's key does not beat, prove, submit, block or release", async () => {
    const of = (verb: string) => `/v1/attempts/${held.attempt.id}/${verb}`;
    const agent = mismatch("agent", "ada", "bob");
    await refused("POST", of("heartbeat"), door.bob, held.beat, agent);
    await refused("POST", of("proofs"), door.bob, { epoch: 1, uri: "command:checks" }, agent);
    await refused("POST", of("submit"), door.bob, { epoch: 1 }, agent);
    await refused("POST", of("block"), door.bob, { epoch: 1, kind: "question", reason: "x" }, agent);
    await refused("POST", of("release"), door.bob, { epoch: 1, reason: "x" }, agent);
    await refused(
      "POST",
      of("release"),
      door.operator,
      { epoch: 1, reason: "x" },
      mismatch("agent", "ada", "olga"),
    );
  });

  test("a stale epoch proves, submits, blocks and releases nothing", async () => {
    const of = (verb: string) => `/v1/attempts/${held.attempt.id}/${verb}`;
    const stale = mismatch("epoch", 1, 0);
    await refused("POST", of("proofs"), door.ada, { epoch: 0, uri: "command:checks" }, stale);
    await refused("POST", of("submit"), door.ada, { epoch: 0 }, stale);
    await refused("POST", of("block"), door.ada, { epoch: 0, kind: "question", reason: "x" }, stale);
    await refused("POST", of("release"), door.ada, { epoch: 0, reason: "x" }, stale);
  });

  test.each([["GATE-1.99"], ["GATE-999.1"], ["nonsense"], ["GATE-1"], ["%00"], ["..%2f..%2f"]])(
    "%s is no attempt",
    async (id) => {
      await refused("POST", `/v1/attempts/${id}/heartbeat`, door.ada, held.beat, { status: 404 });
    },
  );

  test("a lease lives up to its last millisecond, and at the next one it is gone for every act", async () => {
    door.clock.advance(LEASE - 1);
    const renewed = await door.ask("POST", path(), { key: door.ada, body: held.beat });
    expect(renewed.status).toBe(200);
    expect(renewed.body.leaseExpiresAt).toBe(new Date(door.clock.now + LEASE).toISOString());
    door.clock.advance(LEASE);
    const lapsed = { status: 409, gate: "heartbeat-trust", code: "lease-lapsed", field: "lease" };
    const of = (verb: string) => `/v1/attempts/${held.attempt.id}/${verb}`;
    await refused("POST", path(), door.ada, held.beat, lapsed);
    await refused("POST", of("proofs"), door.ada, { epoch: 1, uri: "command:checks" }, lapsed);
    await refused("POST", of("submit"), door.ada, { epoch: 1 }, lapsed);
    await refused("POST", of("block"), door.ada, { epoch: 1, kind: "question", reason: "x" }, lapsed);
    await refused("POST", of("release"), door.ada, { epoch: 1, reason: "x" }, lapsed);
  });

  test("after a reclaim the old holder is told that its attempt is over", async () => {
    door.clock.advance(LEASE);
    await reclaimLapsed(door.house, 1000);
    await refused("POST", path(), door.ada, held.beat, {
      status: 409,
      gate: "heartbeat-trust",
      code: "attempt-ended",
      got: "lapsed",
    });
  });

  test("a refused beat is kept as evidence, with who sent it and what it said", async () => {
    const { length } = await door.house.refusals.recorded({ after: 0, limit: 1000 });
    await door.ask("POST", path(), { key: door.bob, body: beat({ session: "s-x" }) });
    const kept = await door.house.refusals.recorded({ after: 0, limit: 1000 });
    expect(kept).toHaveLength(length + 1);
    expect(kept.at(-1)).toMatchObject({
      at: door.clock.now,
      actor: "agent:bob",
      task: held.task.key,
      refusal: { gate: "heartbeat-trust", code: "mismatch", field: "agent", expected: "ada", got: "bob" },
    });
  });
});

describe("runnable-pull", () => {
  const claim = (change: object) => ({ lane: "builder", session: "s-new", route: ROUTE, ...change });

  test("a second claim of the same session names the attempt it already holds", async () => {
    await addedTask(door);
    await refused("POST", "/v1/claims", door.ada, claim({ session: held.beat.session }), {
      status: 409,
      gate: "runnable-pull",
      code: "session-busy",
      field: "session",
      got: held.attempt.id,
    });
  });

  test.each([
    [{ provider: "anthropic", model: "claude-opus-5-" }, "route.model"],
    [{ provider: "anthropic", model: "Claude-opus-5" }, "route.model"],
    [{ provider: "anthropi", model: "claude-opus-5" }, "route.provider"],
  ])("the route %j is another route", async (route, field) => {
    await addedTask(door);
    await refused("POST", "/v1/claims", door.ada, claim({ route }), {
      status: 409,
      gate: "runnable-pull",
      code: "route-not-trusted",
      field,
      hint: expect.stringContaining("anthropic/claude-opus-5 exactly"),
    });
  });

  test("a lane that is not there is a 404", async () => {
    await refused("POST", "/v1/claims", door.ada, claim({ lane: "nowhere" }), {
      status: 404,
      field: "lane",
      got: "nowhere",
    });
  });

  test("a paused lane and a full one give nothing and say why", async () => {
    const task = await addedTask(door, { lane: "ops" });
    const waits = async () => {
      const before = await door.everything();
      const claimed = await door.ask("POST", "/v1/claims", { key: door.ada, body: claim({ lane: "ops" }) });
      expect(await door.everything()).toBe(before);
      const { body } = await door.ask("GET", `/v1/tasks/${task.key}`);
      expect(body.runnable).toBe(false);
      return {
        skipped: claimed.body.skipped.map((one: any) => one.code),
        why: body.why.map((one: any) => one.code),
      };
    };
    await door.ask("POST", "/v1/lanes/ops/pause", { body: { reason: "the model is being replaced" } });
    expect(await waits()).toEqual({ skipped: ["lane-paused"], why: ["lane-paused"] });
    await door.ask("POST", "/v1/lanes/ops/resume");
    await door.ask("PUT", "/v1/lanes/ops", { body: { capacity: 0 } });
    expect(await waits()).toEqual({ skipped: ["at-capacity"], why: ["at-capacity"] });
    await door.ask("PUT", "/v1/lanes/ops", { body: { capacity: 100 } });
  });
});

describe("proof-before-done", () => {
  const of = (verb: string) => `/v1/attempts/${held.attempt.id}/${verb}`;

  test("a submit without a proof names the requirement that lacks one", async () => {
    await refused(
      "POST",
      of("submit"),
      door.ada,
      { epoch: 1 },
      {
        status: 409,
        gate: "proof-before-done",
        code: "proof-missing",
        field: "checks",
      },
    );
  });

  test("a requirement the policy does not have, and a link that fits none, are refused", async () => {
    await refused(
      "POST",
      of("proofs"),
      door.ada,
      { epoch: 1, uri: "command:checks", requirement: "check" },
      {
        status: 409,
        gate: "proof-before-done",
        code: "requirement-unknown",
        expected: ["checks"],
        got: "check",
      },
    );
    await refused(
      "POST",
      of("proofs"),
      door.ada,
      { epoch: 1, uri: "https://example.com/" },
      {
        status: 409,
        gate: "proof-before-done",
        code: "proof-unfitting",
      },
    );
  });

  test("the policy of a task that is held is fixed", async () => {
    const policy = { requirements: [{ name: "easy", kind: "command", argv: ["true"] }] };
    await refused(
      "PATCH",
      `/v1/tasks/${held.task.key}`,
      door.operator,
      { version: held.task.version, policy },
      {
        status: 409,
        gate: "proof-before-done",
        code: "fixed-in-flight",
      },
    );
  });

  test("a proof that fails gives the task back to its living holder, who can no longer say it is done", async () => {
    await addedTask(door, {
      priority: "P0",
      policy: { requirements: [{ name: "checks", kind: "command", argv: ["false"] }] },
    });
    const failing = await claimedTask(door, `s-failing-${sessions}`);
    const path = `/v1/attempts/${failing.attempt.id}`;
    await door.ask("POST", `${path}/proofs`, { key: door.ada, body: { epoch: 1, uri: "command:checks" } });
    expect((await door.ask("POST", `${path}/submit`, { key: door.ada, body: { epoch: 1 } })).status).toBe(
      202,
    );
    await verified(door.house);
    const { body } = await door.ask("GET", `/v1/tasks/${failing.task.key}`);
    expect(body).toMatchObject({ status: "active", completion: null, proofs: [{ verdict: "failed" }] });
    await refused(
      "POST",
      `${path}/submit`,
      door.ada,
      { epoch: 1 },
      {
        status: 409,
        gate: "proof-before-done",
        code: "proof-failed",
      },
    );
  });
});

describe("queue-truth", () => {
  test("a change based on a version that has passed is refused by every verb, and says where the task stands", async () => {
    const task = await addedTask(door);
    const path = `/v1/tasks/${task.key}`;
    await door.ask("PATCH", path, { body: { version: 1, title: "Another title" } });
    const stale = {
      status: 409,
      type: "urn:gatehouse:queue-truth:stale-version",
      gate: "queue-truth",
      code: "stale-version",
      field: "version",
      expected: 2,
      got: 1,
      hint: expect.stringContaining("queued at version 2"),
    };
    await refused("PATCH", path, door.operator, { version: 1, title: "x" }, stale);
    for (const verb of ["block", "unblock", "cancel", "reopen", "requeue"]) {
      await refused("POST", `${path}/${verb}`, door.operator, { version: 1, reason: "x" }, stale);
    }
    await refused("POST", `${path}/prioritize`, door.operator, { version: 1, priority: "P0" }, stale);
    await refused("PATCH", path, door.operator, { version: 9, title: "x" }, { ...stale, got: 9 });
  });

  test("a verb that does not fit the status names the statuses it takes", async () => {
    const task = await addedTask(door);
    for (const [verb, expected] of [
      ["unblock", ["blocked"]],
      ["reopen", ["done"]],
      ["requeue", ["dead"]],
    ] as const) {
      await refused(
        "POST",
        `/v1/tasks/${task.key}/${verb}`,
        door.operator,
        { reason: "x" },
        {
          status: 409,
          gate: "queue-truth",
          code: "transition",
          got: "queued",
          ...(verb === "unblock" ? {} : { expected: expect.arrayContaining([...expected]) }),
        },
      );
    }
  });

  test("a task that waits for itself, directly or through others, is refused", async () => {
    const first = await addedTask(door);
    const second = await addedTask(door, { dependsOn: [first.key] });
    const cycle = { status: 409, gate: "queue-truth", code: "dependency-cycle" };
    await refused(
      "PATCH",
      `/v1/tasks/${first.key}`,
      door.operator,
      { version: 1, dependsOn: [first.key] },
      cycle,
    );
    await refused(
      "PATCH",
      `/v1/tasks/${first.key}`,
      door.operator,
      { version: 1, dependsOn: [second.key] },
      cycle,
    );
  });

  test("lanes, epics and tasks that do not exist are named", async () => {
    for (const [field, value] of [
      ["lane", "nowhere"],
      ["epic", "NOPE"],
      ["dependsOn", ["GATE-99999"]],
    ] as const) {
      const body = {
        title: "x",
        acceptance: "y",
        lane: "builder",
        policy: { requirements: [{ name: "a", kind: "command", argv: ["true"] }] },
        [field]: value,
      };
      await refused("POST", "/v1/tasks", door.operator, body, { status: 422, field, got: [value].flat()[0] });
    }
    await refused(
      "PATCH",
      "/v1/tasks/GATE-99999",
      door.operator,
      { version: 1, title: "x" },
      { status: 404, got: "GATE-99999" },
    );
    await refused(
      "POST",
      "/v1/tasks/gate-1/block",
      door.operator,
      { reason: "x" },
      { status: 404, got: "gate-1" },
    );
  });
});
