// What exporters send, as they send it, through the real door: what is read, what is not, and what bad input does.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Ask,
  addedTask,
  claimedTask,
  type HeldTask,
  openDoor,
  type TestDoor,
} from "../http/support/door.ts";
import { callSpan, spans } from "./otlp.ts";

const START = Date.UTC(2026, 2, 30, 9);
let door: TestDoor;
let held: HeldTask;
let session = "";
let sessions = 0;

beforeAll(async () => {
  door = await openDoor({ startAt: START });
});
afterAll(() => door.close());
beforeEach(async () => {
  sessions += 1;
  session = `t-${sessions}`;
  await addedTask(door);
  held = await claimedTask(door, session);
});

/** A recorded export, of this test's session. */
function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, "fixtures", name), "utf8").replaceAll(
    '"s-1"',
    JSON.stringify(session),
  );
}
const send = (signal: "traces" | "logs", ask: Ask) =>
  door.ask("POST", `/v1/${signal}`, { key: door.ada, ...ask });
/** Everything that was written, observations too. */
const kept = async () =>
  (await door.everything()) + JSON.stringify(await door.house.routes.seen({ agent: "ada" }, 10_000));
const ledger = async () => (await door.ask("GET", `/v1/routes?session=${session}`)).body.attempts[0];

describe("OTLP as exporters send it", () => {
  test("a chat span of the GenAI conventions shows the route that was observed and the model that answered", async () => {
    expect(await send("traces", { raw: fixture("genai-traces.json") })).toMatchObject({
      status: 200,
      body: {},
    });
    expect(await ledger()).toMatchObject({
      attempt: held.attempt.id,
      required: { route: held.attempt.route, source: "lane" },
      requested: { route: held.attempt.route, source: "claim", at: held.attempt.startedAt },
      reported: null,
      observed: [
        {
          session,
          attempt: held.attempt.id,
          source: "otlp-trace",
          provider: "anthropic",
          requestedModel: "claude-opus-5",
          respondedModel: "claude-opus-5",
          count: 1,
        },
      ],
      errors: [],
      tainted: false,
      diagnosis: null,
    });
  });

  test("the older gen_ai.system, an error and a quota that came as 429 are told for what they are", async () => {
    expect((await send("traces", { raw: fixture("genai-traces-older-error.json") })).body).toEqual({});
    expect(await ledger()).toMatchObject({
      observed: [],
      errors: [
        {
          provider: "openai",
          requestedModel: "gpt-7",
          errorType: "RateLimitError",
          statusCode: 429,
          trouble: "billing",
        },
      ],
      diagnosis: { verdict: "route-override", kind: "billing", got: { provider: "openai", model: "gpt-7" } },
    });
  });

  test("Claude Code's events say a model and no provider, which stays unobserved", async () => {
    expect((await send("logs", { raw: fixture("claude-code-logs.json") })).body).toEqual({});
    expect(await ledger()).toMatchObject({
      observed: [
        { source: "otlp-log", provider: null, requestedModel: "claude-opus-5", respondedModel: null },
      ],
      resolved: [],
      errors: [{ provider: null, requestedModel: "claude-haiku-4-5", statusCode: 400, trouble: "billing" }],
      diagnosis: { verdict: "route-override", got: { provider: null, model: "claude-haiku-4-5" } },
    });
    const events = (await door.house.log.events({ after: 0, limit: 10_000 })).filter(
      ({ kind, data }) => kind === "trouble.reported" && data["attempt"] === held.attempt.id,
    );
    expect(events).toMatchObject([
      { task: null, version: null, data: { verdict: "route-override", source: "otlp-log" } },
    ]);
  });

  test("the same export again adds to a figure, not to the table nor to the log", async () => {
    await send("logs", { raw: fixture("claude-code-logs.json") });
    const before = await door.house.log.lastEvent();
    for (let times = 2; times <= 5; times += 1) await send("logs", { raw: fixture("claude-code-logs.json") });
    const { observed, errors } = await ledger();
    expect([observed, errors]).toMatchObject([[{ count: 5 }], [{ count: 5 }]]);
    expect(await door.house.log.lastEvent()).toBe(before);
  });

  test("gzip is understood, and what it unfolds to is held to the same limit", async () => {
    const headers = { "content-encoding": "gzip" };
    expect((await send("traces", { raw: gzipSync(fixture("genai-traces.json")), headers })).status).toBe(200);
    expect((await ledger()).observed).toHaveLength(1);
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, " "));
    expect(await send("traces", { raw: bomb, headers })).toMatchObject({
      status: 413,
      body: { code: "body-too-large" },
    });
    expect(await send("traces", { raw: "{}", headers })).toMatchObject({
      status: 400,
      body: { code: "not-gzip" },
    });
  });

  test("what the exporter was told of session and attempt wins over what the instrument says", async () => {
    const span = callSpan({ session: "inner-id", model: "claude-opus-5", at: door.clock.now });
    await send("traces", { body: spans([span], { "gatehouse.session": session }) });
    expect((await ledger()).observed).toMatchObject([{ session, count: 1 }]);
    await send("traces", { body: spans([span], { "gatehouse.attempt": held.attempt.id }) });
    expect((await ledger()).observed).toMatchObject([{ session, count: 2 }]);
  });

  test("a call from before the claim belongs to an earlier attempt, one without a time to this one", async () => {
    door.clock.advance(1000);
    await addedTask(door);
    session = `late-${sessions}`;
    held = await claimedTask(door, session);
    const early = callSpan({ session, model: "gpt-7", at: door.clock.now - 1 });
    const untimed = { ...callSpan({ session, model: "claude-opus-5", at: 0 }) };
    await send("traces", { body: spans([early, untimed]) });
    const { body } = await door.ask("GET", `/v1/routes?session=${session}`);
    expect(body.attempts[0].observed).toMatchObject([{ requestedModel: "claude-opus-5" }]);
    expect(body.unattributed).toMatchObject([{ requestedModel: "gpt-7", attempt: null }]);
  });

  test("another agent's key does not speak for an attempt, a collector's with an operator's key does", async () => {
    const body = spans([callSpan({ session, model: "gpt-7", at: door.clock.now })]);
    await send("traces", { body, key: door.bob });
    expect((await ledger()).observed).toEqual([]);
    await send("traces", { body, key: door.operator });
    expect((await ledger()).observed).toMatchObject([{ requestedModel: "gpt-7", agent: "ada" }]);
  });

  test("providers go by several names, and one of them is the lane's", async () => {
    const system = (value: string) =>
      spans([callSpan({ session, model: "claude-opus-5", at: door.clock.now, system: value })]);
    await send("traces", { body: system("vertex_ai") });
    await send("traces", { body: system("Anthropic") });
    const { observed } = await ledger();
    expect(observed.map(({ provider }: any) => provider).toSorted()).toEqual(["Anthropic", "gcp.vertex_ai"]);
  });

  test("a thousand spans are one batch, and one row a combination", async () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      callSpan({ session, model: index % 2 === 0 ? "claude-opus-5" : "gpt-7", at: door.clock.now + index }),
    );
    expect((await send("traces", { body: spans(many) })).body).toEqual({});
    const { observed } = await ledger();
    expect(observed.map(({ count }: any) => count)).toEqual([500, 500]);
  });

  test("a flood of made-up models stays bounded, and hides nothing that was right or wrong", async () => {
    const flood = Array.from({ length: 2000 }, (_, index) =>
      callSpan({ session, model: `m-${index}`, at: door.clock.now }),
    );
    await send("traces", { body: spans(flood) });
    const seen = await door.house.routes.seen({ session }, 10_000);
    expect(seen.length).toBeLessThanOrEqual(201);
    expect(seen.reduce((sum, { count }) => sum + count, 0)).toBe(2000);
    expect(seen.find(({ provider }) => provider === "…")).toMatchObject({ count: 1800, requestedModel: "…" });
  });
});

