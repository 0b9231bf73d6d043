import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, Hono, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { House } from "../../commands/house.ts";
import type { ChatConnections } from "../../ports/chat-connections.ts";
import type { Nudge } from "../../ports/nudge.ts";
import { Trouble } from "../../ports/trouble.ts";
import { agentCalls } from "./agents.ts";
import { type Asked, admit, answerCall, type Desk, noSuchCall, validate } from "./answer.ts";
import { attemptCalls } from "./attempts.ts";
import { type Call, describeCall } from "./call.ts";
import { claimCalls } from "./claims.ts";
import { contradictionCalls } from "./contradictions.ts";
import { epicCalls } from "./epics.ts";
import { historyCalls } from "./history.ts";
import { keyRing } from "./keys.ts";
import { laneCalls } from "./lanes.ts";
import { type LiveStreams, liveStreams } from "./live.ts";
import type { DoorLog } from "./log.ts";
import { doorMetrics, type Metrics } from "./metrics.ts";
import { ProblemAnswer, problem, sendProblem, troubleAnswer } from "./problem.ts";
import { GENEROUS, type RateLimit, rateLimiter } from "./rate-limit.ts";
import { routeCalls } from "./route-calls.ts";
import { stateCalls } from "./state.ts";
import { taskActionCalls } from "./task-actions.ts";
import { taskCalls } from "./tasks.ts";
import { telemetryCalls } from "./telemetry.ts";

/** Every call of version 1, in the order the description lists them. */
const CALLS: readonly Call[] = [
  ...taskCalls,
  ...taskActionCalls,
  ...claimCalls,
  ...attemptCalls,
  ...stateCalls,
  ...historyCalls,
  ...contradictionCalls,
  ...laneCalls,
  ...epicCalls,
  ...agentCalls,
  ...routeCalls,
  ...telemetryCalls,
];

export interface HttpAppOptions {
  readonly house: House;
  readonly log: DoorLog;
  readonly version: string;
  /** Rung by this process's writers: live streams wake at once. */
  readonly nudge?: Nudge | undefined;
  readonly rate?: RateLimit | undefined;
  /** Pages served beside the API, such as the dashboard. */
  readonly mounts?: readonly Hono[] | undefined;
  readonly walBytes?: (() => Promise<number | null>) | undefined;
  /** How the chats of this process are connected; absent where none is listened to. */
  readonly connections?: ChatConnections | undefined;
  /** A monotonic clock in milliseconds, for limits and durations. */
  readonly now?: (() => number) | undefined;
}

interface DoorEnv {
  // The path's pattern, for the numbers.
  readonly Variables: { route?: string };
  readonly Bindings: { readonly incoming?: { readonly socket: { readonly remoteAddress?: string } } };
}
type DoorContext = Context<DoorEnv>;

export interface HttpApp {
  readonly app: OpenAPIHono<DoorEnv>;
  readonly streams: LiveStreams;
}

/** The HTTP door without its socket. */
export function httpApp(options: HttpAppOptions): HttpApp {
  const { house, log } = options;
  const now = options.now ?? (() => performance.now());
  const metrics = doorMetrics({
    house,
    walBytes: options.walBytes,
    connections: options.connections,
  });
  const desk: Desk = {
    house,
    log,
    metrics,
    keys: keyRing(house, now),
    limit: rateLimiter(options.rate ?? GENEROUS, now),
  };
  const streams = liveStreams(house, options.nudge, now);
  const app = new OpenAPIHono<DoorEnv>();
  app.use(observe(metrics, now));
  app.use("/v1/*", secured);
  for (const call of CALLS) {
    app.openAPIRegistry.registerPath(describeCall(call));
    app.on(call.method, call.path.replaceAll(/\{([^}]+)\}/g, ":$1"), async (context) => {
      context.set("route", call.path);
      return call.live === true && wantsStream(context)
        ? openStream(desk, streams, call, context)
        : answerCall(desk, call, asked(context));
    });
  }
  describe(app, options.version);
  watch(app, house, metrics, options.connections);
  for (const mount of options.mounts ?? []) app.route("/", mount);
  app.notFound((context) => sendProblem(noSuchCall(CALLS, context.req.method, context.req.path)));
  app.onError((error) => sendProblem(asAnswer(error, house, log)));
  return { app, streams };
}

