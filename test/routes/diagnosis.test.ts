// Routing bugs look like billing issues: whose error it is, and where the override sits.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { observeRoutes } from "../../src/commands/observe-routes.ts";
import { reportTrouble } from "../../src/commands/report-trouble.ts";
import { setLane } from "../../src/commands/set-lane.ts";
import { troubleOf } from "../../src/core/telemetry/signals.ts";
import { runHere } from "../support/command-line.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, type Held, holder, OPERATOR, well } from "../support/story.ts";
import { type CallSpan, callSpan, spans } from "./otlp.ts";

const START = Date.UTC(2026, 2, 30, 9);
const MODEL = "claude-opus-5";
const OTHER = { provider: "openai", model: "gpt-7" };
const MINUTE = 60_000;
let open: TestHouse;

beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house, { capacity: 100 });
});
afterEach(() => open.close());

async function working(session: string): Promise<Held> {
  await added(open.house);
  return claimed(open.house, session);
}

async function saw(session: string, call: Partial<CallSpan> = {}): Promise<void> {
  const span = callSpan({ session, model: MODEL, at: open.clock.now, ...call });
  const reporter = { agent: "ada", forAll: false };
  const input = { telemetry: "traces", body: spans([span]) as never, reporter } as const;
  expect(await observeRoutes(open.house, input, { actor: "agent:ada" })).toMatchObject({ understood: 1 });
  open.clock.advance(MINUTE);
}

const trouble = async (held: Held, change: object = {}) =>
  well(
    await reportTrouble(
      open.house,
      { ...holder(held), kind: "billing", ...OTHER, message: "You exceeded your current quota", ...change },
      { actor: "agent:ada" },
    ),
  );

describe("an error of another provider or model", () => {
  test("is a route override with its evidence, since the first call that was seen elsewhere", async () => {
    const held = await working("s-1");
    await saw("s-1", OTHER);
    await saw("s-1", OTHER);
    const diagnosis = await trouble(held);
    expect(diagnosis).toMatchObject({
      verdict: "route-override",
      kind: "billing",
      attempt: held.attempt.id,
      session: "s-1",
      required: { provider: "anthropic", model: MODEL },
      got: { provider: "openai", model: "gpt-7" },
      since: START,
      override: { seat: "session" },
      evidence: [
        { source: "claim", at: START, what: `${held.attempt.id} was claimed on anthropic/${MODEL}` },
        { source: "otlp-trace", at: START, what: expect.stringContaining("openai/gpt-7: answered, 2 times") },
      ],
    });
    expect(diagnosis.summary).toContain("Not a billing error of lane builder");
    const event = (await open.house.log.events({ after: 0, limit: 100 })).at(-1);
    expect(event).toMatchObject({
      kind: "trouble.reported",
      task: null,
      version: null,
      actor: "agent:ada",
      data: {
        attempt: held.attempt.id,
        verdict: "route-override",
        message: "You exceeded your current quota",
      },
    });
  });

  test("sits in the session where the agent's others stay on the route", async () => {
    await working("s-1");
    const held = await working("s-2");
    await saw("s-1");
    await saw("s-2", OTHER);
    const { override } = await trouble(held);
    expect(override).toEqual({
      seat: "session",
      because: "only session s-2 goes elsewhere; of ada, 1 other sessions were seen on the lane's route",
    });
  });

  test("sits with the agent where its sessions go elsewhere at the same time", async () => {
    await working("s-1");
    const held = await working("s-2");
    for (const session of ["s-1", "s-2", "s-1"]) await saw(session, OTHER);
    expect((await trouble(held)).override).toMatchObject({
      seat: "agent",
      because: expect.stringContaining("s-1, s-2"),
    });
  });

  test("is a fallback where an error of the lane's own route came first", async () => {
    const held = await working("s-1");
    await saw("s-1");
    await saw("s-1", { error: "overloaded_error", status: 529 });
    await saw("s-1", OTHER);
    expect((await trouble(held)).override).toMatchObject({
      seat: "fallback",
      because: expect.stringContaining(`overloaded_error of anthropic/${MODEL} came first`),
    });
  });

  test("comes from the configuration where it is back with each new session", async () => {
    for (const session of ["s-1", "s-2", "s-3"]) {
      const held = await working(session);
      await saw(session, OTHER);
      const { override } = await trouble(held);
      expect(override?.seat).toBe(session === "s-1" ? "session" : "configuration");
      open.clock.advance(MINUTE);
    }
  });

  test("does not count against the task, and ends nothing", async () => {
    const held = await working("s-1");
    await trouble(held);
    expect(await open.house.queue.attempt(held.attempt.id)).toMatchObject({
      task: { status: "active", failures: 0, lapses: 0, version: held.task.version },
      attempt: { endedAt: null },
    });
  });

  test("feeds the checks, with what is another route's told apart", async () => {
    const held = await working("s-1");
    await trouble(held);
    await trouble(held, { provider: "anthropic", model: MODEL, kind: "rate_limit" });
    const [facts] = await open.house.routes.facts(START);
    expect(facts).toMatchObject({
      attempt: held.attempt.id,
      agent: "ada",
      lane: "builder",
      open: true,
      observed: null,
    });
    expect(facts?.errors.map(({ kind, foreign }) => [kind, foreign]).toSorted()).toEqual([
      ["billing", true],
      ["rate_limit", false],
    ]);
  });
});

