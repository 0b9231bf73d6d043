import { type RouteConfig, z } from "@hono/zod-openapi";
import type { Caller, House } from "../../commands/house.ts";
import type { Outcome } from "../../core/refusal.ts";
import type { EventRecord } from "../../ports/log.ts";
import type { AgentRecord } from "../../ports/roster.ts";
import type { BodyRules } from "./body.ts";
import { type FieldFault, Problem } from "./problem.ts";

/** Who calls, and what the call may use. */
export interface CallContext {
  readonly house: House;
  readonly agent: AgentRecord;
  readonly caller: Caller;
  /** An agent was changed: remembered keys are looked up anew. */
  readonly forgetKeys: () => void;
}

type Shape = z.ZodObject;

interface CallOf<P extends Shape, Q extends Shape, B extends z.ZodType, A extends z.ZodType> {
  readonly method: "get" | "post" | "patch" | "put";
  /** As OpenAPI writes it: `/v1/tasks/{key}`. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  /** Absent: any living key. */
  readonly role?: AgentRecord["role"];
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly success: { readonly status: 200 | 201 | 202; readonly schema: A; readonly description: string };
  /** What the schema cannot know, about the body as it came; named together with the schema's own faults. */
  readonly check?: (house: House, body: unknown) => readonly FieldFault[];
  readonly run: (
    context: CallContext,
    input: { readonly params: z.output<P>; readonly query: z.output<Q>; readonly body: z.output<B> },
  ) => Promise<Outcome<z.input<A>>>;
  /** The answer to a request whose change was made by a run that died before it could answer: from the present state. */
  readonly recall?: (context: CallContext, made: EventRecord) => Promise<Outcome<z.input<A>>>;
  readonly location?: (answer: z.output<A>) => string;
  /** The answer holds a secret that is shown once: it is never kept for a repeated request. */
  readonly secret?: boolean;
  /** Another form of body than the usual one. */
  readonly reads?: BodyRules;
  /** The same call as a stream, for who accepts `text/event-stream`. */
  readonly live?: true;
}

/** A call whose types are checked where it is written and forgotten where it is served. */
export type Call = CallOf<Shape, Shape, z.ZodType, z.ZodType>;

const Nothing = z.strictObject({});

/** Ties a call's schemas to its handler; what is served, validated and described is this one object. */
export function defineCall<
  A extends z.ZodType,
  P extends Shape = typeof Nothing,
  Q extends Shape = typeof Nothing,
  B extends z.ZodType = typeof Nothing,
>(call: CallOf<P, Q, B, A>): Call {
  return call;
}

export const takesBody = (call: Call): boolean => call.method !== "get";

const problems = (...statuses: number[]): RouteConfig["responses"] =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: PROBLEMS[status] ?? "Refused",
        content: { "application/problem+json": { schema: Problem } },
      },
    ]),
  );

const PROBLEMS: Readonly<Record<number, string>> = {
  400: "The body is no JSON in UTF-8",
  401: "No key, or none that lives",
  403: "The key's role may not",
  404: "What is named does not exist",
  409: "A gate refused",
  413: "The body is too large",
  415: "The body is no JSON",
  422: "The request does not fit; every field is named",
  429: "Too many requests",
  500: "A fault of this product",
  503: "The database cannot be used now",
};

const IdempotencyKey = z.object({
  "Idempotency-Key": z
    .string()
    .optional()
    .openapi({ description: "For 24 h, the same key with the same request gets the first answer again" }),
});

/** The call as OpenAPI describes it, from the schemas that validate it. */
export function describeCall(call: Call): RouteConfig {
  const { status, schema, description } = call.success;
  const stream = call.live === true ? { "text/event-stream": { schema: z.string() } } : {};
  return {
    method: call.method,
    path: call.path,
    operationId: call.name,
    summary: call.summary,
    tags: [call.path.split("/")[2] ?? ""],
    security: [{ key: [] }],
    request: {
      ...(call.params === undefined ? {} : { params: call.params }),
      ...(call.query === undefined ? {} : { query: call.query }),
      ...(call.method === "post" ? { headers: IdempotencyKey } : {}),
      ...(call.body === undefined
        ? {}
        : { body: { required: true, content: { "application/json": { schema: call.body } } } }),
    },
    responses: {
      [status]: { description, content: { "application/json": { schema }, ...stream } },
      ...problems(401, 403, 404, 409, 422, 429, 500, 503, ...(takesBody(call) ? [400, 413, 415] : [])),
    },
  };
}