/** Every answer is counted, by the path's pattern and never by the path: keys of tasks are not labels. */
function observe(metrics: Metrics, now: () => number): MiddlewareHandler<DoorEnv> {
  return async (context, next) => {
    const start = now();
    await next();
    context.res.headers.set("x-content-type-options", "nosniff");
    context.res.headers.set("referrer-policy", "no-referrer");
    const route = context.get("route") ?? "other";
    metrics.requested(context.req.method, route, context.res.status, (now() - start) / 1000);
  };
}

/** No page is served from here, and no other site's page may read what is: there are no CORS headers at all. */
const secured: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  headers.set("x-frame-options", "DENY");
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("cache-control", "no-store");
};

function asked(context: DoorContext): Asked {
  return {
    request: context.req.raw,
    params: context.req.param(),
    query: context.req.queries(),
    address: context.env.incoming?.socket.remoteAddress ?? "",
  };
}

/** A HEAD asks what would come, and takes nothing of it. */
function wantsStream(context: DoorContext): boolean {
  return (
    context.req.method === "GET" &&
    /(^|[ ,])text\/event-stream($|[ ,;])/.test(context.req.header("accept") ?? "")
  );
}

async function openStream(
  desk: Desk,
  streams: LiveStreams,
  call: Call,
  context: DoorContext,
): Promise<Response> {
  const request = asked(context);
  await admit(desk, call, request);
  const { query } = validate(desk, call, request, {});
  const lastSeen = context.req.header("last-event-id");
  const after = lastSeen !== undefined && /^[0-9]{1,15}$/.test(lastSeen) ? Number(lastSeen) : query["after"];
  return streams.open({
    after: (after as number | undefined) ?? 0,
    task: query["task"] as string | undefined,
    gone: context.req.raw.signal,
    stillAllowed: () => desk.keys.owner(context.req.header("authorization")),
  });
}

function describe(app: OpenAPIHono<DoorEnv>, version: string): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "key", {
    type: "http",
    scheme: "bearer",
    description: "An agent's key, as `gatehouse agent add` prints it once",
  });
  const document = () =>
    app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "Gatehouse", version, description: "The honest work queue for autonomous agents." },
    });
  let described: string | null = null;
  app.get("/openapi.json", () => {
    described ??= JSON.stringify(document());
    return new Response(described, { headers: { "content-type": "application/json" } });
  });
}

/** For whoever watches over the process: these need no key and tell nothing of any task. */
function watch(
  app: OpenAPIHono<DoorEnv>,
  house: House,
  metrics: Metrics,
  connections: ChatConnections | undefined,
): void {
  app.get("/healthz", (context) => context.json({ status: "alive" }));
  app.get("/readyz", async (context) => {
    // Migrations are done before the door opens; that the log can be read shows that the schema is there.
    await house.log.lastEvent();
    // A chat that is away is told, and is no reason to send agents elsewhere.
    const chats = Object.fromEntries(
      [...(connections?.all() ?? [])].map(([platform, { state, since }]) => [
        platform,
        { state, since: new Date(since).toISOString() },
      ]),
    );
    return context.json({ status: "ready", chats });
  });
  app.get("/metrics", async () => {
    const { text, contentType } = await metrics.scrape();
    return new Response(text, { headers: { "content-type": contentType } });
  });
}

function asAnswer(error: unknown, house: House, log: DoorLog): ProblemAnswer {
  if (error instanceof ProblemAnswer) return error;
  const errorId = house.identity.id();
  log.error({ err: error, errorId }, "a request failed");
  if (error instanceof Trouble) return troubleAnswer(error);
  if (error instanceof HTTPException && error.status < 500) {
    return new ProblemAnswer(problem(error.status, "http", { hint: error.message }));
  }
  return new ProblemAnswer(
    problem(500, "unexpected", {
      errorId,
      hint: `This is a fault of Gatehouse. Its log tells more beside ${errorId}.`,
    }),
  );
}
