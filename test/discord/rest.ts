// The HTTP side: reads a request, lets a fault have it, keeps the limits, and answers as the routes say.
import type { IncomingMessage, ServerResponse } from "node:http";
import { loose } from "./components.ts";
import { limited, type RateLimits } from "./rate-limits.ts";
import { Refused, refusals } from "./refusals.ts";

type Loose = { readonly [field: string]: unknown };

/** One request to a route, its path's names filled in. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Loose;
  /** The body itself where it is a list. */
  readonly whole: unknown;
}

export interface Route {
  readonly method: string;
  /** `/channels/:channel/messages` */
  readonly path: string;
  /** Interactions and webhooks speak for themselves by their token. */
  readonly open?: true;
  /** Null answers 204. */
  readonly run: (call: Call) => unknown;
}

/** One call as it was made and answered. `status` 0: there was no answer. */
export interface LoggedCall {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly route: string | null;
  readonly body: unknown;
  status: number;
  answer: unknown;
}

/**
 * What goes wrong on demand. `before` happens instead of the call, `after` once it was done: the difference between not
 * sent and sent without anybody knowing.
 */
export interface Fault {
  readonly method?: string;
  readonly path?: string | RegExp;
  readonly when?: "before" | "after";
  readonly what:
    | "hang"
    | "cut"
    | { readonly status: number; readonly code?: number }
    | { readonly retryAfterMs: number; readonly global?: boolean; readonly scope?: "user" | "shared" };
  /** How often; for ever without it. */
  times?: number;
}

export class Rest {
  readonly calls: LoggedCall[] = [];
  readonly faults: Fault[] = [];
  /** The token that is taken now; another one is answered 401. */
  token: string;
  readonly limits: RateLimits;
  readonly #routes: readonly { readonly route: Route; readonly pattern: RegExp }[];
  readonly #now: () => number;
  /** Told of each call when it was answered, or when it never will be. */
  onCall: ((call: LoggedCall) => void) | null = null;
  /** Asked of each call before it is served: what goes wrong with it. */
  disturb: ((call: LoggedCall) => Fault | null) | null = null;

  constructor(routes: readonly Route[], limits: RateLimits, token: string, now: () => number) {
    this.limits = limits;
    this.token = token;
    this.#now = now;
    this.#routes = routes.map((route) => ({
      route,
      pattern: new RegExp(`^${route.path.replaceAll(/:(\w+)/g, "(?<$1>[^/]+)")}$`),
    }));
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://discord");
    const method = request.method ?? "GET";
    const path = pathname.replace(/^\/api(?=\/)/, "").replace(/^\/v10(?=\/)/, "");
    const text = await bodyOf(request);
    const whole: unknown = text === "" ? {} : parsed(text);
    const found = this.#find(method, path);
    const call: LoggedCall = {
      at: this.#now(),
      method,
      path,
      route: found?.route.path ?? null,
      body: whole,
      status: 0,
      answer: null,
    };
    this.calls.push(call);
    try {
      const fault = this.disturb?.(call) ?? this.#fault(method, path);
      if (fault?.when !== "after" && fault !== undefined && this.#spoil(fault, call, response)) return;
      const answer = this.#run(request, call, found, searchParams);
      if (fault?.when === "after" && this.#spoil(fault, call, response)) return;
      this.#send(response, call, answer.status, answer.body, answer.headers);
    } catch (error) {
      const refused = error instanceof Refused ? error : new Refused(500, 0, String(error));
      if (!(error instanceof Refused)) process.stderr.write(`the Discord stand-in broke: ${String(error)}\n`);
      this.limits.countInvalid(refused.status, refused.headers["x-ratelimit-scope"]);
      this.#send(response, call, refused.status, refused.body, refused.headers);
    }
  }

  #run(
    request: IncomingMessage,
    call: LoggedCall,
    found: { readonly route: Route; readonly params: Record<string, string> } | null,
    query: URLSearchParams,
  ): { readonly status: number; readonly body: unknown; readonly headers: Record<string, string> } {
    if (this.limits.banned) throw new Refused(403, 0, "error code: 1015");
    if (found === null) throw refusals.noRoute();
    const { route, params } = found;
    const open = route.open === true;
    if (!open && request.headers.authorization !== `Bot ${this.token}`) throw refusals.unauthorized();
    const major = params["channel"] ?? params["guild"] ?? params["token"] ?? "";
    const headers = this.limits.take(`${route.method} ${route.path}`, major);
    const whole = call.body;
    const body = route.run({ params, query, body: loose(whole), whole });
    return { status: body === null ? 204 : 200, body, headers };
  }

  #find(method: string, path: string) {
    for (const { route, pattern } of this.#routes) {
      const match = route.method === method ? pattern.exec(path) : null;
      if (match !== null) {
        const params = Object.fromEntries(
          Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
        );
        return { route, params };
      }
    }
    return null;
  }

  #fault(method: string, path: string): Fault | undefined {
    const fault = this.faults.find(
      (each) =>
        each.times !== 0 &&
        (each.method === undefined || each.method === method) &&
        (each.path === undefined ||
          (typeof each.path === "string" ? path.startsWith(each.path) : each.path.test(path))),
    );
    if (fault?.times !== undefined) fault.times -= 1;
    return fault;
  }

  /** True where there is nothing more to answer. */
  #spoil({ what }: Fault, call: LoggedCall, response: ServerResponse): boolean {
    if (what === "hang") {
      this.onCall?.(call);
      return true;
    }
    if (what === "cut") {
      response.destroy();
      this.onCall?.(call);
      return true;
    }
    if ("retryAfterMs" in what) {
      const global = what.global === true;
      throw limited(what.retryAfterMs / 1000, global, global ? "global" : (what.scope ?? "user"));
    }
    throw new Refused(
      what.status,
      what.code ?? 0,
      what.status === 401 ? "401: Unauthorized" : `${what.status}: made up for a test`,
    );
  }

  #send(response: ServerResponse, call: LoggedCall, status: number, body: unknown, headers: object): void {
    call.status = status;
    call.answer = body;
    const json = status === 204 ? null : JSON.stringify(body);
    response.writeHead(status, {
      ...headers,
      ...(json === null ? {} : { "content-type": "application/json" }),
    });
    response.end(json ?? undefined);
    this.onCall?.(call);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400, 50_109, "The request body contains invalid JSON.");
  }
}
