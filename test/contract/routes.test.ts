// What was seen of routes, kept on a file and on a server alike.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { observeRoutes } from "../../src/commands/observe-routes.ts";
import { setLane } from "../../src/commands/set-lane.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import type { NewObservation } from "../../src/core/telemetry/attribute.ts";
import { callSpan, spans } from "../routes/otlp.ts";
import { added, claimed, holder, OPERATOR, proved, submitted, verified, well } from "../support/story.ts";
import { makeHouse, PLACES, START } from "./places.ts";

const seenOnce = (change: Partial<NewObservation> = {}): NewObservation => ({
  session: "s-1",
  agent: "ada",
  attempt: null,
  source: "otlp-trace",
  kind: "ok",
  provider: "anthropic",
  requestedModel: "claude-opus-5",
  respondedModel: null,
  errorType: null,
  statusCode: null,
  trouble: null,
  message: null,
  firstSeenAt: null,
  lastSeenAt: null,
  count: 1,
  ...change,
});

describe.each(PLACES)("routes in a %s", (kind) => {
  let place: Awaited<ReturnType<typeof makeHouse>>;
  beforeEach(async () => {
    place = await makeHouse(kind, { capacity: 50 });
  });
  afterEach(() => place.remove());
  const routes = () => place.at.store.routes;
  const seen = () => routes().seen({ session: "s-1" }, 10_000);

  test("say of each observation whether it is the first of its kind", async () => {
    expect(await routes().record([])).toEqual([]);
    expect(await routes().record([seenOnce(), seenOnce({ kind: "error", trouble: "auth" })])).toEqual([
      true,
      true,
    ]);
    expect(await routes().record([seenOnce({ count: 3 }), seenOnce({ provider: null })])).toEqual([
      false,
      true,
    ]);
    expect(
      (await seen()).map(({ kind: sort, provider, count }) => `${sort} ${provider} ${count}`).toSorted(),
    ).toEqual(["error anthropic 1", "ok anthropic 4", "ok null 1"]);
  });

  test("count what arrives together once each, and tell one of them that it was first", async () => {
    const firsts = await Promise.all(Array.from({ length: 20 }, () => routes().record([seenOnce()])));
    expect(firsts.flat().filter((first) => first)).toHaveLength(1);
    expect(await seen()).toMatchObject([{ count: 20 }]);
  });

  test("keep the first and the last time, and none that is still to come", async () => {
    await routes().record([seenOnce({ firstSeenAt: START - 10, lastSeenAt: START - 5 })]);
    await routes().record([seenOnce({ firstSeenAt: START - 20, lastSeenAt: START + 1_000_000 })]);
    expect(await seen()).toMatchObject([{ firstSeenAt: START - 20, lastSeenAt: START, count: 2 }]);
  });

  test("belong to an attempt only where there is one", async () => {
    const key = await added(place.at.house);
    const held = await claimed(place.at.house);
    await routes().record([seenOnce({ attempt: held.attempt.id }), seenOnce({ attempt: "GATE-99.1" })]);
    expect((await seen()).map(({ attempt }) => attempt ?? "none").toSorted()).toEqual([`${key}.1`, "none"]);
    expect(await routes().seen({ attempt: held.attempt.id }, 10)).toHaveLength(1);
    expect(await routes().seen({ agent: "ada" }, 10)).toHaveLength(2);
    expect(await routes().seen({ agent: "bob" }, 10)).toEqual([]);
  });

  test("find who holds a session or an attempt, while it does", async () => {
    await added(place.at.house);
    const held = await claimed(place.at.house);
    const holders = [{ attempt: held.attempt.id, session: "s-1", agent: "ada", startedAt: START }];
    expect(await routes().holders(["s-1", "s-2"], [])).toMatchObject(holders);
    expect(await routes().holders([], [held.attempt.id, "nonsense"])).toMatchObject(holders);
    expect(await routes().attempts({ session: "s-1" }, 10)).toMatchObject([{ attempt: held.attempt.id }]);
    await proved(place.at.house, held);
    await submitted(place.at.house, held);
    expect(await routes().holders(["s-1"], [])).toMatchObject(holders);
    await verified(place.at.house);
    expect(await routes().holders(["s-1"], [held.attempt.id])).toEqual([]);
    // What is over and was never seen has no route to tell of; what was seen stays on record.
    expect(await routes().attempts({ session: "s-1" }, 10)).toEqual([]);
    await routes().record([seenOnce({ session: "s-1", attempt: held.attempt.id })]);
    expect(await routes().attempts({ session: "s-1" }, 10)).toMatchObject([{ attempt: held.attempt.id }]);
    expect(await routes().attempts({ session: "s-2" }, 10)).toEqual([]);
  });

  test("stay bounded however many combinations one session makes up", async () => {
    for (let batch = 0; batch < 8; batch += 1) {
      await routes().record(
        Array.from({ length: 100 }, (_, index) => seenOnce({ requestedModel: `m-${batch}-${index}` })),
      );
    }
    const all = await seen();
    expect(all.length).toBeLessThanOrEqual(501);
    expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(800);
    // What stands already goes on being told apart.
    await routes().record([seenOnce({ requestedModel: "m-0-0" })]);
    expect((await seen()).find(({ requestedModel }) => requestedModel === "m-0-0")?.count).toBe(2);
  });

  test("forget the oldest of what is over, and nothing of an open attempt", async () => {
    await added(place.at.house);
    const held = await claimed(place.at.house);
    await routes().record([seenOnce({ attempt: held.attempt.id }), seenOnce({ session: "s-0" })]);
    await place.outside.write([
      { sql: "UPDATE sqlite_sequence SET seq = 60000 WHERE name = 'route_observations'" },
    ]);
    await routes().record([seenOnce({ session: "s-9" })]);
    expect([
      await seen(),
      await routes().seen({ session: "s-0" }, 9),
      await routes().seen({ session: "s-9" }, 9),
    ]).toMatchObject([[{ attempt: held.attempt.id }], [], [{ session: "s-9" }]]);
  });

  test("that a lane demands decide about its work, whichever process saw them", async () => {
    const { house } = place.at;
    well(await setLane(house, { name: "builder", observe: "required", routeAliases: ["opus"] }, OPERATOR));
    expect(await house.roster.lane("builder")).toMatchObject({ observe: "required", routeAliases: ["opus"] });
    await added(house);
    const held = await claimed(house);
    await proved(house, held);
    const submit = () => submitAttempt(house, holder(held), { actor: "agent:ada" });
    expect(await submit()).toMatchObject({ ok: false, refusal: { code: "route-tainted", got: null } });
    const second = await place.open({ startAt: START });
    const body = spans([callSpan({ session: "s-1", model: "opus", at: START })]) as never;
    const reporter = { agent: "ada", forAll: false };
    await observeRoutes(second.house, { telemetry: "traces", body, reporter }, { actor: "agent:ada" });
    expect(await routes().facts(0)).toMatchObject([{ tainted: false, observed: { requestedModel: "opus" } }]);
    expect((await submit()).ok).toBe(true);
    await verified(house);
    expect((await house.queue.task(held.task.key))?.task.status).toBe("done");
  });
});