describe("what is no call of a model", () => {
  test("is counted and left alone", async () => {
    const figures = async () => {
      const { body } = await door.ask("GET", "/metrics", { key: null });
      return Number(/gatehouse_telemetry_records_total\{result="ignored"\} (\d+)/.exec(body)?.[1] ?? 0);
    };
    const before = await figures();
    const sessionless = callSpan({ session: "", model: "gpt-7", at: door.clock.now });
    const embedding = callSpan({ session, model: "embed-3", at: door.clock.now, operation: "embeddings" });
    const plain = {
      name: "GET /",
      attributes: [{ key: "http.request.method", value: { stringValue: "GET" } }],
    };
    const rows = await kept();
    expect((await send("traces", { body: spans([sessionless, embedding, plain]) })).body).toEqual({});
    expect((await send("traces", { body: { resourceMetrics: [], somethingNew: 1 } })).body).toEqual({});
    expect(await kept()).toBe(rows);
    expect(await figures()).toBe(before + 3);
  });
});

describe("bad input", () => {
  test.each([
    ["a list", "[]", "body"],
    ["a text", '"spans"', "body"],
    ["a number", "7", "body"],
    ["resourceSpans that is none", '{"resourceSpans": "all"}', "resourceSpans"],
    ["a resource that is a list", '{"resourceSpans": [[]]}', "resourceSpans[0]"],
    ["scopes that are a map", '{"resourceSpans": [{"scopeSpans": {}}]}', "resourceSpans[0].scopeSpans"],
    [
      "spans that are a number",
      '{"resourceSpans": [{"scopeSpans": [{"spans": 3}]}]}',
      "resourceSpans[0].scopeSpans[0].spans",
    ],
    [
      "attributes of a resource that are a map",
      '{"resourceSpans": [{"resource": {"attributes": {"a": 1}}}]}',
      "resourceSpans[0].resource.attributes",
    ],
  ])("%s is 400 and names the part", async (_, raw, field) => {
    const rows = await kept();
    expect(await send("traces", { raw })).toMatchObject({ status: 400, body: { code: "not-otlp", field } });
    expect(await kept()).toBe(rows);
  });

  test.each([
    ["NaN", '{"resourceSpans": [NaN]}', 400, "not-json"],
    ["a cut-off body", '{"resourceSpans": [', 400, "not-json"],
    ["deep nesting", `{"resourceSpans": ${"[".repeat(5000)}${"]".repeat(5000)}}`, 400, "too-deep"],
    ["10 MB", JSON.stringify({ resourceSpans: [], padding: "x".repeat(10_000_000) }), 413, "body-too-large"],
  ])("%s is refused", async (_, raw, status, code) => {
    expect(await send("logs", { raw })).toMatchObject({ status, body: { code } });
  });

  test("protobuf is told how to become JSON", async () => {
    const headers = { "content-type": "application/x-protobuf" };
    const { status, body } = await send("traces", { raw: Buffer.from([10, 0]), headers });
    expect([status, body.hint]).toEqual([415, expect.stringContaining("http/json")]);
  });

  test("no key is 401, and nothing is kept", async () => {
    expect((await send("traces", { raw: fixture("genai-traces.json"), key: null })).status).toBe(401);
    expect((await ledger()).observed).toEqual([]);
  });

  test("records that are not as they should be are rejected one by one, the others taken", async () => {
    const good = callSpan({ session, model: "claude-opus-5", at: door.clock.now });
    const bad = [
      7,
      null,
      "span",
      { attributes: "none" },
      { attributes: [{ key: 1 }] },
      { attributes: [null] },
    ];
    const { status, body } = await send("traces", { body: spans([...bad, good]) });
    expect([status, body.partialSuccess.rejectedSpans]).toEqual([200, "6"]);
    expect((await ledger()).observed).toHaveLength(1);
    const many = spans(Array.from({ length: 10_002 }, () => ({})));
    expect((await send("traces", { body: many })).body.partialSuccess.rejectedSpans).toBe("2");
    const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [1, 2] }] }] };
    expect((await send("logs", { body: logs })).body.partialSuccess.rejectedLogRecords).toBe("2");
  });

  test("values of the wrong type, without end or of another age are as if they were not there", async () => {
    const raw = JSON.stringify(
      spans([
        {
          ...callSpan({ session, model: "claude-opus-5", at: door.clock.now }),
          endTimeUnixNano: "99999999999999999999",
          startTimeUnixNano: {},
          status: "bad",
        },
      ]),
    ).replace(
      '"attributes":[{',
      '"attributes":[{"key":"http.response.status_code","value":{"doubleValue":1e999}},{',
    );
    expect((await send("traces", { raw })).status).toBe(200);
    const [seen] = (await ledger()).observed;
    expect(seen).toMatchObject({ requestedModel: "claude-opus-5", statusCode: null });
    expect(Date.parse(seen.lastSeenAt)).toBeLessThanOrEqual(door.clock.now);
  });

  test("a name with something hidden in it is another name", async () => {
    const body = spans([callSpan({ session, model: "claude-opus-5\u0000", at: door.clock.now })]);
    await send("traces", { body });
    await send("traces", {
      body: spans([callSpan({ session, model: "claude-opus-5\u200e", at: door.clock.now })]),
    });
    await send("traces", {
      body: spans([callSpan({ session, model: "x".repeat(5000), at: door.clock.now })]),
    });
    const models = (await ledger()).observed.map(({ requestedModel }: any) => requestedModel);
    expect(models).toHaveLength(3);
    expect(models).not.toContain("claude-opus-5");
  });
});
