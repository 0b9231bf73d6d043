import { Cron } from "croner";
import { z } from "zod";
import { readSchedule, type Schedule } from "./core/schedule.ts";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** In milliseconds. */
export const MINUTE = 60_000;
export const DAY = 86_400_000;

export interface Variable<T> {
  readonly takes: string;
  readonly read: z.ZodType<T, string>;
  readonly secret?: true;
}

const text = z.string();
const anySecret = text.regex(/^[\x21-\x7e]+$/);
const httpUrl = (takes: string): Variable<string> => ({
  takes,
  read: text.refine(isPlainHttpUrl).transform((url) => url.replace(/\/+$/, "")),
});
const secret = (takes: string, read: z.ZodType<string, string> = anySecret): Variable<string> => ({
  takes,
  read,
  secret: true,
});

/** Every variable there is, and what it takes. `docs/decisions/0020-proof-root.md` says why the proof root is a folder of its own. */
export const VARIABLES = {
  GATEHOUSE_DB_URL: {
    takes: "file:PATH, libsql://HOST, https://HOST or http://HOST:PORT; a token goes in GATEHOUSE_DB_TOKEN",
    read: text.refine(isDatabaseUrl),
  },
  GATEHOUSE_DB_TOKEN: secret("the token of a remote database, without spaces"),
  GATEHOUSE_HTTP: {
    takes: "HOST:PORT, such as 127.0.0.1:4100; port 0 takes a free one",
    read: text
      .regex(/^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/)
      .transform((address) => {
        const cut = address.lastIndexOf(":");
        return { host: address.slice(0, cut).replace(/^\[|\]$/g, ""), port: Number(address.slice(cut + 1)) };
      })
      .refine(({ port }) => port <= 65_535),
  },
  GATEHOUSE_PUBLIC_URL: httpUrl("the address people reach the bot at, such as https://gate.example.com"),
  GATEHOUSE_TIMEZONE: { takes: "a time zone such as Europe/Berlin or UTC", read: text.refine(isTimezone) },
  GATEHOUSE_LOG: { takes: `one of ${LOG_LEVELS.join(", ")}`, read: text.pipe(z.enum(LOG_LEVELS)) },
  GATEHOUSE_PROOF_ROOT: { takes: "a folder", read: text.regex(/^[^\0]+$/) },
  GATEHOUSE_PROOF_ORIGINS: {
    takes: "exact origins between commas, such as http://build.internal:8080, without a path",
    read: text
      .transform((list) => list.split(/[\s,]+/).filter((origin) => origin !== ""))
      .refine((origins) => origins.every(isExactOrigin)),
  },
  GATEHOUSE_RECHECK: {
    takes: "times after done between commas, such as 1h,24h,7d (m, h or d, each from 1m to 365d), or off",
    read: text
      .regex(/^(?:off|\d{1,6}[mhd](?:\s*,\s*\d{1,6}[mhd])*)$/)
      .transform((list) => (list === "off" ? [] : list.split(",").map((time) => milliseconds(time.trim()))))
      .refine((delays) => delays.every((delay) => delay >= MINUTE && delay <= 365 * DAY))
      .transform((delays) => [...new Set(delays)].toSorted((a, b) => a - b)),
  },
  GATEHOUSE_JOBS: {
    takes:
      "JOB=CRON or JOB=off between semicolons, such as heartbeat=*/10 * * * *; digest=off, or off for all",
    read: text.transform(readSchedule).pipe(z.custom<Schedule>(isSchedule)),
  },
  GATEHOUSE_DISPATCH_SECRET: secret(
    "16 characters or more, without spaces",
    text.regex(/^[\x21-\x7e]{16,}$/),
  ),
  GATEHOUSE_DISPATCH_ROOT: { takes: "a folder", read: text.regex(/^[^\0]+$/) },
  SLACK_BOT_TOKEN: secret("a bot token, xoxb-…", text.regex(/^(?:xoxe\.)?xoxb-[\x21-\x7e]+$/)),
  SLACK_APP_TOKEN: secret("an app-level token for Socket Mode, xapp-…", text.regex(/^xapp-[\x21-\x7e]+$/)),
  SLACK_SIGNING_SECRET: secret("the app's signing secret"),
  SLACK_API_URL: httpUrl("an address, such as http://127.0.0.1:4003/api"),
  DISCORD_TOKEN: secret("a bot's token"),
  DISCORD_GUILD_ID: { takes: "the server's id, 17 to 20 digits", read: text.regex(/^\d{17,20}$/) },
  DISCORD_API_URL: httpUrl("an address, such as http://127.0.0.1:4004/api"),
  GITHUB_TOKEN: secret("a token"),
  GITHUB_API_URL: httpUrl("an address, such as https://api.github.com"),
} satisfies Record<string, Variable<unknown>>;

/** `90m`, `24h` or `7d` in milliseconds. */
function milliseconds(time: string): number {
  const unit = { m: MINUTE, h: 60 * MINUTE, d: DAY }[time.at(-1) as "m" | "h" | "d"];
  return Number(time.slice(0, -1)) * unit;
}

/** Without credentials, query or fragment: each of them would end up in logs and links. */
function isPlainHttpUrl(value: string): boolean {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}

/** An in-memory database would lose what was acknowledged; a query would set options behind the store's back. */
function isDatabaseUrl(value: string): boolean {
  if (value.startsWith("file:")) {
    return /^file:(?:(?!\/\/)|\/\/(?:localhost)?\/)[^?#]+$/.test(value) && !value.includes(":memory:");
  }
  return (
    /^(?:libsql|https?):\/\/[^/?]/.test(value) &&
    URL.canParse(value) &&
    !/[@#]/.test(value) &&
    !/authToken=/i.test(value)
  );
}

function isExactOrigin(origin: string): boolean {
  // A "*" parses as a host; listing one would look like a rule and match nothing.
  return (
    /^https?:\/\/[a-z0-9.:[\]_-]+$/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin
  );
}

function isSchedule(value: unknown): boolean {
  if (value === null) return false;
  return Object.values(value as Schedule).every((expression) => expression === null || isCron(expression));
}

/** Five fields that name some moment to come. */
function isCron(expression: string): boolean {
  try {
    return new Cron(expression, { mode: "5-part", paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
