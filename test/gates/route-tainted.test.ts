// What a lane demands to be seen: the gate's word at submit and at completion, and its twin against hand-written SQL.
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { observeRoutes } from "../../src/commands/observe-routes.ts";
import { setLane } from "../../src/commands/set-lane.ts";
import { settleProof } from "../../src/commands/settle-proof.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import { routeTrust } from "../../src/core/gates/heartbeat-trust.ts";
import type { SeenCall } from "../../src/core/route-facts.ts";
import { type CallSpan, callSpan, spans } from "../routes/otlp.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, type RawConnection, tryRaw, wouldRaw } from "../support/raw.ts";
import {
  added,
  claimed,
  type Held,
  holder,
  OPERATOR,
  proved,
  submitted,
  verified,
  well,
} from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
const ADA = { actor: "agent:ada" };
const ALIAS = "claude-opus-5-20260101";
const MODEL = "claude-opus-5";
let open: TestHouse;
let raw: RawConnection;
let sessions = 0;

beforeAll(async () => {
  open = await openTestHouse({ startAt: START });
  raw = await openRaw(open.url);
  await seedRoster(open.house, { capacity: 10_000 });
  await demand("required");
});
afterAll(async () => {
  await raw.close();
  await open.close();
});

async function demand(observe: "required" | "optional"): Promise<void> {
  well(await setLane(open.house, { name: "builder", observe, routeAliases: [ALIAS] }, OPERATOR));
}

async function working(): Promise<Held> {
  sessions += 1;
  await added(open.house, { priority: "P0" });
  const held = await claimed(open.house, `r-${sessions}`);
  await proved(open.house, held);
  return held;
}

async function saw(held: Held, call: Partial<CallSpan> = {}): Promise<void> {
  const span = callSpan({ session: held.attempt.session, model: MODEL, at: open.clock.now, ...call });
  const reporter = { agent: "ada", forAll: false };
  await observeRoutes(open.house, { telemetry: "traces", body: spans([span]) as never, reporter }, ADA);
}

const submit = (held: Held) => submitAttempt(open.house, holder(held), ADA);
const statusOf = async (held: Held) => (await open.house.queue.attempt(held.attempt.id))?.task.status;

