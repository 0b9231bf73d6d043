import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addTask } from "../../src/commands/add-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { runnablePull } from "../../src/core/gates/runnable-pull.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, type RawConnection, wouldRaw } from "../support/raw.ts";
import {
  added,
  claimed,
  completed,
  holder,
  OPERATOR,
  proved,
  ROUTE,
  submitted,
  TRUE_COMMAND,
  verified,
  well,
} from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);

describe("a claim that may not pull says why", () => {
  let open: TestHouse;
  const claim = (change: object = {}) =>
    claimTask(open.house, { lane: "builder", agent: "ada", session: "s-1", route: ROUTE, ...change });

  beforeAll(async () => {
    open = await openTestHouse({ startAt: START });
    await seedRoster(open.house, { capacity: 2 });
    await seedRoster(open.house, { lane: "ops", agent: "bob" });
    await added(open.house);
  });
  afterAll(() => open.close());

  test.each([
    [
      "another provider",
      { route: { ...ROUTE, provider: "Anthropic" } },
      "route-not-trusted",
      "route.provider",
      "anthropic",
    ],
    [
      "a model one character off",
      { route: { ...ROUTE, model: "claude-opus-6" } },
      "route-not-trusted",
      "route.model",
      "claude-opus-5",
    ],
    ["a lane the key was not made for", { lane: "ops" }, "lane-not-granted", "lane", ["builder"]],
  ])("%s", async (_, change, code, field, expected) => {
    expect(await claim(change)).toMatchObject({
      ok: false,
      refusal: { gate: "runnable-pull", code, field, expected },
    });
    expect((await open.house.queue.task("GATE-1"))?.task.status).toBe("queued");
  });

  test("a lane that does not exist", async () => {
    expect(await claim({ lane: "bilder" })).toMatchObject({
      ok: false,
      refusal: { sort: "missing", field: "lane", got: "bilder" },
    });
  });

  test("a second claim of one session names the attempt it holds", async () => {
    const held = await claimed(open.house, "s-1");
    await added(open.house);
    expect(await claim()).toMatchObject({
      ok: false,
      refusal: { code: "session-busy", got: held.attempt.id },
    });
    well(
      await releaseAttempt(
        open.house,
        { ...holder(held), reason: "done here", fault: "infrastructure" },
        OPERATOR,
      ),
    );
  });

  test("a paused agent, a revoked one, a paused lane, a full lane", async () => {
    well2(await open.house.roster.setAgent("ada", "pause", "t"));
    expect(await claim()).toMatchObject({ ok: false, refusal: { code: "agent-paused" } });
    well2(await open.house.roster.setAgent("ada", "resume", "t"));
    well2(await open.house.roster.pauseLane("builder", "maintenance", "t"));
    expect(well(await claim())).toEqual({ skipped: [{ code: "lane-paused", count: 2 }] });
    well2(await open.house.roster.pauseLane("builder", null, "t"));
    await added(open.house);
    const holders = [await claimed(open.house, "c-1"), await claimed(open.house, "c-2")];
    expect(well(await claim({ session: "c-3" }))).toEqual({ skipped: [{ code: "at-capacity", count: 1 }] });
    // Capacity counts living leases: a lapsed one makes room before anybody has reclaimed it.
    open.clock.advance(holders[0]?.attempt.leaseMs ?? 0);
    expect(well(await claim({ session: "c-3" }))).toHaveProperty("facts");
    well2(await open.house.roster.setAgent("ada", "revoke", "t"));
    expect(await claim({ session: "c-4" })).toMatchObject({ ok: false, refusal: { code: "agent-revoked" } });
  });

  function well2(answer: object): void {
    if ("gate" in answer) throw new Error(JSON.stringify(answer));
  }
});

describe("the order of the pull", () => {
  test("is priority first, then the longest runnable", async () => {
    const open = await openTestHouse({ startAt: START });
    await seedRoster(open.house);
    const low = await added(open.house, { priority: "P3" });
    open.clock.advance(1);
    const first = await added(open.house, { priority: "P1" });
    const later = await added(open.house, { priority: "P1", notBefore: open.clock.now + 10 });
    open.clock.advance(5);
    const between = await added(open.house, { priority: "P1" });
    open.clock.advance(10);
    await open.house.queue.promote();
    const order = [];
    for (const session of ["a", "b", "c", "d"]) order.push((await claimed(open.house, session)).task.key);
    expect(order).toEqual([first, between, later, low]);
    await open.close();
  });
});

/** One task in one lane, in a state made of independent choices. */
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));

