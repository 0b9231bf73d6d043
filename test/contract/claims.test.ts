// Pulling, beating and lapsing: who holds what, by the database's clock alone.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { claimTask } from "../../src/commands/claim-task.ts";
import { pauseLane } from "../../src/commands/pause-lane.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { reopenTask } from "../../src/commands/requeue-task.ts";
import { setLane } from "../../src/commands/set-lane.ts";
import type { ClaimRequest } from "../../src/ports/queue.ts";
import { seedRoster } from "../support/house.ts";
import { added, claimed, completed, holder, OPERATOR, ROUTE, well } from "../support/story.ts";
import { makeHouse, makePlace, PLACES, START } from "./places.ts";

const asks = (session: string, more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  lane: "builder",
  agent: "ada",
  session,
  route: ROUTE,
  ...more,
});

describe.each(PLACES)("claims in a %s", (kind) => {
  let place: Awaited<ReturnType<typeof makeHouse>>;
  beforeEach(async () => {
    place = await makeHouse(kind, { capacity: 50 });
  });
  afterEach(() => place.remove());
  const queue = () => place.at.store.queue;
  const pull = async (session: string) => (await queue().claim(asks(session)))?.task.key ?? null;

  test("take the highest priority first, and of one priority the oldest", async () => {
    const { house } = place.at;
    const keys: string[] = [];
    for (const priority of ["P3", "P1", "P2", "P1"] as const) {
      keys.push(await added(house, { priority }));
      place.at.clock.advance(1);
    }
    const [p3, p1, p2, younger] = keys;
    expect([await pull("a"), await pull("b"), await pull("c"), await pull("d"), await pull("e")]).toEqual([
      p1,
      younger,
      p2,
      p3,
      null,
    ]);
  });

  test("leave task, attempt and event agreeing with each other", async () => {
    const key = await added(place.at.house);
    const facts = await queue().claim(asks("s-1"));
    expect(facts).toMatchObject({
      now: START,
      task: { key, status: "active", version: 2, epoch: 1, attempts: 1, readyAt: null },
      attempt: {
        id: `${key}.1`,
        epoch: 1,
        agent: "ada",
        lane: "builder",
        session: "s-1",
        route: ROUTE,
        startedAt: START,
        lastHeartbeatAt: START,
        leaseExpiresAt: START + (facts?.lane?.leaseMs ?? 0),
        beats: 0,
        outcome: null,
      },
    });
    expect(await queue().task(key)).toEqual(facts);
    expect(queue().remembered(`${key}.1`)).toMatchObject({ task: facts?.task, attempt: facts?.attempt });
    expect((await place.at.store.log.events({ after: 0, task: key, limit: 9 })).at(-1)).toMatchObject({
      kind: "task.claimed",
      version: 2,
      actor: "agent:ada",
      attempt: `${key}.1`,
    });
  });

  test("that arrive together get one task each, and the rest get nothing", async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => added(place.at.house)));
    const got = await Promise.all(Array.from({ length: 30 }, (_, index) => pull(`s-${index}`)));
    expect(got.filter((key) => key !== null).toSorted()).toEqual(keys.toSorted());
  });

  test("of one session that arrive together get one task", async () => {
    await added(place.at.house);
    await added(place.at.house);
    const got = await Promise.all(Array.from({ length: 8 }, () => pull("the-same")));
    expect(got.filter((key) => key !== null)).toHaveLength(1);
  });

  test.each([
    ["another route", { route: { ...ROUTE, model: "claude-opus-5 " } }],
    ["an unknown agent", { agent: "eve" }],
    ["an unknown lane", { lane: "buildex" }],
  ])("for %s take nothing and change nothing", async (_, more) => {
    await added(place.at.house);
    const before = await place.dump();
    expect(await queue().claim(asks("s-1", more))).toBeNull();
    expect(await place.dump()).toEqual(before);
  });

  test("for an agent that is paused, revoked or not of the lane take nothing", async () => {
    const { house, store } = place.at;
    await added(house);
    await seedRoster(house, { lane: "other", agent: "bob" });
    await store.roster.setAgent("ada", "pause", "person:test:op");
    expect([await pull("s-1"), await queue().claim(asks("s-2", { agent: "bob" }))]).toEqual([null, null]);
    await store.roster.setAgent("ada", "resume", "person:test:op");
    expect(await pull("s-1")).not.toBeNull();
    await store.roster.setAgent("ada", "revoke", "person:test:op");
    await added(house);
    expect(await pull("s-3")).toBeNull();
  });

  test("stay within the lane's capacity, counted on living leases alone", async () => {
    const { house } = place.at;
    well(await setLane(house, { name: "builder", capacity: 2 }, OPERATOR));
    for (let count = 1; count <= 5; count += 1) await added(house);
    const got = await Promise.all(["a", "b", "c", "d"].map(pull));
    expect(got.filter((key) => key !== null)).toHaveLength(2);
    expect(await queue().skipped("builder")).toEqual([{ code: "at-capacity", count: 3 }]);
    const facts = await queue().pullFacts(asks("e"));
    place.at.clock.advance((facts?.lane.leaseMs ?? 0) - 1);
    expect(await pull("e")).toBeNull();
    place.at.clock.advance(1);
    expect(await pull("e")).not.toBeNull();
  });

  test("leave alone what waits for a time, for another task or for a lane, and say so", async () => {
    const { house } = place.at;
    const first = await added(house);
    await added(house, { notBefore: START + 1000 });
    await added(house, { dependsOn: [first] });
    await added(house, { draft: true });
    expect(await pull("a")).toBe(first);
    expect(await pull("b")).toBeNull();
    expect(await queue().skipped("builder")).toEqual(
      expect.arrayContaining([
        { code: "not-before", count: 1 },
        { code: "dependency", count: 1 },
        { code: "draft", count: 1 },
      ]),
    );
    expect(await queue().hasRunnable("builder")).toBe(false);
    well(await pauseLane(house, { name: "builder", reason: "lunch" }, OPERATOR));
    place.at.clock.advance(1000);
    expect(await queue().promote()).toBe(1);
    expect(await pull("b")).toBeNull();
    expect(await queue().skipped("builder")).toEqual(
      expect.arrayContaining([{ code: "lane-paused", count: 1 }]),
    );
  });

  test("find a task the moment its time has come, and promotion is told once", async () => {
    const key = await added(place.at.house, { notBefore: START + 1000 });
    place.at.clock.advance(999);
    expect([await queue().promote(), await queue().hasRunnable("builder")]).toEqual([0, false]);
    place.at.clock.advance(1);
    expect([await queue().promote(), await queue().promote()]).toEqual([1, 0]);
    expect((await queue().task(key))?.task.readyAt).toBe(START + 1000);
    expect(await pull("a")).toBe(key);
  });

  test("find what a completion released, and lose it again when that is reopened", async () => {
    const { house } = place.at;
    const first = await added(house);
    const second = await added(house, { dependsOn: [first] });
    expect(await completed(house)).toBe(first);
    expect((await queue().task(second))?.task).toMatchObject({ readyAt: START, status: "queued" });
    well(await reopenTask(house, { key: first, reason: "it rotted" }, OPERATOR));
    expect((await queue().task(second))?.task).toMatchObject({ readyAt: null, status: "queued" });
    expect(await completed(house, "s-2")).toBe(first);
    expect(await pull("b")).toBe(second);
  });
});

