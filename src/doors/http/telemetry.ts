import { z } from "@hono/zod-openapi";
import { observeRoutes, type Telemetry } from "../../commands/observe-routes.ts";
import type { Json } from "../../core/json.ts";
import { done } from "../../core/refusal.ts";
import type { BodyRules } from "./body.ts";
import { type Call, type CallContext, defineCall } from "./call.ts";
import { ProblemAnswer, problem } from "./problem.ts";

/** Exporters send in batches, and spans of generative AI may carry whole conversations. */
const EXPORT: BodyRules = {
  maxBytes: 4 * 1024 * 1024,
  gzip: true,
  hint: "Export as JSON: OTEL_EXPORTER_OTLP_PROTOCOL=http/json.",
};

/** As the protocol has it: counts of 64 bits travel as text. */
const Exported = (count: "rejectedSpans" | "rejectedLogRecords") =>
  z.object({
    partialSuccess: z.object({ [count]: z.string(), errorMessage: z.string() }).optional(),
  });

function exportCall(telemetry: Telemetry, name: string, request: string): Call {
  const count = telemetry === "traces" ? "rejectedSpans" : "rejectedLogRecords";
  return defineCall({
    method: "post",
    path: `/v1/${telemetry}`,
    name,
    summary: `Take ${telemetry} as OTLP over HTTP in JSON, and keep what they tell of routes`,
    reads: EXPORT,
    // Read by the protocol's own rules, under which unknown fields are ignored.
    body: z.unknown().openapi(request, { type: "object", description: "As the OTLP specification has it" }),
    success: {
      status: 200,
      schema: Exported(count),
      description: "Taken; with partialSuccess, all but what it counts",
    },
    run: (context, { body }) => take(context, telemetry, count, body as Json),
  });
}

async function take({ house, agent, caller }: CallContext, telemetry: Telemetry, count: string, body: Json) {
  const reporter = { agent: agent.name, forAll: agent.role === "operator" };
  const observed = await observeRoutes(house, { telemetry, body, reporter }, caller);
  if ("ok" in observed) {
    const { field, expected } = observed;
    throw new ProblemAnswer(
      problem(400, "not-otlp", { field, expected, hint: "The body is no OTLP export: see docs/routes.md." }),
    );
  }
  if (observed.rejected === 0) return done({ ...observed, partialSuccess: undefined });
  const errorMessage = "some records are not as OTLP has them, or were too many for one request";
  return done({ ...observed, partialSuccess: { [count]: String(observed.rejected), errorMessage } });
}

export const telemetryCalls: readonly Call[] = [
  exportCall("traces", "exportTraces", "ExportTraceServiceRequest"),
  exportCall("logs", "exportLogs", "ExportLogsServiceRequest"),
];
