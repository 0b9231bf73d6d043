import { Cron } from "croner";
import { z } from "zod";
import { readSchedule, type Schedule, USUAL_SCHEDULE } from "./core/schedule.ts";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** The whole configuration, read once. Nothing else in the house looks at the environment. */
export interface Config {
  readonly database: { readonly url: string; readonly token: string | undefined };
  /** Port 0 takes a free one. */
  readonly http: { readonly host: string; readonly port: number };
  /** Where people reach the bot from outside, without a slash at the end. */
  readonly publicUrl: string | undefined;
  /** An IANA name, such as Europe/Berlin. */
  readonly timezone: string;
  readonly log: (typeof LOG_LEVELS)[number];
  /** `rootGiven`: the folder was named, so it must exist; the usual one is made. */
  readonly proof: { readonly root: string; readonly rootGiven: boolean; readonly origins: readonly string[] };
  /** How long after done proofs are looked at again, in milliseconds, shortest first; none where that is off. */
  readonly recheck: readonly number[];
  /** What webhooks are signed with, and where the folders of started programs are. */
  readonly dispatch: { readonly secret: string | undefined; readonly root: string };
  /** When each job runs, as cron expressions read in `timezone`. */
  readonly jobs: Schedule;
  /** Where a policy's commands find their programs: the PATH of whoever started the bot. */
  readonly searchPath: string | undefined;
  readonly slack: {
    readonly botToken: string | undefined;
    readonly appToken: string | undefined;
    readonly signingSecret: string | undefined;
    readonly apiUrl: string | undefined;
  };
  readonly discord: {
    readonly token: string | undefined;
    readonly guildId: string | undefined;
    readonly apiUrl: string | undefined;
  };
  readonly github: { readonly token: string | undefined; readonly apiUrl: string | undefined };
}

/** One variable that does not fit. `got` never holds a secret. */
export interface ConfigFault {
  readonly variable: string;
  readonly got: string;
  readonly takes: string;
}

export interface ReadConfig {
  /** With faults, what was faulty has its usual value: fit for looking at, not for running. */
  readonly config: Config;
  readonly faults: readonly ConfigFault[];
}

export type Environment = { readonly [name: string]: string | undefined };

