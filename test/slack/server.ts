// A small strict Slack: the Web API with its limits, scopes, rates and errors, Socket Mode, signed requests, response
// addresses, and what goes wrong on demand. Refuses what Slack refuses: a peer that takes anything would hide every bug.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, type Args, type Call, Refused, refuse, type SlackView } from "./call.ts";
import { Incoming } from "./incoming.ts";
import { Rates } from "./rates.ts";
import { Sockets } from "./sockets.ts";
import { METHODS, missingScope, scopeRefusal } from "./web-api.ts";
import { type Seed, type SlackMessage, Workspace } from "./workspace.ts";

export const BOT_TOKEN = "xoxb-gatehouse";
export const APP_TOKEN = "xapp-gatehouse";
export const SIGNING_SECRET = "signed-by-slack";

/** What an app with the whole manifest was granted. */
export const ALL_SCOPES = [
  "app_mentions:read",
  "channels:history",
  "channels:read",
  "chat:write",
  "commands",
  "groups:history",
  "groups:read",
  "im:history",
  "im:write",
  "reactions:write",
  "usergroups:read",
  "users:read",
] as const;

export interface SlackOptions {
  readonly seed?: Seed;
  readonly scopes?: readonly string[];
  /** False: however much is asked, nothing is too much. */
  readonly rates?: boolean;
  /** Milliseconds since 1970 UTC; of time stamps, rates and triggers. */
  readonly now?: () => number;
}

/** `accepted`: whatever comes back, the call was carried out. */
export type Fault =
  | { readonly kind: "rate-limit"; readonly retryAfter: number }
  | { readonly kind: "error"; readonly error: string }
  | { readonly kind: "status"; readonly status: number; readonly accepted: boolean }
  | { readonly kind: "hang"; readonly accepted: boolean }
  | { readonly kind: "cut"; readonly accepted: boolean };

export interface LoggedCall {
  readonly method: string;
  readonly args: Args;
  readonly at: number;
  /** `ok`, Slack's error, or the fault it met. */
  answer: string;
}

const TRIGGER_MS = 3000;
const RESPONSE_USES = 5;
const RESPONSE_MS = 30 * 60_000;