describe("a lane that demands observation", () => {
  test("takes work that was seen on its route, and completes it", async () => {
    const held = await working();
    await saw(held);
    await saw(held, { responded: ALIAS });
    await submitted(open.house, held);
    await verified(open.house);
    expect(await statusOf(held)).toBe("done");
  });

  test.each([
    ["nothing was seen", null, "route.model", MODEL, null],
    ["another model was asked", { model: "claude-opus-4" }, "route.model", MODEL, "claude-opus-4"],
    ["another model answered", { responded: "claude-haiku-4-5" }, "route.model", MODEL, "claude-haiku-4-5"],
    ["another provider was asked", { provider: "openai" }, "route.provider", "anthropic", "openai"],
    [
      "a model was asked whose name begins alike",
      { model: `${MODEL}-mini` },
      "route.model",
      MODEL,
      `${MODEL}-mini`,
    ],
  ])(
    "refuses the submission where %s, and the holder keeps the task",
    async (_, call, field, expected, got) => {
      const held = await working();
      if (call !== null) {
        await saw(held);
        await saw(held, call);
      }
      expect(await submit(held)).toMatchObject({
        ok: false,
        refusal: { gate: "heartbeat-trust", code: "route-tainted", field, expected, got },
      });
      expect(await statusOf(held)).toBe("active");
    },
  );

  test("takes no failed call for one that made the work, nor for one on another route", async () => {
    const held = await working();
    await saw(held, { error: "rate_limit_error", status: 429 });
    expect(await submit(held)).toMatchObject({ ok: false, refusal: { code: "route-tainted", got: null } });
    await saw(held, { model: "gpt-7", provider: "openai", error: "insufficient_quota", status: 429 });
    await saw(held);
    expect((await submit(held)).ok).toBe(true);
  });

  test("takes a model it was seen on even where the provider stays unobserved", async () => {
    const held = await working();
    const body = {
      resourceLogs: [
        {
          scopeLogs: [
            {
              logRecords: [
                {
                  body: { stringValue: "claude_code.api_request" },
                  attributes: [
                    { key: "model", value: { stringValue: MODEL } },
                    { key: "session.id", value: { stringValue: held.attempt.session } },
                  ],
                },
              ],
            },
          ],
        },
      ],
    };
    const reporter = { agent: "ada", forAll: false };
    await observeRoutes(open.house, { telemetry: "logs", body, reporter }, ADA);
    expect((await submit(held)).ok).toBe(true);
    await verified(open.house);
  });

  test("gives back as failed what was seen elsewhere after it was submitted, and announces nothing", async () => {
    const held = await working();
    await saw(held);
    await submitted(open.house, held);
    await saw(held, { model: "claude-haiku-4-5" });
    await verified(open.house);
    expect(await open.house.queue.attempt(held.attempt.id)).toMatchObject({
      task: { status: "queued", failures: 1 },
      attempt: { outcome: "failed", reason: expect.stringContaining("claude-haiku-4-5") },
      proofs: [{ verdict: "passed" }],
    });
    const events = await open.house.log.events({ after: 0, task: held.task.key, limit: 100 });
    expect(events.at(-1)).toMatchObject({
      kind: "attempt.tainted",
      data: { route: { field: "route.model", expected: MODEL, got: "claude-haiku-4-5" } },
    });
    const [notices = []] = await raw.read([
      { sql: "SELECT 1 FROM notices WHERE kind = 'auto-complete' AND task_id = ?", args: [held.task.id] },
    ]);
    expect(notices).toEqual([]);
  });
});

test("what is seen between the decision and its writing is refused by the twin, and decided anew", async () => {
  const held = await working();
  await saw(held);
  await submitted(open.house, held);
  const before = await open.house.queue.attempt(held.attempt.id);
  const [proof] = before?.proofs ?? [];
  if (proof === undefined) throw new Error("no proof");
  await saw(held, { model: "gpt-7" });
  const reads: unknown[] = [];
  const queue = {
    ...open.house.queue,
    attempt: async (id: string) => {
      const facts = reads.length === 0 ? before : await open.house.queue.attempt(id);
      reads.push(facts);
      return facts;
    },
  };
  const verdict = { verdict: "passed", reason: "seen", evidence: `${held.task.key}:x` } as const;
  const settled = await settleProof({ ...open.house, queue }, { proof, taskKey: held.task.key }, verdict);
  expect(settled).toEqual({ ok: true, value: "returned" });
  expect(reads).toHaveLength(2);
  expect(await statusOf(held)).toBe("queued");
});

test("a lane that does not demand it takes everything, and shows what differs", async () => {
  await demand("optional");
  const [unseen, drifted] = [await working(), await working()];
  await saw(drifted, { model: "claude-haiku-4-5" });
  for (const held of [unseen, drifted]) await submitted(open.house, held);
  await verified(open.house);
  expect([await statusOf(unseen), await statusOf(drifted)]).toEqual(["done", "done"]);
  const facts = await open.house.routes.facts(0);
  expect(facts.find(({ attempt }) => attempt === drifted.attempt.id)).toMatchObject({
    tainted: false,
    observed: { requestedModel: "claude-haiku-4-5" },
    drifted: [{ requestedModel: "claude-haiku-4-5" }],
  });
  await demand("required");
});