interface Variable<T> {
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

/** Every variable there is. `docs/decisions/0020-proof-root.md` says why the proof root is a folder of its own. */
const VARIABLES = {
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

const MINUTE = 60_000;
const DAY = 86_400_000;

/** `90m`, `24h` or `7d` in milliseconds. */
function milliseconds(time: string): number {
  const unit = { m: MINUTE, h: 60 * MINUTE, d: DAY }[time.at(-1) as "m" | "h" | "d"];
  return Number(time.slice(0, -1)) * unit;
}

type Name = keyof typeof VARIABLES;
type Values = { [K in Name]: z.infer<(typeof VARIABLES)[K]["read"]> | undefined };

/** Reads the environment and reports every fault at once. A variable set to nothing counts as not set. */
export function readConfig(environment: Environment = process.env): ReadConfig {
  const faults: ConfigFault[] = [];
  const read = <T>(name: Name, { read: schema, takes, secret: isSecret }: Variable<T>): T | undefined => {
    const said = environment[name]?.trim() ?? "";
    if (said === "") return undefined;
    const result = schema.safeParse(said);
    if (result.success) return result.data;
    faults.push({
      variable: name,
      got: isSecret === true ? masked(said) : JSON.stringify(withoutPassword(said)),
      takes,
    });
    return undefined;
  };
  const values = Object.fromEntries(
    Object.entries(VARIABLES).map(([name, variable]) => [
      name,
      read(name as Name, variable as Variable<unknown>),
    ]),
  ) as Values;
  faults.push(...togetherFaults(environment), ...unknownNames(environment));
  return { config: configOf(values, environment["PATH"]), faults };
}

function configOf(values: Values, searchPath: string | undefined): Config {
  return {
    database: { url: values.GATEHOUSE_DB_URL ?? "file:data/gatehouse.db", token: values.GATEHOUSE_DB_TOKEN },
    http: values.GATEHOUSE_HTTP ?? { host: "127.0.0.1", port: 4100 },
    publicUrl: values.GATEHOUSE_PUBLIC_URL,
    timezone: values.GATEHOUSE_TIMEZONE ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    log: values.GATEHOUSE_LOG ?? "info",
    proof: {
      root: values.GATEHOUSE_PROOF_ROOT ?? "data/proofs",
      rootGiven: values.GATEHOUSE_PROOF_ROOT !== undefined,
      origins: values.GATEHOUSE_PROOF_ORIGINS ?? [],
    },
    recheck: values.GATEHOUSE_RECHECK ?? [60 * MINUTE, DAY, 7 * DAY],
    dispatch: {
      secret: values.GATEHOUSE_DISPATCH_SECRET,
      root: values.GATEHOUSE_DISPATCH_ROOT ?? "data/dispatch",
    },
    jobs: values.GATEHOUSE_JOBS ?? USUAL_SCHEDULE,
    searchPath,
    slack: {
      botToken: values.SLACK_BOT_TOKEN,
      appToken: values.SLACK_APP_TOKEN,
      signingSecret: values.SLACK_SIGNING_SECRET,
      apiUrl: values.SLACK_API_URL,
    },
    discord: {
      token: values.DISCORD_TOKEN,
      guildId: values.DISCORD_GUILD_ID,
      apiUrl: values.DISCORD_API_URL,
    },
    github: { token: values.GITHUB_TOKEN, apiUrl: values.GITHUB_API_URL },
  };
}

/** Each fault as a line: the variable, what it got and what it takes. */
export function describeFaults(faults: readonly ConfigFault[]): string {
  return faults.map(({ variable, got, takes }) => `${variable}: got ${got}; takes ${takes}`).join("\n");
}

/** Reads `.env` of the working folder, where there is one; what the environment already says wins. */
export function loadEnvironmentFile(path = ".env"): ConfigFault | null {
  try {
    process.loadEnvFile(path);
    return null;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return code === "ENOENT"
      ? null
      : { variable: path, got: code, takes: "a file that can be read, or none" };
  }
}

/** What one variable asks of another. */
function togetherFaults(environment: Environment): readonly ConfigFault[] {
  const has = (name: Name) => (environment[name]?.trim() ?? "") !== "";
  const nothing = (variable: Name, takes: string): ConfigFault => ({ variable, got: "nothing", takes });
  const faults: ConfigFault[] = [];
  if (has("SLACK_BOT_TOKEN") && !has("SLACK_APP_TOKEN") && !has("SLACK_SIGNING_SECRET")) {
    const takes =
      "an app-level token, xapp-…, or SLACK_SIGNING_SECRET instead: SLACK_BOT_TOKEN alone cannot listen";
    faults.push(nothing("SLACK_APP_TOKEN", takes));
  }
  if (!has("SLACK_BOT_TOKEN") && (has("SLACK_APP_TOKEN") || has("SLACK_SIGNING_SECRET"))) {
    faults.push(
      nothing("SLACK_BOT_TOKEN", "a bot token, xoxb-…: without it the bot can listen on Slack but not speak"),
    );
  }
  if (!has("DISCORD_TOKEN") && has("DISCORD_GUILD_ID")) {
    faults.push(nothing("DISCORD_TOKEN", "a bot's token: DISCORD_GUILD_ID alone connects to nothing"));
  }
  return faults;
}

function unknownNames(environment: Environment): readonly ConfigFault[] {
  return Object.keys(environment)
    .filter((name) => name.toUpperCase().startsWith("GATEHOUSE_") && !Object.hasOwn(VARIABLES, name))
    .toSorted()
    .map((name) => {
      const near = nearest(name);
      const known = Object.keys(VARIABLES).filter((one) => one.startsWith("GATEHOUSE_"));
      const takes =
        near === null ? `no such name; there are ${known.join(", ")}` : `no such name; did you mean ${near}?`;
      // Whatever it was meant to be, it may be a secret.
      return { variable: name, got: masked(environment[name] ?? ""), takes };
    });
}

/** The known name a misspelt one is meant to be: a letter or two away, or a part of it left out or added. */
function nearest(name: string): string | null {
  const word = name.toUpperCase();
  const near = Object.keys(VARIABLES).filter((known) => {
    const [shorter, longer] = word.length < known.length ? [word, known] : [known, word];
    return distance(word, known) <= 2 || longer.startsWith(`${shorter}_`) || longer === `${shorter}S`;
  });
  return near.toSorted((one, other) => distance(word, one) - distance(word, other))[0] ?? null;
}

/** How many letters must be added, dropped or changed to make one word the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function masked(value: string): string {
  return value === ""
    ? "nothing"
    : `a value of ${value.length} character${value.length === 1 ? "" : "s"} (not shown)`;
}

function withoutPassword(value: string): string {
  return value.replace(/\/\/[^/@\s]*@/, "//…@").replace(/(authToken=)[^&]*/i, "$1…");
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

/** The configuration does not fit: nothing is started on a part of it. */
export class WrongConfig extends Error {
  override readonly name = "WrongConfig";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(describeFaults(faults));
    this.faults = faults;
  }
}
