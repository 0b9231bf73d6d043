import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { beat } from "../../src/commands/beat.ts";
import { type Beat, heartbeatTrust } from "../../src/core/gates/heartbeat-trust.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, type RawConnection, tryRaw } from "../support/raw.ts";
import { added, claimed, type Held, ROUTE } from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
let open: TestHouse;
let raw: RawConnection;
let held: Held;

beforeAll(async () => {
  open = await openTestHouse({ startAt: START });
  raw = await openRaw(open.url);
  await seedRoster(open.house);
  await seedRoster(open.house, { lane: "ops", agent: "bob" });
  await added(open.house);
  await added(open.house);
  held = await claimed(open.house, "s-1");
});
afterAll(async () => {
  await raw.close();
  await open.close();
});

function words(): Beat & { agent: string } {
  const { attempt, task } = held;
  return {
    attempt: attempt.id,
    epoch: attempt.epoch,
    lane: "builder",
    task: task.key,
    session: "s-1",
    route: ROUTE,
    agent: "ada",
  };
}

describe("a beat is refused by the first field that is not the holder's, named with what was expected and what came", () => {
  const cases: readonly (readonly [
    field: string,
    change: Partial<Beat & { agent: string }>,
    expected: unknown,
    got: unknown,
  ])[] = [
    ["task", { task: "GATE-2" }, "GATE-1", "GATE-2"],
    ["lane", { lane: "ops" }, "builder", "ops"],
    ["lane", { lane: "builder " }, "builder", "builder "],
    ["lane", { lane: "Builder" }, "builder", "Builder"],
    ["session", { session: "s-2" }, "s-1", "s-2"],
    ["session", { session: "S-1" }, "s-1", "S-1"],
    ["epoch", { epoch: 2 }, 1, 2],
    ["epoch", { epoch: 0 }, 1, 0],
    ["agent", { agent: "bob" }, "ada", "bob"],
    ["route.provider", { route: { ...ROUTE, provider: "openai" } }, "anthropic", "openai"],
    ["route.model", { route: { ...ROUTE, model: "claude-opus-5 " } }, "claude-opus-5", "claude-opus-5 "],
    ["route.model", { route: { ...ROUTE, model: "claude-opus-4" } }, "claude-opus-5", "claude-opus-4"],
    ["route.model", { route: { ...ROUTE, model: "claude-opus-55" } }, "claude-opus-5", "claude-opus-55"],
  ];
  test.each(cases)("%s: %o", async (field, change, expected, got) => {
    const outcome = await beat(open.house, { ...words(), ...change }, { actor: "agent:ada" });
    expect(outcome).toMatchObject({
      ok: false,
      refusal: { gate: "heartbeat-trust", code: "mismatch", field, expected, got },
    });
    expect((await open.house.queue.attempt(held.attempt.id))?.attempt?.beats).toBe(0);
  });

  test("an attempt that never was is not found", async () => {
    const outcome = await beat(open.house, { ...words(), attempt: "GATE-1.2" }, { actor: "agent:ada" });
    expect(outcome).toMatchObject({
      ok: false,
      refusal: { sort: "missing", field: "attempt", got: "GATE-1.2" },
    });
  });
});

describe("the exact tick of expiry", () => {
  const facts = () => ({ beat: words(), agent: "ada", attempt: held.attempt, task: held.task });
  test.each([
    ["one millisecond before", -1, null],
    ["at the millisecond itself", 0, "lease-lapsed"],
    ["one millisecond after", 1, "lease-lapsed"],
  ] as const)("%s", (_, offset, code) => {
    expect(heartbeatTrust(facts(), held.attempt.leaseExpiresAt + offset)?.code ?? null).toBe(code);
  });
});

test("the guard in the database lets through exactly the beats the gate lets through", async () => {
  const near = <T>(right: T, ...wrong: T[]) =>
    fc.oneof({ weight: 4, arbitrary: fc.constant(right) }, fc.constantFrom(...wrong));
  const beats = fc.record({
    attempt: near("GATE-1.1", "GATE-1.2", "GATE-2.1"),
    epoch: near(1, 0, 2),
    lane: near("builder", "ops", "builder2"),
    task: near("GATE-1", "GATE-2", "GATE-11"),
    session: near("s-1", "s-11", "s", "S-1"),
    route: near(ROUTE, { ...ROUTE, model: "claude-opus-5." }, { provider: "Anthropic", model: ROUTE.model }),
    agent: near("ada", "bob", "adam"),
  });
  const lease = held.attempt.leaseMs;
  await fc.assert(
    fc.asyncProperty(beats, fc.constantFrom(0, 1, lease - 1, lease, lease + 1), async (asked, wait) => {
      const before = await open.house.queue.attempt(held.attempt.id);
      if (before?.attempt == null) throw new Error("the attempt is gone");
      open.clock.advance(wait);
      const known = asked.attempt === "GATE-1.1";
      const refusal = heartbeatTrust(
        { beat: asked, agent: asked.agent, attempt: before.attempt, task: before.task },
        open.clock.now,
      );
      const renewed = await open.house.queue.beat(asked);
      open.clock.advance(-wait);
      expect(renewed !== null).toBe(known && refusal === null);
      if (renewed !== null) await rewind(before.attempt.leaseExpiresAt);
    }),
    { numRuns: 400 },
  );
});

/** Puts the attempt back as it was at its claim, past the twins: the next case starts from the same lease. */
async function rewind(leaseExpiresAt: number): Promise<void> {
  const trigger = (
    await raw.read([{ sql: "SELECT sql FROM sqlite_schema WHERE name = 'heartbeat_trust_renewal'" }])
  )[0]?.[0];
  await raw.write([
    { sql: "DROP TRIGGER heartbeat_trust_renewal" },
    {
      sql: "UPDATE attempts SET lease_expires_at = ?, last_heartbeat_at = started_at, beats = 0",
      args: [leaseExpiresAt],
    },
    { sql: String(trigger?.["sql"]) },
  ]);
}

describe("hand-written SQL cannot pass the gate either", () => {
  test.each([
    [
      "renew a lapsed lease",
      "UPDATE attempts SET last_heartbeat_at = lease_expires_at, lease_expires_at = lease_expires_at + lease_ms",
    ],
    [
      "stretch a lease beyond its length",
      "UPDATE attempts SET lease_expires_at = lease_expires_at + 1, last_heartbeat_at = started_at",
    ],
    ["turn time back", "UPDATE attempts SET last_heartbeat_at = last_heartbeat_at - 1"],
    ["hand an attempt to another session", "UPDATE attempts SET session = 'thief'"],
    ["change the route it runs on", "UPDATE attempts SET model = 'gpt-7'"],
    ["raise its epoch", "UPDATE attempts SET epoch = epoch + 1"],
  ])("%s", async (_, sql) => {
    expect(await tryRaw(raw, sql)).toMatchObject({ gate: "heartbeat-trust" });
  });

  test("an honest renewal passes", async () => {
    const sql =
      "UPDATE attempts SET last_heartbeat_at = started_at + 1, lease_expires_at = started_at + 1 + lease_ms";
    expect(await tryRaw(raw, sql)).toBeNull();
  });
});
