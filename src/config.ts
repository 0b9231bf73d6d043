import type { z } from "zod";
import { distance } from "./core/nearest.ts";
import { type Schedule, USUAL_SCHEDULE } from "./core/schedule.ts";
import { DAY, type LOG_LEVELS, MINUTE, VARIABLES, type Variable } from "./variables.ts";

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

function masked(value: string): string {
  return value === ""
    ? "nothing"
    : `a value of ${value.length} character${value.length === 1 ? "" : "s"} (not shown)`;
}

function withoutPassword(value: string): string {
  return value.replace(/\/\/[^/@\s]*@/, "//…@").replace(/(authToken=)[^&]*/i, "$1…");
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