test("the gate and its twin agree on everything that can be seen", async () => {
  await demand("optional");
  const held = await working();
  await submitted(open.house, held);
  const near = <T>(right: T, ...wrong: T[]) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant(right) }, fc.constantFrom(...wrong));
  const models = near<string | null>(MODEL, ALIAS, null, "claude-opus-4", "Claude-opus-5", `${MODEL} `);
  const call = fc.record({
    provider: near<string | null>("anthropic", null, "openai", "Anthropic"),
    requestedModel: models,
    respondedModel: models,
    kind: near("ok", "error"),
    own: near(true, false),
  });
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { maxLength: 3 }),
      fc.constantFrom<"required" | "optional">("required", "required", "optional"),
      async (calls, observe) => {
        const seen = calls.filter((one) => one.requestedModel !== null || one.respondedModel !== null);
        const observed: readonly SeenCall[] = seen.filter(({ kind, own }) => kind === "ok" && own);
        const lane = { name: "builder", observe, routeAliases: [ALIAS] };
        const refusal = routeTrust({ attempt: held.attempt, lane, observed });
        const twin = await wouldRaw(
          raw,
          ["UPDATE lanes SET observe = ? WHERE name = 'builder'", observe],
          ...seen.map((one, index) => observation(held, one, index)),
          [
            "UPDATE proofs SET verdict = 'passed', evidence = 'e', checked_at = 1 WHERE task_id = ?",
            held.task.id,
          ],
          ...BY_HAND.map((sql) => [sql, held.task.key] as const),
        );
        met.add(`${refusal?.field ?? "well"} ${refusal === null ? "" : refusal.got === null}`);
        expect(twin?.code ?? null).toBe(refusal?.code ?? null);
      },
    ),
    { numRuns: 400, seed: 20_260_330 },
  );
  expect([...met].toSorted()).toEqual([
    "route.model false",
    "route.model true",
    "route.provider false",
    "well ",
  ]);
  await demand("required");
});

const BY_HAND = [
  "INSERT INTO events (task_id, version, change_id, kind, actor, at, attempt, data) SELECT id, version + 1, 'hand', 'task.completed', 'me', 1, attempts, '{}' FROM tasks WHERE key = ?",
  "UPDATE attempts SET ended_at = started_at, outcome = 'done' WHERE ended_at IS NULL AND task_id = (SELECT id FROM tasks WHERE key = ?)",
  "UPDATE tasks SET status = 'done', completion = 'proved', version = version + 1 WHERE key = ?",
] as const;

function observation(
  { task, attempt }: Held,
  call: SeenCall & { kind: string; own: boolean },
  index: number,
) {
  const { provider, requestedModel, respondedModel, kind, own } = call;
  return [
    `INSERT INTO route_observations (session, agent, task_id, attempt, source, kind, provider, requested_model,
      responded_model, error_type, first_seen, last_seen, seen_count) VALUES (?, 'ada', ?, ?, 'otlp-log', ?, ?, ?, ?, ?, 1, 1, 1)`,
    attempt.session,
    own ? task.id : null,
    own ? attempt.number : null,
    kind,
    provider ?? "",
    requestedModel ?? "",
    respondedModel ?? "",
    String(index),
  ] as const;
}

describe("hand-written SQL does not undo what was seen", () => {
  test("it is not rewritten, and of an open attempt not deleted", async () => {
    const held = await working();
    await saw(held, { model: "gpt-7" });
    const where = `WHERE session = '${held.attempt.session}'`;
    for (const sql of [
      `UPDATE route_observations SET requested_model = '${MODEL}' ${where}`,
      `UPDATE route_observations SET kind = 'error' ${where}`,
      `UPDATE route_observations SET task_id = NULL, attempt = NULL ${where}`,
      `DELETE FROM route_observations ${where}`,
    ]) {
      expect(await tryRaw(raw, sql), sql).toMatchObject({ gate: "heartbeat-trust", code: "seen" });
    }
  });

  test("what a session says of itself cannot stand as seen", async () => {
    const sql = `INSERT INTO route_observations (session, agent, source, kind, requested_model, first_seen, last_seen, seen_count)
      VALUES ('s', 'ada', 'beat', 'ok', '${MODEL}', 1, 1, 1)`;
    await expect(raw.write([{ sql }])).rejects.toThrow(/CHECK/);
  });
});