const situations = fc.record({
  dependency: mostly("none", "open", "done", "cancelled"),
  notBefore: mostly(null as number | null, -1, 0, 1),
  draft: mostly(false, true),
  lanePaused: mostly(false, true),
  capacity: mostly(1, 0),
  agentPaused: mostly(false, true),
  model: mostly(ROUTE.model, `${ROUTE.model}x`),
  granted: mostly(true, false),
});

describe("the gate, the pick and the trigger agree", () => {
  let open: TestHouse;
  let raw: RawConnection;
  let run = 0;

  beforeAll(async () => {
    open = await openTestHouse({ startAt: START });
    raw = await openRaw(open.url);
  });
  afterAll(async () => {
    await raw.close();
    await open.close();
  });

  test("on every situation of a task, a lane and an agent", async () => {
    const { house, clock } = open;
    const met = new Set<string>();
    await fc.assert(
      fc.asyncProperty(situations, async (situation) => {
        run += 1;
        const [lane, agent, other] = [`lane${run}`, `agent${run}`, `other${run}`];
        await seedRoster(house, { lane, agent, capacity: 1 });
        await seedRoster(house, { lane: other, agent: `x${run}`, capacity: 5 });
        const dependsOn = [];
        if (situation.dependency !== "none") {
          dependsOn.push(
            well(
              await addTask(
                house,
                { title: "first", acceptance: "x", lane: other, requirements: [TRUE_COMMAND] },
                OPERATOR,
              ),
            ),
          );
        }
        if (situation.dependency === "done") await completedIn(other, `x${run}`);
        if (situation.dependency === "cancelled")
          well(await cancelTask(house, { key: dependsOn[0] ?? "", reason: "x" }, OPERATOR));
        const key = await added(house, {
          lane,
          dependsOn,
          draft: situation.draft,
          ...(situation.notBefore === null ? {} : { notBefore: clock.now + situation.notBefore }),
        });
        await house.roster.setLane({ name: lane, capacity: situation.capacity }, "t");
        if (situation.lanePaused) await house.roster.pauseLane(lane, "paused", "t");
        if (situation.agentPaused) await house.roster.setAgent(agent, "pause", "t");
        const claimant = situation.granted ? agent : `x${run}`;
        const request = {
          lane,
          agent: claimant,
          session: `s${run}`,
          route: { ...ROUTE, model: situation.model },
        };
        await house.queue.promote();

        const pull = await house.queue.pullFacts(request);
        const facts = await house.queue.task(key);
        if (pull === null || facts === null) throw new Error("the situation was not made");
        const refusal = runnablePull({ ...pull, task: facts.task }, facts.now);
        met.add(refusal?.code ?? "runnable");

        const { task } = facts;
        const insert = `INSERT INTO attempts (task_id, number, epoch, token, agent_id, lane_id, session, provider, model,
          started_at, lease_ms, lease_expires_at, last_heartbeat_at, policy_hash)
          SELECT ?, ?, ?, 't', g.id, l.id, 'raw', ?, ?, ?, 1000, ? + 1000, ?, ? FROM agents g, lanes l WHERE g.name = ? AND l.name = ?`;
        const byHand = await wouldRaw(raw, [
          insert,
          task.id,
          task.attempts + 1,
          task.epoch + 1,
          request.route.provider,
          request.route.model,
          clock.now,
          clock.now,
          clock.now,
          task.policyHash,
          claimant,
          lane,
        ]);
        expect(byHand === null, `trigger against gate: ${refusal?.code}`).toBe(refusal === null);
        const picked = await house.queue.claim(request);
        expect(picked?.task.key === key, `pick against gate: ${refusal?.code}`).toBe(refusal === null);
      }),
      // One seed, so that which situations are met does not change from run to run.
      { numRuns: 200, seed: 20_260_330 },
    );
    expect([...met].toSorted()).toEqual([
      "agent-paused",
      "at-capacity",
      "dependency",
      "dependency-cancelled",
      "lane-not-granted",
      "lane-paused",
      "not-before",
      "route-not-trusted",
      "runnable",
      "status",
    ]);
  });

  async function completedIn(lane: string, agent: string): Promise<void> {
    const held = await claimed(open.house, `d${run}`, agent, lane);
    await proved(open.house, held);
    await submitted(open.house, held);
    await verified(open.house);
  }
});

test("a task that depends on one completed for real is pulled next", async () => {
  const open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
  const first = await added(open.house);
  const second = await added(open.house, { dependsOn: [first] });
  expect(await completed(open.house)).toBe(first);
  expect((await claimed(open.house, "s-2")).task.key).toBe(second);
  await open.close();
});