export class SlackStandIn extends Incoming {
  readonly workspace: Workspace;
  readonly sockets: Sockets;
  /** Every call of a method, in the order it came. */
  readonly calls: LoggedCall[] = [];
  readonly views = new Map<string, SlackView>();
  /** What came to response addresses. */
  readonly responses: { readonly id: string; readonly body: any }[] = [];
  /** What only one person saw. */
  readonly ephemerals: Args[] = [];
  readonly scopes: Set<string>;
  /** What the bot's token is worth: `ok`, or the error every call gets. */
  token: "ok" | "invalid_auth" | "token_revoked" | "token_expired" | "account_inactive" = "ok";
  /** Asked before each call; what it answers with happens. */
  disturb: (call: LoggedCall) => Fault | null = () => null;
  readonly now: () => number;
  readonly port: number;
  readonly #watchers = new Set<(call: LoggedCall) => void>();
  readonly #http: Server;
  readonly #rates: Rates | null;
  readonly #faults: {
    readonly method: string;
    readonly channel?: string;
    times: number;
    readonly fault: Fault;
  }[] = [];
  readonly #triggers = new Map<string, { readonly at: number; used: boolean }>();
  readonly #responses = new Map<string, { readonly at: number; uses: number }>();

  constructor(http: Server, options: SlackOptions) {
    super();
    this.#http = http;
    this.port = (http.address() as AddressInfo).port;
    this.workspace = new Workspace(options.seed);
    this.sockets = new Sockets(http);
    this.scopes = new Set(options.scopes ?? ALL_SCOPES);
    this.now = options.now ?? (() => Date.now());
    this.#rates = options.rates === false ? null : new Rates();
    http.on("request", (request, response) => void this.#serve(request, response));
  }

  /** `http://127.0.0.1:PORT` */
  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The base of the Web API, as `SLACK_API_URL` takes it. */
  get apiUrl(): string {
    return `${this.address}/api`;
  }

  /** The next `times` calls of a method, in one channel if it is named, meet this. */
  fault(
    on: { readonly method: string; readonly channel?: string; readonly times?: number },
    fault: Fault,
  ): void {
    const { times = 1, ...where } = on;
    this.#faults.push({ ...where, times, fault });
  }

  /** Every message of a channel and its threads, oldest first. */
  messages(channel: string): readonly SlackMessage[] {
    return this.workspace.messages(channel);
  }

  callsOf(method: string): readonly LoggedCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** The first call, past or to come, that was answered and is the one that is meant. */
  answered(match: (call: LoggedCall) => boolean): Promise<LoggedCall> {
    const known = this.calls.find(match);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      const watch = (call: LoggedCall): void => {
        if (!match(call)) return;
        this.#watchers.delete(watch);
        resolve(call);
      };
      this.#watchers.add(watch);
    });
  }

  trigger(): string {
    const id = `${this.#triggers.size + 1}.${this.#triggers.size}.trigger`;
    this.#triggers.set(id, { at: this.now(), used: false });
    return id;
  }

  responseUrl(): string {
    const id = `r${this.#responses.size + 1}`;
    this.#responses.set(id, { at: this.now(), uses: 0 });
    return `${this.address}/response/${id}`;
  }

  async close(): Promise<void> {
    this.sockets.close();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    request.setEncoding("utf8");
    try {
      for await (const part of request) body += part;
    } catch {
      // The caller went away before it had said all.
      return;
    }
    const path = request.url ?? "/";
    const type = request.headers["content-type"] ?? "";
    if (path.startsWith("/response/")) return this.#respond(path.slice("/response/".length), body, response);
    const method = /^\/api\/([A-Za-z.]+)(?:\?.*)?$/.exec(path)?.[1];
    if (method === undefined) return answer(response, 404, { ok: false, error: "unknown_path" });
    const args = readArgs(type, body);
    const token =
      (request.headers.authorization ?? "").replace(/^Bearer /, "") || String(args["token"] ?? "");
    const call = this.#call(method, args, token, response);
    for (const watch of this.#watchers) watch(call);
  }

  #call(method: string, args: Args, token: string, response: ServerResponse): LoggedCall {
    const logged: LoggedCall = { method, args, at: this.now(), answer: "ok" };
    this.calls.push(logged);
    const fault = this.#planned(logged) ?? this.disturb(logged);
    if (fault !== null && !("accepted" in fault && fault.accepted)) {
      meet(fault, logged, response);
      return logged;
    }
    let told: Answer;
    try {
      const result = this.#run(method, args, token);
      if (typeof result === "number") {
        meet({ kind: "rate-limit", retryAfter: result }, logged, response);
        return logged;
      }
      told = { ok: true, ...result };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      logged.answer = error.message;
      told = { ok: false, error: error.message, ...error.more };
    }
    if (fault !== null) {
      meet(fault, logged, response);
      return logged;
    }
    answer(response, 200, told, { "x-oauth-scopes": [...this.scopes].join(",") });
    return logged;
  }

  /** What the method answers with, or after how many seconds it may be called again. */
  #run(name: string, args: Args, token: string): Answer | number {
    if (name === "apps.connections.open") {
      if (token !== APP_TOKEN) refuse(token === BOT_TOKEN ? "not_allowed_token_type" : "invalid_auth");
      return this.#rates?.take(name, "", this.now()) ?? { url: this.sockets.ticket(this.address) };
    }
    const method = METHODS[name];
    if (method === undefined) refuse("unknown_method");
    if (token === "") refuse("not_authed");
    if (token !== BOT_TOKEN) refuse(token === APP_TOKEN ? "not_allowed_token_type" : "invalid_auth");
    if (this.token !== "ok") refuse(this.token);
    const call: Call = {
      workspace: this.workspace,
      args,
      now: this.now(),
      scopes: this.scopes,
      useTrigger: (id) => this.#useTrigger(id),
      views: this.views,
    };
    const missing = missingScope(method, call);
    if (missing !== null) throw scopeRefusal(missing, this.scopes);
    const wait = this.#rates?.take(name, String(args["channel"] ?? ""), this.now()) ?? null;
    if (wait !== null) return wait;
    const result = method.run(call);
    if (name === "chat.postEphemeral") this.ephemerals.push(args);
    return result;
  }

  #planned({ method, args }: LoggedCall): Fault | null {
    const planned = this.#faults.find(
      (one) => one.times > 0 && one.method === method && (one.channel ?? args["channel"]) === args["channel"],
    );
    if (planned === undefined) return null;
    planned.times -= 1;
    return planned.fault;
  }

  #useTrigger(id: string): void {
    const trigger = this.#triggers.get(id);
    if (trigger === undefined) refuse("invalid_trigger_id");
    if (trigger.used) refuse("exchanged_trigger_id");
    if (this.now() - trigger.at > TRIGGER_MS) refuse("expired_trigger_id");
    trigger.used = true;
  }

  #respond(id: string, body: string, response: ServerResponse): void {
    const known = this.#responses.get(id);
    if (known === undefined || this.now() - known.at > RESPONSE_MS) {
      answer(response, 404, { ok: false, error: "expired_url" });
      return;
    }
    known.uses += 1;
    if (known.uses > RESPONSE_USES) {
      answer(response, 404, { ok: false, error: "used_url" });
      return;
    }
    this.responses.push({ id, body: JSON.parse(body) });
    answer(response, 200, { ok: true });
    return;
  }
}

function meet(fault: Fault, logged: LoggedCall, response: ServerResponse): void {
  logged.answer = fault.kind === "error" ? fault.error : fault.kind;
  switch (fault.kind) {
    case "rate-limit":
      answer(response, 429, { ok: false, error: "ratelimited" }, { "retry-after": String(fault.retryAfter) });
      return;
    case "error":
      answer(response, 200, { ok: false, error: fault.error });
      return;
    case "status":
      response.writeHead(fault.status, { "content-type": "text/html" });
      response.end("<html>a proxy has nothing better to say</html>");
      return;
    case "hang":
      return;
    case "cut":
      response.socket?.destroy();
  }
}

function answer(
  response: ServerResponse,
  status: number,
  body: Answer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

/** The web client sends forms in which whatever is not text is JSON; others send JSON. */
function readArgs(type: string, body: string): Args {
  if (type.startsWith("application/json")) return JSON.parse(body || "{}") as Args;
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([name, value]) => {
      if (!["blocks", "attachments", "metadata", "view"].includes(name)) return [name, value];
      try {
        return [name, JSON.parse(value) as unknown];
      } catch {
        return [name, value];
      }
    }),
  );
}

export async function startSlack(options: SlackOptions = {}): Promise<SlackStandIn> {
  const http = createServer();
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return new SlackStandIn(http, options);
}
