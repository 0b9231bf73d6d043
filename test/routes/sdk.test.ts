// The door as a real OpenTelemetry SDK meets it: spans made by its tracer, sent by its exporters.
import { type Attributes, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { addedTask, claimedTask, type HeldTask, openDoor, type TestDoor } from "../http/support/door.ts";

/** What an exporter says of one batch. */
type Exported = Parameters<Parameters<SpanExporter["export"]>[1]>[0];

let door: TestDoor;
let held: HeldTask;
let session = "";
let sessions = 0;

beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());
beforeEach(async () => {
  sessions += 1;
  session = `sdk-${sessions}`;
  await addedTask(door);
  held = await claimedTask(door, session);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const headers = () => ({ authorization: `Bearer ${door.ada}` });
const ledger = async () => (await door.ask("GET", `/v1/routes?session=${session}`)).body.attempts[0];

/** A call of a model as the conventions for generative AI have it. */
function called(more: Attributes = {}): Attributes {
  return {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-opus-5",
    "gen_ai.response.model": "claude-opus-5",
    "gen_ai.usage.input_tokens": 1200,
    "gen_ai.request.stop_sequences": ["END"],
    "session.id": session,
    ...more,
  };
}

/** Makes spans and sends them as one batch; what the exporter said of it. */
async function sent(exporter: SpanExporter, spans: readonly { attributes: Attributes; fails?: string }[]) {
  const told: Exported[] = [];
  const listening: SpanExporter = {
    export: (batch: ReadableSpan[], done) =>
      exporter.export(batch, (result) => {
        told.push(result);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
  const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter: listening })] });
  const tracer = provider.getTracer("an-agent", "1.0.0");
  for (const { attributes, fails } of spans) {
    const span = tracer.startSpan("chat claude-opus-5", { kind: SpanKind.CLIENT, attributes });
    if (fails !== undefined) {
      span.recordException(new Error(fails));
      span.setStatus({ code: SpanStatusCode.ERROR, message: fails });
    }
    span.end();
  }
  await provider.forceFlush().catch(() => undefined);
  await provider.shutdown().catch(() => undefined);
  return told;
}

test("its JSON exporter is understood, and the ledger shows the route that was observed", async () => {
  const exporter = new OTLPTraceExporter({ url: `${door.base}/v1/traces`, headers: headers() });
  expect(await sent(exporter, [{ attributes: called() }, { attributes: called() }])).toEqual([{ code: 0 }]);
  expect(await ledger()).toMatchObject({
    attempt: held.attempt.id,
    observed: [
      {
        source: "otlp-trace",
        provider: "anthropic",
        requestedModel: "claude-opus-5",
        respondedModel: "claude-opus-5",
        count: 2,
      },
    ],
    errors: [],
    tainted: false,
  });
});

test("set up by the environment alone, as the documentation has it", async () => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", door.base);
  vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", `Authorization=Bearer%20${door.ada}`);
  expect(await sent(new OTLPTraceExporter(), [{ attributes: called() }])).toEqual([{ code: 0 }]);
  expect((await ledger()).observed).toMatchObject([{ requestedModel: "claude-opus-5", count: 1 }]);
});

test("compressed with gzip it is read as well, and an error on another route is told for what it is", async () => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip");
  const exporter = new OTLPTraceExporter({ url: `${door.base}/v1/traces`, headers: headers() });
  const elsewhere = { "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5" };
  const quota = called({
    ...elsewhere,
    "error.type": "insufficient_quota",
    "http.response.status_code": 429,
  });
  const { "gen_ai.response.model": _, ...failed } = quota;
  expect(await sent(exporter, [{ attributes: failed, fails: "You exceeded your quota" }])).toEqual([
    { code: 0 },
  ]);
  expect(await ledger()).toMatchObject({
    observed: [],
    errors: [{ provider: "openai", requestedModel: "gpt-5", statusCode: 429, trouble: "billing" }],
    diagnosis: { verdict: "route-override", kind: "billing" },
  });
});

test("its protobuf exporter is told, in a sentence, to send JSON; nothing of it is kept", async () => {
  const exporter = new ProtobufExporter({ url: `${door.base}/v1/traces`, headers: headers() });
  const [told] = await sent(exporter, [{ attributes: called() }]);
  expect(told?.code).toBe(1);
  const error = told?.error as unknown as { readonly code: number; readonly data: string } | undefined;
  expect(error?.code).toBe(415);
  expect(JSON.parse(error?.data ?? "")).toMatchObject({
    code: "media-type",
    expected: "application/json, in UTF-8",
    got: "application/x-protobuf",
    hint: "Export as JSON: OTEL_EXPORTER_OTLP_PROTOCOL=http/json.",
  });
  expect((await ledger()).observed).toEqual([]);
});
