// Who is who: every way in which sessions and agents can be mixed up is refused under a name of its own, and kept.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { beat } from "../../src/commands/beat.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, type RawConnection, tryRaw } from "../support/raw.ts";
import { added, claimed, type Held, holder, ROUTE, well } from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
let open: TestHouse;
let raw: RawConnection;
let held: Held;
let session = "";
let sessions = 0;

beforeAll(async () => {
  open = await openTestHouse({ startAt: START });
  raw = await openRaw(open.url);
  await seedRoster(open.house, { capacity: 1000 });
  const hired = await open.house.roster.addAgent(
    { name: "bob", role: "agent", lanes: ["builder"], keyHash: "b".repeat(64) },
    "person:test:seed",
  );
  expect("gate" in hired).toBe(false);
});
afterAll(async () => {
  await raw.close();
  await open.close();
});
beforeEach(async () => {
  sessions += 1;
  session = `w-${sessions}`;
  await added(open.house, { priority: "P0" });
  held = await claimed(open.house, session);
  await added(open.house);
});

const claim = (change: object = {}) =>
  claimTask(open.house, { lane: "builder", agent: "ada", session, route: ROUTE, ...change });
const released = async () =>
  well(
    await releaseAttempt(
      open.house,
      { ...holder(held), reason: "x", fault: "infrastructure" },
      { actor: "agent:ada" },
    ),
  );
const newest = async () => (await open.house.refusals.recorded({ after: 0, limit: 10_000 })).at(-1);

describe("a claim", () => {
  test("of a session that holds a task already is one session on two tasks", async () => {
    const refusal = { code: "session-busy", field: "session", got: held.attempt.id };
    expect(await claim()).toMatchObject({ ok: false, refusal });
    expect(await newest()).toMatchObject({ actor: "agent:ada", task: held.task.key, refusal });
  });

  test("under a session another agent works in is two agents in one session", async () => {
    const refusal = { code: "session-shared", field: "agent", expected: "ada", got: "bob" };
    expect(await claim({ agent: "bob" })).toMatchObject({ ok: false, refusal });
    expect(await newest()).toMatchObject({ actor: "agent:bob", refusal });
  });

  test("under a session another agent has worked in is a session that changes its identity", async () => {
    await released();
    const refusal = { code: "session-identity", field: "agent", expected: "ada", got: "bob" };
    expect(await claim({ agent: "bob" })).toMatchObject({ ok: false, refusal });
    expect(await newest()).toMatchObject({ actor: "agent:bob", refusal });
    expect((await claim()).ok).toBe(true);
  });

  test("on another route than the session had before is one as well, and a new session's is not", async () => {
    await released();
    const route = { ...ROUTE, model: "gpt-7" };
    const refusal = { field: "route.model", expected: ROUTE.model, got: "gpt-7" };
    expect(await claim({ route })).toMatchObject({
      ok: false,
      refusal: { ...refusal, code: "session-identity" },
    });
    expect(await newest()).toMatchObject({ refusal: { ...refusal, code: "session-identity" } });
    const other = await claim({ route, session: `${session}-new` });
    expect(other).toMatchObject({ ok: false, refusal: { ...refusal, code: "route-not-trusted" } });
    expect(await open.house.routes.seen({ session }, 10)).toMatchObject([
      {
        source: "claim",
        kind: "error",
        attempt: null,
        requestedModel: "gpt-7",
        errorType: "session-identity",
      },
    ]);
  });

  test("by hand under another agent's session is refused by the database", async () => {
    await released();
    const sql = `INSERT INTO attempts (task_id, number, epoch, token, agent_id, lane_id, session, provider, model,
        started_at, lease_ms, lease_expires_at, last_heartbeat_at, policy_hash)
      SELECT t.id, t.attempts + 1, t.epoch + 1, 'hand', (SELECT id FROM agents WHERE name = ?2), t.lane_id, ?1,
        'anthropic', 'claude-opus-5', ${open.clock.now}, 900000, ${open.clock.now} + 900000, ${open.clock.now}, t.policy_hash
      FROM tasks t WHERE t.ready_at IS NOT NULL LIMIT 1`;
    expect(await tryRaw(raw, [sql, session, "bob"])).toMatchObject({
      gate: "runnable-pull",
      code: "session-identity",
    });
  });
});

describe("who worked under a session", () => {
  const kept = async () =>
    (await raw.read([{ sql: "SELECT * FROM sessions WHERE name = ?", args: [session] }])).flat();

  test("is one row, however many tasks it worked on", async () => {
    const once = await kept();
    expect(once).toMatchObject([{ provider: "anthropic", model: "claude-opus-5" }]);
    await released();
    expect((await claim()).ok).toBe(true);
    expect(await kept()).toEqual(once);
  });

  test.each([
    "UPDATE sessions SET agent_id = agent_id + 1 WHERE name = ?",
    "UPDATE sessions SET name = 'w-another' WHERE name = ?",
    "DELETE FROM sessions WHERE name = ?",
  ])("stays: %s", async (sql) => {
    expect(await tryRaw(raw, [sql, session])).toMatchObject({
      gate: "runnable-pull",
      code: "session-identity",
    });
    expect(await kept()).toHaveLength(1);
  });
});

describe("a beat", () => {
  const words = (change: object = {}) => ({
    ...holder(held),
    lane: "builder",
    task: held.task.key,
    session,
    route: ROUTE,
    ...change,
  });
  const send = (change: object, actor = "agent:ada") => beat(open.house, words(change), { actor });

  test.each([
    ["for another task", () => ({ task: "GATE-1000" }), "mismatch", "task"],
    ["of another session", () => ({ session: "w-other" }), "mismatch", "session"],
    ["of another agent", () => ({ agent: "bob" }), "mismatch", "agent"],
    ["of a past epoch", () => ({ epoch: 0 }), "mismatch", "epoch"],
    ["on another route", () => ({ route: { ...ROUTE, model: "gpt-7" } }), "mismatch", "route.model"],
  ])("%s is kept by the command itself, whichever door it came through", async (_, change, code, field) => {
    expect(await send(change())).toMatchObject({ ok: false, refusal: { code, field } });
    expect(await newest()).toMatchObject({
      task: held.task.key,
      refusal: { gate: "heartbeat-trust", code, field },
    });
  });

  test("that says another route stands beside what was observed of the session", async () => {
    for (let times = 1; times <= 3; times += 1) await send({ route: { ...ROUTE, model: "gpt-7" } });
    expect(await open.house.routes.seen({ session }, 10)).toMatchObject([
      { source: "beat", kind: "error", attempt: held.attempt.id, requestedModel: "gpt-7", count: 3 },
    ]);
  });

  test("of a past attempt says that it is over, not that something differs", async () => {
    open.clock.advance(held.attempt.leaseMs);
    await reclaimLapsed(open.house, 1000);
    expect(await send({})).toMatchObject({
      ok: false,
      refusal: { code: "attempt-ended", field: "attempt", got: "lapsed" },
    });
    expect(await newest()).toMatchObject({ refusal: { code: "attempt-ended" } });
  });

  test("that is let through is no evidence of anything", async () => {
    const before = await newest();
    expect((await send({})).ok).toBe(true);
    expect(await newest()).toEqual(before);
  });
});
