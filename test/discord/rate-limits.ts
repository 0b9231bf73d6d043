import { createHash } from "node:crypto";
import { Refused } from "./refusals.ts";

export interface Limit {
  readonly limit: number;
  readonly windowMs: number;
}

/** As `METHOD /route`; what is not named is not limited to speak of. */
export type Limits = Readonly<Record<string, Limit>>;

/** What Discord was seen to grant; its documents name no numbers and tell clients to read the headers. */
export const USUAL_LIMITS: Limits = {
  "POST /channels/:channel/messages": { limit: 5, windowMs: 5000 },
  "PATCH /channels/:channel/messages/:message": { limit: 5, windowMs: 5000 },
  "PUT /channels/:channel/messages/:message/reactions/:emoji/@me": { limit: 1, windowMs: 250 },
  "DELETE /channels/:channel/messages/:message/reactions/:emoji/@me": { limit: 1, windowMs: 250 },
};

const GENEROUS: Limit = { limit: 1000, windowMs: 1000 };
const GLOBAL: Limit = { limit: 50, windowMs: 1000 };
const INVALID_MAX = 10_000;
const INVALID_WINDOW_MS = 600_000;

/** Buckets by route and channel or guild, one for everything, and the count of invalid requests that ends in a ban. */
export class RateLimits {
  readonly #limits: Limits;
  readonly #global: Limit;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { used: number; resetAt: number }>();
  readonly #invalid: number[] = [];

  constructor(limits: Limits, now: () => number, global: Limit = GLOBAL) {
    this.#limits = limits;
    this.#now = now;
    this.#global = global;
  }

  /** Headers for the answer; throws the 429 where the bucket is empty. */
  take(route: string, major: string): Record<string, string> {
    if (!route.includes("/interactions/") && !route.includes("/webhooks/"))
      this.#use("global", this.#global, true);
    const limit = this.#limits[route] ?? GENEROUS;
    return this.#use(`${route} ${major}`, limit, false);
  }

  #use(key: string, { limit, windowMs }: Limit, global: boolean): Record<string, string> {
    const now = this.#now();
    const known = this.#buckets.get(key);
    const bucket = known === undefined || known.resetAt <= now ? { used: 0, resetAt: now + windowMs } : known;
    this.#buckets.set(key, bucket);
    bucket.used += 1;
    const afterSeconds = (bucket.resetAt - now) / 1000;
    const headers = {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(Math.max(0, limit - bucket.used)),
      "x-ratelimit-reset": String(bucket.resetAt / 1000),
      "x-ratelimit-reset-after": String(afterSeconds),
      "x-ratelimit-bucket": createHash("md5").update(key.split(" ").slice(0, 2).join(" ")).digest("hex"),
    };
    if (bucket.used > limit)
      throw limited(afterSeconds, global, global ? "global" : "user", global ? {} : headers);
    return global ? {} : headers;
  }

  /** How many answers of 401, 403 and 429 there were in the last ten minutes. */
  get invalid(): number {
    const since = this.#now() - INVALID_WINDOW_MS;
    while (this.#invalid[0] !== undefined && this.#invalid[0] < since) this.#invalid.shift();
    return this.#invalid.length;
  }

  get banned(): boolean {
    return this.invalid >= INVALID_MAX;
  }

  countInvalid(status: number, scope: string | undefined): void {
    if (status === 401 || status === 403 || (status === 429 && scope !== "shared"))
      this.#invalid.push(this.#now());
  }
}

export function limited(
  retryAfterSeconds: number,
  global: boolean,
  scope: "user" | "global" | "shared",
  headers: Readonly<Record<string, string>> = {},
): Refused {
  const more = { retry_after: retryAfterSeconds, global };
  return new Refused(429, 0, "You are being rate limited.", more, {
    ...headers,
    "retry-after": String(Math.ceil(retryAfterSeconds)),
    "x-ratelimit-scope": scope,
    ...(global ? { "x-ratelimit-global": "true" } : {}),
  });
}
