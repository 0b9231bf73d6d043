import { z } from "@hono/zod-openapi";
import type { Json } from "../../core/json.ts";
import { GATES, type Refusal } from "../../core/refusal.ts";
import type { Trouble } from "../../ports/trouble.ts";

/** One wrong field of a request: where, what it takes, what came. */
export interface FieldFault {
  readonly field: string;
  readonly expected: string;
  readonly got: Json;
}

/** What every refusal over HTTP looks like (RFC 9457). A gate's refusal carries its own fields beside the standard's. */
export const Problem = z
  .object({
    type: z.string().openapi({ example: "urn:gatehouse:queue-truth:stale-version" }),
    title: z.string(),
    status: z.int(),
    gate: z.enum(GATES).optional(),
    code: z.string().openapi({ description: "Stable, unique within its gate", example: "stale-version" }),
    field: z.string().optional(),
    expected: z.unknown().optional(),
    got: z.unknown().optional(),
    hint: z.string().openapi({ description: "What to do now" }),
    errors: z
      .array(z.object({ field: z.string(), expected: z.string(), got: z.unknown().optional() }))
      .optional()
      .openapi({ description: "Every wrong field of the request" }),
    errorId: z.string().optional().openapi({ description: "Stands in the log beside what happened" }),
  })
  .openapi("Problem");
export type Problem = z.infer<typeof Problem>;

const TITLES: Readonly<Record<number, string>> = {
  400: "The request cannot be read",
  401: "A key is needed",
  403: "This key may not",
  404: "Not found",
  405: "Method not allowed",
  406: "Not acceptable",
  409: "Refused",
  413: "Too large",
  415: "Unsupported media type",
  422: "The request does not fit",
  429: "Too many requests",
  500: "Something went wrong here",
  503: "Not available now",
};

const STATUS_OF_SORT: Readonly<Record<Refusal["sort"], number>> = {
  refused: 409,
  missing: 404,
  invalid: 422,
  forbidden: 403,
};

/** An answer that is no success, on its way to the client. */
export class ProblemAnswer extends Error {
  override readonly name = "ProblemAnswer";
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(body.hint);
    this.problem = body;
    this.headers = headers;
  }
}

type Details = Omit<Problem, "type" | "title" | "status" | "code"> & { readonly title?: string };

export function problem(status: number, code: string, details: Details): Problem {
  const type = `urn:gatehouse:${details.gate ?? "http"}:${code}`;
  return { type, title: TITLES[status] ?? "Refused", status, code, ...details };
}

/** A gate's or a command's refusal, in its own words. */
export function refusalProblem(refusal: Refusal): Problem {
  const { sort, gate, code, field, expected, got, hint } = refusal;
  const status = STATUS_OF_SORT[sort];
  // A wrong or unknown name is no gate's decision: the gate is named where one said no.
  const details: Details = {
    ...(sort === "missing" ? {} : { gate }),
    ...(field === undefined ? {} : { field }),
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
    hint,
  };
  const faults =
    sort === "invalid" && field !== undefined
      ? { errors: [{ field, expected: inWords(expected), got: got ?? null }] }
      : {};
  return problem(status, code, { ...details, ...faults });
}

/** A body or query that does not fit, naming every field at once. */
export function faultsProblem(faults: readonly FieldFault[]): Problem {
  const [first] = faults;
  const names = [...new Set(faults.map((fault) => fault.field))];
  return problem(422, "invalid", {
    ...(first === undefined ? {} : { field: first.field, expected: first.expected, got: first.got }),
    hint: `Mend ${names.join(", ")}; /openapi.json describes what is taken.`,
    errors: faults.map((fault) => ({ ...fault })),
  });
}

export function troubleAnswer(trouble: Trouble): ProblemAnswer {
  const seconds = Math.max(1, Math.ceil((trouble.retryAfterMs ?? 1000) / 1000));
  return new ProblemAnswer(
    problem(503, trouble.code.toLowerCase().replaceAll("_", "-"), {
      // What stands in brackets are the database's own words, with paths of this machine in them: they go to the log.
      hint: trouble.message.replace(/ \(.*\)$/s, ""),
    }),
    { "retry-after": String(seconds) },
  );
}

export function sendProblem({ problem: body, headers }: ProblemAnswer): Response {
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

/** What is expected, as a person reads it. */
export function inWords(expected: Json | undefined): string {
  if (typeof expected === "string") return expected;
  return Array.isArray(expected)
    ? `one of ${expected.join(", ")}`
    : JSON.stringify(expected ?? "another value");
}
