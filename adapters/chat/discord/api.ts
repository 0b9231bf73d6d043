import {
  DefaultRestOptions,
  parseResponse,
  REST,
  type RequestData,
  RequestMethod,
  type RouteLike,
} from "discord.js";
import { Gates } from "./gates.ts";
import type { DiscordSettings } from "./settings.ts";
import { type DiscordTrouble, NetworkFailure, troubleOf } from "./trouble.ts";

/** From the call to the whole answer, its turn in the queue included. Shorter than a delivery's lease by far. */
const TIMEOUT_MS = 10_000;
/** Reactions are limited to one in 250 ms: the second of a pair waits for that instead of coming again. */
const REACTION_WAIT_MS = 600;

const METHODS = {
  GET: RequestMethod.Get,
  POST: RequestMethod.Post,
  PUT: RequestMethod.Put,
  PATCH: RequestMethod.Patch,
  DELETE: RequestMethod.Delete,
};
export type Method = keyof typeof METHODS;

export interface CallOptions {
  readonly body?: object;
  readonly query?: Readonly<Record<string, string>>;
  /** Doing it twice is as good as once; usual for all but POST. */
  readonly repeatable?: boolean;
  /** For the log and for people: "posting in general". */
  readonly what?: string;
  /** Whoever calls knows better what a refusal means, and reports it. */
  readonly unreported?: boolean;
}

/** What this installation says to Discord's REST API, one at a time on each route, as the client of discord.js does it. */
export class DiscordApi {
  readonly #rest: REST;
  readonly #token: string;
  readonly #gates: Gates;
  readonly #timeoutMs: number;
  readonly #warned = new Set<(message: string) => void>();
  #self: Promise<string> | null = null;

  constructor({ token, apiUrl, timeoutMs = TIMEOUT_MS }: DiscordSettings) {
    this.#token = token;
    this.#timeoutMs = timeoutMs;
    this.#gates = new Gates(Date.now, (message) => {
      for (const hear of this.#warned) hear(message);
    });
    this.#rest = new REST({
      version: "10",
      ...(apiUrl === undefined ? {} : { api: apiUrl }),
      retries: 0,
      timeout: timeoutMs,
      rejectOnRateLimit: ({ route, retryAfter }) =>
        !(route.includes("/reactions/") && retryAfter <= REACTION_WAIT_MS),
      makeRequest: async (url, init) => {
        // It may have waited for its turn while another was refused.
        const way = routeOf((init.method ?? "GET") as Method, url);
        this.#gates.check(way);
        try {
          const response = await DefaultRestOptions.makeRequest(url, init);
          const { status, headers } = response;
          this.#gates.heard(way, {
            status,
            scope: headers.get("x-ratelimit-scope"),
            retryAfterMs: Number(headers.get("retry-after") ?? 0) * 1000,
            limit: Number(headers.get("x-ratelimit-limit") ?? 1),
          });
          return response;
        } catch (error) {
          throw new NetworkFailure(error, !NEVER_LEFT.has(codeOf(error)));
        }
      },
    }).setToken(token);
  }

  /** Rejects with a `DiscordTrouble` alone. The answer is of the type Discord documents for the route. */
  async call<Answer>(method: Method, route: RouteLike, options: CallOptions = {}): Promise<Answer> {
    const { body, query, repeatable = method !== "POST", what = `${method} ${route}`, unreported } = options;
    const key = routeOf(method, route);
    this.#gates.check(key);
    const request: RequestData = {
      signal: AbortSignal.timeout(this.#timeoutMs),
      ...(body === undefined ? {} : { body }),
      ...(query === undefined ? {} : { query: new URLSearchParams(query) }),
    };
    // The client forgets a token that was refused once.
    this.#rest.setToken(this.#token);
    try {
      const response = await this.#rest.queueRequest({
        ...request,
        method: METHODS[method],
        fullRoute: route,
      });
      this.#gates.open(key);
      return (await this.#read(response)) as Answer;
    } catch (error) {
      const trouble = troubleOf(error, what, repeatable);
      if (error !== trouble) this.#gates.refused(key, trouble, unreported === true);
      throw trouble;
    }
  }

  /** It was done; only what Discord says of it may be lost on the way. */
  async #read(response: Parameters<typeof parseResponse>[0]): Promise<unknown> {
    try {
      return await parseResponse(response);
    } catch (error) {
      throw new NetworkFailure(error, true);
    }
  }

  /** Tells of what a person has to mend, once each. */
  warns(hear: ((message: string) => void) | undefined): void {
    if (hear !== undefined) this.#warned.add(hear);
  }

  /** Tells of what a person has to mend at a place, such as `channel 123`; once, until it is mended. */
  report(place: string, { message }: DiscordTrouble): void {
    this.#gates.report(place, message);
  }

  mended(place: string): void {
    this.#gates.mended(place);
  }

  /** The bot's own user id. */
  self(): Promise<string> {
    this.#self ??= this.call<{ readonly id: string }>("GET", "/users/@me").then(
      ({ id }) => id,
      (error: unknown) => {
        this.#self = null;
        throw error;
      },
    );
    return this.#self;
  }
}

/** The connection was never made, so nothing can have been sent. */
const NEVER_LEFT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as Error & { readonly code?: unknown }).code : undefined;
  return typeof code === "string" ? code : "";
}

/** The way a limit or a lock-out is about: the channel's or guild's id stays, other ids do not matter. */
function routeOf(method: Method, url: string): string {
  const path = url
    .replace(/^https?:\/\/[^/]+/u, "")
    .replace(/^.*\/v\d+(?=\/)/u, "")
    .replace(/\?.*$/u, "");
  const [, kind, id, ...rest] = path.split("/");
  const tail = rest.map((part) => (/^\d{17,20}$/u.test(part) ? ":id" : part)).join("/");
  return `${method} /${kind}/${id ?? ""}/${tail.replace(/reactions\/.*$/u, "reactions")}`;
}

const SHARED = new Map<string, DiscordApi>();

/** One for each token and address: limits and lock-outs are known to everything in this process at once. */
export function apiFor(settings: DiscordSettings): DiscordApi {
  const key = `${settings.apiUrl ?? ""} ${settings.token} ${settings.timeoutMs ?? ""}`;
  const api = SHARED.get(key) ?? new DiscordApi(settings);
  SHARED.set(key, api);
  api.warns(settings.warn);
  return api;
}