describe.each(PLACES)("leases in a %s", (kind) => {
  let place: Awaited<ReturnType<typeof makeHouse>>;
  beforeEach(async () => {
    place = await makeHouse(kind);
    await added(place.at.house);
  });
  afterEach(() => place.remove());
  const queue = () => place.at.store.queue;
  const beatOf = (held: Awaited<ReturnType<typeof claimed>>) => ({
    ...holder(held),
    lane: "builder",
    task: held.task.key,
    session: held.attempt.session,
    route: ROUTE,
  });

  test("are renewed from the beat on, and the task's version stays", async () => {
    const held = await claimed(place.at.house);
    place.at.clock.advance(1000);
    expect(await queue().beat({ ...beatOf(held), note: "on it" })).toBe(START + 1000 + held.attempt.leaseMs);
    expect(await queue().beat(beatOf(held))).toBe(START + 1000 + held.attempt.leaseMs);
    expect(await queue().attempt(held.attempt.id)).toMatchObject({
      task: { version: held.task.version },
      attempt: { beats: 2, note: "on it", lastHeartbeatAt: START + 1000 },
    });
  });

  test.each([
    ["lane", { lane: "other" }],
    ["task", { task: "GATE-2" }],
    ["attempt", { attempt: "GATE-1.2" }],
    ["an attempt that is none", { attempt: "GATE-1" }],
    ["session", { session: "s-2" }],
    ["epoch, older", { epoch: 0 }],
    ["epoch, newer", { epoch: 2 }],
    ["provider", { route: { ...ROUTE, provider: "anthropiс" } }],
    ["model", { route: { ...ROUTE, model: "claude-opus-4" } }],
    ["agent", { agent: "eve" }],
  ])("are not renewed by a beat of another %s, and nothing changes", async (_, wrong) => {
    const held = await claimed(place.at.house);
    const before = await place.dump();
    expect(await queue().beat({ ...beatOf(held), ...wrong })).toBeNull();
    expect(await place.dump()).toEqual(before);
  });

  test("live until the tick of their expiry, and not on it", async () => {
    const held = await claimed(place.at.house);
    place.at.clock.advance(held.attempt.leaseMs - 1);
    expect(await queue().lapsed(10)).toEqual([]);
    expect(await queue().beat(beatOf(held))).not.toBeNull();
    place.at.clock.advance(held.attempt.leaseMs);
    expect(await queue().beat(beatOf(held))).toBeNull();
    expect(await queue().lapsed(10)).toEqual([held.attempt.id]);
  });

  test("that lapsed are taken back once, by however many reclaim", async () => {
    const held = await claimed(place.at.house);
    place.at.clock.advance(held.attempt.leaseMs);
    const second = await place.open({ startAt: place.at.clock.now });
    const counts = await Promise.all([
      reclaimLapsed(place.at.house),
      reclaimLapsed(place.at.house),
      reclaimLapsed(second.house),
    ]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(1);
    expect(await queue().attempt(held.attempt.id)).toMatchObject({
      task: { status: "queued", epoch: 2, lapses: 1, version: 3 },
      attempt: { outcome: "lapsed", endedAt: START + held.attempt.leaseMs },
    });
    const late = { ...beatOf(held), epoch: 2 };
    expect([await queue().beat(beatOf(held)), await queue().beat(late)]).toEqual([null, null]);
  });
});

describe.each(PLACES)("time in a %s", (kind) => {
  test("is the database's own unless a test hands in another", async () => {
    const place = await makePlace(kind);
    const real = await place.open();
    const before = Date.now();
    const now = await real.store.queue.now();
    // The database rounds to the nearest millisecond.
    expect(now).toBeGreaterThanOrEqual(before - 1);
    expect(now).toBeLessThanOrEqual(Date.now() + 1);
    await seedRoster(real.house);
    await added(real.house);
    const claim = well(await claimTask(real.house, asks("s-1")));
    if (!("facts" in claim) || claim.facts.attempt === null) throw new Error("nothing to claim");
    const { attempt } = claim.facts;
    expect(attempt.leaseExpiresAt - attempt.startedAt).toBe(attempt.leaseMs);
    const standing = await place.open({ startAt: START });
    expect(await standing.store.queue.now()).toBe(START);
    // For that clock the lease has years to go; for the real one it lapses by itself.
    expect(await standing.store.queue.lapsed(10)).toEqual([]);
    await place.remove();
  });
});
