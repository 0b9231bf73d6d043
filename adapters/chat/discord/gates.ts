import { RESTJSONErrorCodes as Code } from "discord.js";
import { ARCHIVED, DiscordTrouble, tokenRefused, toldToWait } from "./trouble.ts";

/** Discord bans an address for an hour after 10,000 answers of 401, 403 and 429 in ten minutes. This stays far below. */
const INVALID_MAX = 1000;
const INVALID_WINDOW_MS = 600_000;
const SPREAD_MAX_MS = 300_000;

interface Closed {
  until: number;
  readonly trouble: DiscordTrouble;
  /** How many were sent away since it was closed. */
  waiting: number;
}

/**
 * What need not be asked, because the answer is known: a route that asked to wait, a channel the bot is locked out of, a
 * token that is not taken, too many invalid requests. Whoever comes meanwhile is sent away at once, with the time to come
 * back; so one channel's limit holds up no other's. One that comes after that time tries it again, for all.
 *
 * `tell` hears of each lock-out once, until it was mended.
 */
export class Gates {
  readonly #now: () => number;
  readonly #tell: (message: string) => void;
  readonly #closed = new Map<string, Closed>();
  readonly #told = new Set<string>();
  #invalid: number[] = [];

  constructor(now: () => number, tell: (message: string) => void) {
    this.#now = now;
    this.#tell = tell;
  }

  /** Throws where it is known what the answer would be. `route`: `METHOD /channels/ID/…` without other ids. */
  check(route: string): void {
    const now = this.#now();
    this.#invalid = this.#invalid.filter((at) => at > now - INVALID_WINDOW_MS);
    if (this.#invalid.length >= INVALID_MAX) {
      const retryAfterMs = (this.#invalid[0] ?? now) + INVALID_WINDOW_MS - now;
      const words =
        "Too many of this bot's requests were refused; it rests, so that Discord does not ban it.";
      this.#once("invalid", words);
      throw new DiscordTrouble("rate-limited", words, { retryAfterMs });
    }
    for (const key of [TOKEN, route]) {
      const closed = this.#closed.get(key);
      if (closed === undefined) continue;
      if (closed.until > now) throw away(closed, now);
      this.#closed.delete(key);
    }
  }

  /**
   * Every answer as it comes in, before the next one waiting in line is sent. `scope`: refusals that are shared with others
   * are not held against this bot.
   */
  heard(
    route: string,
    answer: {
      readonly status: number;
      readonly scope: string | null;
      readonly retryAfterMs: number;
      readonly limit: number;
    },
  ): void {
    const { status, scope, retryAfterMs, limit } = answer;
    if (status === 401 || status === 403 || (status === 429 && scope !== "shared"))
      this.#invalid.push(this.#now());
    if (status === 401) this.#close(TOKEN, tokenRefused());
    if (status === 429) this.#close(route, toldToWait("the next message here", retryAfterMs, limit));
  }

  /** What a call came to. Only what holds for whoever comes next closes its way. */
  refused(route: string, trouble: DiscordTrouble, unreported: boolean): void {
    const lasting = trouble.code === "rate-limited" || LASTING.includes(trouble.discord);
    if (lasting) this.#close(route, trouble);
    const lockedOut = trouble.code === "locked-out" && trouble.discord !== 0 && trouble.discord !== ARCHIVED;
    if (lockedOut && !unreported) this.#once(route, trouble.message);
  }

  /** What a person has to mend at a place, told once until it is mended. */
  report(place: string, message: string): void {
    this.#once(place, message);
  }

  mended(place: string): void {
    this.#told.delete(place);
  }

  #close(key: string, trouble: DiscordTrouble): void {
    const until = this.#now() + (trouble.retryAfterMs ?? 0);
    const closed = this.#closed.get(key);
    // Several that were under way together are refused together.
    if (closed === undefined) this.#closed.set(key, { until, trouble, waiting: 0 });
    else closed.until = Math.max(closed.until, until);
    if (key === TOKEN) this.#once(TOKEN, trouble.message);
  }

  /** A call went through: what was closed on this way is open again. */
  open(route: string): void {
    for (const key of [TOKEN, route]) {
      this.#closed.delete(key);
      this.#told.delete(key);
    }
  }

  #once(key: string, message: string): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#tell(key === TOKEN || key === "invalid" ? message : `${message} (${key})`);
  }
}

const TOKEN = "token";
/** A channel the bot may not see or write in; a locked thread is one message's trouble. */
const LASTING: readonly number[] = [Code.MissingAccess, Code.MissingPermissions];

/** Those who wait for the same way come back one after another, not all at the moment it opens. */
function away(closed: Closed, now: number): DiscordTrouble {
  const { until, trouble } = closed;
  closed.waiting += 1;
  return new DiscordTrouble(trouble.code, trouble.message, {
    retryAfterMs: until - now + Math.min((closed.waiting - 1) * trouble.spacingMs, SPREAD_MAX_MS),
    discord: trouble.discord,
  });
}
