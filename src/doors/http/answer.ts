import { canonicalJson, type Json } from "../../core/json.ts";
import type { Outcome } from "../../core/refusal.ts";
import { readJson } from "./body.ts";
import { type Call, type CallContext, takesBody } from "./call.ts";
import { fieldFaults } from "./field-faults.ts";
import { answerOnce, type Sent } from "./idempotency.ts";
import { type KeyRing, requireRole } from "./keys.ts";
import type { DoorLog } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { type FieldFault, faultsProblem, ProblemAnswer, problem, refusalProblem } from "./problem.ts";

export interface Desk {
  readonly house: CallContext["house"];
  readonly keys: KeyRing;
  readonly limit: (caller: string) => void;
  readonly metrics: Metrics;
  readonly log: DoorLog;
}

export interface Asked {
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, readonly string[]>>;
  /** The remote address: callers without a key share a bucket by it. */
  readonly address: string;
}

interface Input {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Who may ask at all: a living key, not too often, of the role the call needs. */
export async function admit(desk: Desk, call: Call, { request, address }: Asked): Promise<CallContext> {
  const agent = await desk.keys
    .owner(request.headers.get("authorization") ?? undefined)
    .catch((error: unknown) => {
      desk.limit(`address ${address}`);
      throw error;
    });
  desk.limit(agent.name);
  if (call.role !== undefined) requireRole(agent, call.role);
  return {
    house: desk.house,
    agent,
    caller: { actor: `agent:${agent.name}` },
    forgetKeys: () => desk.keys.forget(),
  };
}

/** Serves one call: admit, read, validate, run once, and send only what the schema lets out. */
export async function answerCall(desk: Desk, call: Call, asked: Asked): Promise<Response> {
  const context = await admit(desk, call, asked);
  const raw = takesBody(call) ? await readJson(asked.request, call.reads) : {};
  const input = validate(desk, call, asked, raw);
  const run = async (requestId?: string): Promise<Sent> => {
    const caller = { ...context.caller, requestId };
    return toSent(desk, call, await call.run({ ...context, caller }, input));
  };
  const key = call.method === "post" ? asked.request.headers.get("idempotency-key") : null;
  if (key === null) return respond(call, await run(), false);
  const url = new URL(asked.request.url);
  const { sent, replayed } = await answerOnce({
    house: desk.house,
    agent: context.agent,
    key,
    question: `${call.method} ${url.pathname}${url.search}\n${canonicalJson(raw)}`,
    secret: call.secret === true,
    run,
    recall: async (made) => {
      if (call.recall === undefined) return null;
      return toSent(desk, call, await call.recall(context, made));
    },
  });
  return respond(call, sent, replayed);
}

/** All of the request against its schemas; every fault of every part at once. */
export function validate(desk: Desk, call: Call, { params, query }: Asked, raw: Json): Input {
  const faults: FieldFault[] = [];
  const single: Record<string, string> = {};
  for (const [name, values] of Object.entries(query)) {
    single[name] = values[0] ?? "";
    if (values.length > 1) faults.push({ field: name, expected: "given once", got: [...values] });
  }
  const part = (schema: Call["body"], value: unknown): unknown => {
    if (schema === undefined) return value;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    faults.push(...fieldFaults(parsed.error, value));
    return undefined;
  };
  const unknowns = (known: boolean, value: object): void => {
    if (known) return;
    for (const name of Object.keys(value)) faults.push({ field: name, expected: "no such field", got: null });
  };
  unknowns(call.query !== undefined, single);
  if (raw !== null && typeof raw === "object") unknowns(call.body !== undefined, raw);
  const input = {
    params: part(call.params, params) as Input["params"],
    query: part(call.query, single) as Input["query"],
    body: part(call.body, raw),
  };
  faults.push(...(call.check?.(desk.house, raw) ?? []));
  if (faults.length > 0) throw new ProblemAnswer(faultsProblem(faults));
  return input;
}

function toSent(desk: Desk, call: Call, outcome: Outcome<unknown>): Sent {
  if (outcome.ok) {
    desk.metrics.answered(call.name, outcome.value);
    // What goes out is parsed: a column the schema does not name stays in the house.
    return { status: call.success.status, body: JSON.stringify(call.success.schema.parse(outcome.value)) };
  }
  const { refusal } = outcome;
  if (refusal.sort === "refused") desk.metrics.refused(refusal);
  const body = refusalProblem(refusal);
  return { status: body.status, body: JSON.stringify(body) };
}

function respond(call: Call, { status, body }: Sent, replayed: boolean): Response {
  const well = status < 400;
  const headers = new Headers({ "content-type": well ? "application/json" : "application/problem+json" });
  if (replayed) headers.set("idempotent-replayed", "true");
  if (well && call.location !== undefined) headers.set("location", call.location(JSON.parse(body)));
  return new Response(body, { status, headers });
}

/** What is answered where no call fits the path, or none of the path's calls this method. */
export function noSuchCall(calls: readonly Call[], method: string, path: string): ProblemAnswer {
  const fitting = calls.filter((call) => pattern(call.path).test(path));
  if (fitting.length === 0) {
    return new ProblemAnswer(
      problem(404, "no-such-path", {
        field: "path",
        got: path.slice(0, 200),
        hint: "/openapi.json lists the calls.",
      }),
    );
  }
  const allowed = fitting.flatMap((call) =>
    call.method === "get" ? ["GET", "HEAD"] : [call.method.toUpperCase()],
  );
  return new ProblemAnswer(
    problem(405, "method", {
      field: "method",
      expected: allowed,
      got: method,
      hint: `${path.slice(0, 200)} takes ${allowed.join(", ")}.`,
    }),
    { allow: allowed.join(", ") },
  );
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`);
}