describe("an error of the lane's own route", () => {
  test.each([
    ["rate_limit", "cool down"],
    ["billing", "account"],
    ["auth", "credentials"],
    ["other", "Try again"],
  ] as const)("%s is what it says", async (kind, advice) => {
    const held = await working("s-1");
    expect(await trouble(held, { kind, provider: "anthropic", model: MODEL })).toMatchObject({
      verdict: "own-route",
      override: null,
      since: START,
      advice: expect.stringContaining(advice),
    });
  });

  test("by another of its provider's names, or the model's, is still the lane's own", async () => {
    const route = { provider: "gcp.vertex_ai", model: MODEL };
    well(
      await setLane(open.house, { name: "builder", route, routeAliases: [`${MODEL}@20260101`] }, OPERATOR),
    );
    await added(open.house);
    const claim = await open.house.queue.claim({ lane: "builder", agent: "ada", session: "s-1", route });
    const held = { ...claim, attempt: claim?.attempt } as Held;
    const said = { provider: "vertex_ai", model: `${MODEL}@20260101` };
    expect((await trouble(held, said)).verdict).toBe("own-route");
    expect((await trouble(held, { ...said, model: `${MODEL}@2026` })).verdict).toBe("route-override");
  });
});

test("only the holder may report, and only while it holds", async () => {
  const held = await working("s-1");
  const input = { ...holder(held), kind: "billing", ...OTHER, message: "x" } as const;
  const report = (change: object) =>
    reportTrouble(open.house, { ...input, ...change }, { actor: "agent:ada" });
  expect(await report({ epoch: 0 })).toMatchObject({ ok: false, refusal: { field: "epoch" } });
  expect(await report({ agent: "bob" })).toMatchObject({ ok: false, refusal: { field: "agent" } });
  expect(await report({ attempt: "GATE-9.9" })).toMatchObject({ ok: false, refusal: { sort: "missing" } });
  open.clock.advance(held.attempt.leaseMs);
  expect(await report({})).toMatchObject({ ok: false, refusal: { code: "lease-lapsed" } });
  expect(await open.house.routes.seen({ session: "s-1" }, 10)).toEqual([]);
});

test.each([
  [{ errorType: "RateLimitError", statusCode: 429, message: "You exceeded your current quota" }, "billing"],
  [{ errorType: null, statusCode: 400, message: "Your credit balance is too low" }, "billing"],
  [{ errorType: "402", statusCode: 402, message: null }, "billing"],
  [{ errorType: "rate_limit_error", statusCode: null, message: null }, "rate_limit"],
  [{ errorType: null, statusCode: 529, message: null }, "rate_limit"],
  [{ errorType: "authentication_error", statusCode: 401, message: "invalid x-api-key" }, "auth"],
  [{ errorType: null, statusCode: 403, message: null }, "auth"],
  [{ errorType: "timeout", statusCode: 500, message: "upstream" }, "other"],
] as const)("%j is %s", (error, kind) => {
  expect(troubleOf(error)).toBe(kind);
});

describe("gatehouse route show", () => {
  test("prints the ledger of a session, an attempt or an agent with the diagnosis", async () => {
    const held = await working("s-1");
    await saw("s-1", { responded: MODEL });
    await saw("s-1", OTHER);
    await trouble(held);
    for (const name of ["s-1", held.attempt.id, "ada"]) {
      const { status, out } = await runHere(open.house, ["route", "show", name]);
      expect(status, name).toBe(0);
      expect(out).toMatch(/^required +anthropic\/claude-opus-5 +lane +2026-03-30T09:00:00.000Z/m);
      expect(out).toMatch(/^requested +anthropic\/claude-opus-5 +claim /m);
      expect(out).toMatch(/^reported +no beat yet/m);
      expect(out).toMatch(/^resolved +anthropic\/claude-opus-5 +otlp-trace /m);
      expect(out).toMatch(/^observed +openai\/gpt-7 +otlp-trace /m);
      expect(out).toMatch(/^error +openai\/gpt-7 +trouble .* billing, You exceeded/m);
      expect(out).toContain("Most likely in: session");
    }
    const { json } = await runHere(open.house, ["route", "show", "s-1", "--json"]);
    expect(json.attempts[0]).toMatchObject({
      attempt: held.attempt.id,
      diagnosis: { verdict: "route-override", since: "2026-03-30T09:01:00.000Z" },
    });
  });

  test("says unobserved where nothing was observed, and refuses a name nobody knows", async () => {
    await working("s-1");
    expect((await runHere(open.house, ["route", "show", "s-1"])).out).toMatch(/^observed +unobserved /m);
    expect(await runHere(open.house, ["route", "show", "nobody"])).toMatchObject({ status: 1, out: "" });
  });
});
