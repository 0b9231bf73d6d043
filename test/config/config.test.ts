import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { type ConfigFault, describeFaults, readConfig, WrongConfig } from "../../src/config.ts";
import { environmentExample } from "../../src/environment-example.ts";

const root = join(import.meta.dirname, "../..");
const faultsOf = (environment: Record<string, string>): readonly ConfigFault[] =>
  readConfig(environment).faults;

describe("without any variable", () => {
  it("takes the usual values", () => {
    const { config, faults } = readConfig({});

    expect(faults).toEqual([]);
    expect(config).toMatchObject({
      database: { url: "file:data/gatehouse.db", token: undefined },
      http: { host: "127.0.0.1", port: 4100 },
      publicUrl: undefined,
      log: "info",
      proof: { root: "data/proofs", rootGiven: false, origins: [] },
    });
  });

  it("takes a variable that is set to nothing for one that is not set", () => {
    expect(readConfig({ GATEHOUSE_DB_TOKEN: "", GATEHOUSE_HTTP: "  ", DISCORD_TOKEN: "" }).faults).toEqual(
      [],
    );
  });
});

const accepted: [name: string, value: string, path: (config: any) => unknown, read: unknown][] = [
  ["GATEHOUSE_DB_URL", "file:/var/lib/gate.db", (config) => config.database.url, "file:/var/lib/gate.db"],
  ["GATEHOUSE_DB_URL", "file:///var/lib/gate.db", (config) => config.database.url, "file:///var/lib/gate.db"],
  [
    "GATEHOUSE_DB_URL",
    "libsql://queue.example.com",
    (config) => config.database.url,
    "libsql://queue.example.com",
  ],
  ["GATEHOUSE_DB_URL", "http://127.0.0.1:8080", (config) => config.database.url, "http://127.0.0.1:8080"],
  ["GATEHOUSE_DB_TOKEN", "eyJ.a-b_c", (config) => config.database.token, "eyJ.a-b_c"],
  ["GATEHOUSE_HTTP", "127.0.0.1:0", (config) => config.http, { host: "127.0.0.1", port: 0 }],
  ["GATEHOUSE_HTTP", "[::1]:65535", (config) => config.http, { host: "::1", port: 65535 }],
  ["GATEHOUSE_HTTP", "localhost:4100", (config) => config.http, { host: "localhost", port: 4100 }],
  [
    "GATEHOUSE_PUBLIC_URL",
    "https://gate.example.com/",
    (config) => config.publicUrl,
    "https://gate.example.com",
  ],
  ["GATEHOUSE_TIMEZONE", "Europe/Berlin", (config) => config.timezone, "Europe/Berlin"],
  ["GATEHOUSE_LOG", "silent", (config) => config.log, "silent"],
  [
    "GATEHOUSE_PROOF_ROOT",
    "/srv/work",
    (config) => config.proof,
    { root: "/srv/work", rootGiven: true, origins: [] },
  ],
  [
    "GATEHOUSE_PROOF_ORIGINS",
    "http://127.0.0.1:8080, https://build.internal",
    (config) => config.proof.origins,
    ["http://127.0.0.1:8080", "https://build.internal"],
  ],
  ["GATEHOUSE_RECHECK", "7d, 90m,24h", (config) => config.recheck, [5_400_000, 86_400_000, 604_800_000]],
  ["GATEHOUSE_RECHECK", "off", (config) => config.recheck, []],
  ["GATEHOUSE_JOBS", "digest = 0 8 * * 1-5; heartbeat=off", (config) => config.jobs.digest, "0 8 * * 1-5"],
  ["GATEHOUSE_JOBS", "digest=0 8 * * 1-5; heartbeat=off", (config) => config.jobs.heartbeat, null],
  ["GATEHOUSE_JOBS", "digest=off", (config) => config.jobs.heartbeat, "*/30 * * * *"],
  ["PATH", "/usr/bin:/bin", (config) => config.searchPath, "/usr/bin:/bin"],
  [
    "SLACK_API_URL",
    "http://127.0.0.1:4003/api/",
    (config) => config.slack.apiUrl,
    "http://127.0.0.1:4003/api",
  ],
  ["DISCORD_TOKEN", "a.b.c", (config) => config.discord.token, "a.b.c"],
  ["GITHUB_TOKEN", "ghp_x", (config) => config.github.token, "ghp_x"],
];

it.each(accepted)("%s may be %s", (name, value, path, read) => {
  const { config, faults } = readConfig({ [name]: value });

  expect(faults).toEqual([]);
  expect(path(config)).toEqual(read);
});

it.each([
  ["GATEHOUSE_DB_URL", "data/gatehouse.db"],
  ["GATEHOUSE_DB_URL", "file:"],
  ["GATEHOUSE_DB_URL", "file::memory:"],
  ["GATEHOUSE_DB_URL", ":memory:"],
  ["GATEHOUSE_DB_URL", "file:queue.db?mode=ro"],
  ["GATEHOUSE_DB_URL", "file://elsewhere/queue.db"],
  ["GATEHOUSE_DB_URL", "postgres://localhost/queue"],
  ["GATEHOUSE_DB_URL", "libsql://"],
  ["GATEHOUSE_HTTP", "4100"],
  ["GATEHOUSE_HTTP", "127.0.0.1:65536"],
  ["GATEHOUSE_HTTP", "http://127.0.0.1:4100"],
  ["GATEHOUSE_PUBLIC_URL", "gate.example.com"],
  ["GATEHOUSE_PUBLIC_URL", "https://me:secret@gate.example.com"],
  ["GATEHOUSE_TIMEZONE", "Mars/Olympus"],
  ["GATEHOUSE_LOG", "loud"],
  ["GATEHOUSE_PROOF_ORIGINS", "http://build.internal/path"],
  ["GATEHOUSE_PROOF_ORIGINS", "*"],
  ["GATEHOUSE_PROOF_ORIGINS", "http://good.internal,build.internal"],
  ["GATEHOUSE_RECHECK", "1h,soon"],
  ["GATEHOUSE_RECHECK", "30s"],
  ["GATEHOUSE_RECHECK", "0h"],
  ["GATEHOUSE_RECHECK", "366d"],
  ["GATEHOUSE_JOBS", "digest"],
  ["GATEHOUSE_JOBS", "tea=0 16 * * *"],
  ["GATEHOUSE_JOBS", "digest=0 8 * *"],
  ["GATEHOUSE_JOBS", "digest=61 * * * *"],
  ["GATEHOUSE_JOBS", "digest=0 0 30 2 *"],
  ["DISCORD_GUILD_ID", "my server"],
  ["SLACK_API_URL", "127.0.0.1:4003"],
])("%s may not be %s", (name, value) => {
  const faults = faultsOf({ [name]: value, ...(name === "DISCORD_GUILD_ID" ? { DISCORD_TOKEN: "t" } : {}) });

  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatchObject({ variable: name });
  expect(faults[0]!.takes).not.toBe("");
});

describe("faults", () => {
  it("are all told at once, each naming the variable, what it got and what it takes", () => {
    const faults = faultsOf({ GATEHOUSE_HTTP: "4100", GATEHOUSE_LOG: "loud", GATEHOUSE_TIMEZONE: "Mars" });

    expect(faults.map(({ variable }) => variable)).toEqual([
      "GATEHOUSE_HTTP",
      "GATEHOUSE_TIMEZONE",
      "GATEHOUSE_LOG",
    ]);
    expect(describeFaults(faults).split("\n")[2]).toBe(
      'GATEHOUSE_LOG: got "loud"; takes one of fatal, error, warn, info, debug, trace, silent',
    );
    expect(new WrongConfig(faults).message).toContain('GATEHOUSE_HTTP: got "4100"');
  });

  it("never show a secret, under the right name or a wrong one", () => {
    const secret = "hunter2 with a space";
    const said = describeFaults(
      faultsOf({
        GATEHOUSE_DB_TOKEN: secret,
        SLACK_BOT_TOKEN: secret,
        SLACK_APP_TOKEN: secret,
        DISCORD_TOKEN: secret,
        GITHUB_TOKEN: secret,
        GATEHOUSE_DB_TOKN: secret,
        GATEHOUSE_DB_URL: "libsql://me:hunter2@host",
        GATEHOUSE_PUBLIC_URL: "https://me:hunter2@host",
      }),
    );

    expect(said.split("\n")).toHaveLength(8);
    expect(said).not.toContain("hunter2");
    expect(said).toContain("GATEHOUSE_DB_TOKEN: got a value of 20 characters (not shown)");
  });

  it("leave the usual value behind, fit for the doctor to look around with", () => {
    expect(readConfig({ GATEHOUSE_HTTP: "nowhere" }).config.http).toEqual({ host: "127.0.0.1", port: 4100 });
  });
});

describe("unknown names", () => {
  it.each([
    ["GATEHOUSE_TIMEZON", "GATEHOUSE_TIMEZONE"],
    ["GATEHOUSE_DB", "GATEHOUSE_DB_URL"],
    ["GATEHOUSE_DB_TOKN", "GATEHOUSE_DB_TOKEN"],
    ["GATEHOUSE_LOGS", "GATEHOUSE_LOG"],
    ["GATEHOUSE_PROOFROOT", "GATEHOUSE_PROOF_ROOT"],
    ["gatehouse_http", "GATEHOUSE_HTTP"],
  ])("%s is refused, and %s is offered", (name, near) => {
    expect(faultsOf({ [name]: "x" })).toMatchObject([
      { variable: name, takes: `no such name; did you mean ${near}?` },
    ]);
  });

  it("without a near one, all there are are listed", () => {
    expect(faultsOf({ GATEHOUSE_COLOUR: "x" })[0]!.takes).toContain("there are GATEHOUSE_DB_URL, ");
  });

  it("of other programs are nobody's business", () => {
    expect(faultsOf({ PATH: "/bin", SLACK_CHANNEL: "x", GATE: "1" })).toEqual([]);
  });
});

describe("variables that need each other", () => {
  it.each([
    [{ SLACK_BOT_TOKEN: "xoxb-1" }, "SLACK_APP_TOKEN"],
    [{ SLACK_APP_TOKEN: "xapp-1" }, "SLACK_BOT_TOKEN"],
    [{ SLACK_SIGNING_SECRET: "s" }, "SLACK_BOT_TOKEN"],
    [{ DISCORD_GUILD_ID: "123456789012345678" }, "DISCORD_TOKEN"],
  ])("%o lacks %s", (environment, variable) => {
    expect(faultsOf(environment)).toMatchObject([{ variable, got: "nothing" }]);
  });

  it.each([
    { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" },
    { SLACK_BOT_TOKEN: "xoxb-1", SLACK_SIGNING_SECRET: "s" },
    { DISCORD_TOKEN: "t" },
    { GITHUB_API_URL: "http://127.0.0.1:4001" },
  ])("%o is whole", (environment) => {
    expect(faultsOf(environment)).toEqual([]);
  });

  it("an app-level token in the place of the bot's is noticed", () => {
    expect(faultsOf({ SLACK_BOT_TOKEN: "xapp-1", SLACK_APP_TOKEN: "xoxb-1" })).toMatchObject([
      { variable: "SLACK_BOT_TOKEN", takes: "a bot token, xoxb-…" },
      { variable: "SLACK_APP_TOKEN" },
    ]);
  });
});

describe("the .env file", () => {
  it("is explained by .env.example, which is what init writes", () => {
    expect(readFileSync(join(root, ".env.example"), "utf8")).toBe(environmentExample);
  });

  it("names every variable, and each example in it would be taken", () => {
    const examples = [...environmentExample.matchAll(/^# ([A-Z_]+)=(.*)$/gm)];
    const environment = Object.fromEntries(
      examples.map(([, name, value]) => [name!, value!.replace("…", "1") || "12345678901234567"]),
    );

    // Slack takes one of the two ways to listen; both at once are fine.
    expect(faultsOf(environment)).toEqual([]);
    expect(faultsOf({ GATEHOUSE_NONE: "" })[0]!.takes.match(/GATEHOUSE_\w+/g)).toEqual(
      Object.keys(environment).filter((name) => name.startsWith("GATEHOUSE_")),
    );
  });

  it("is read from the working folder, and what the environment says already wins", () => {
    const folder = mkdtempSync(join(tmpdir(), "gatehouse-env-"));
    writeFileSync(join(folder, ".env"), "GATEHOUSE_LOG=debug\nGATEHOUSE_TIMEZONE=Europe/Paris\n");
    const config = pathToFileURL(join(root, "src/config.ts")).href;
    const script = `import { loadEnvironmentFile, readConfig } from ${JSON.stringify(config)};
      const fault = loadEnvironmentFile();
      const { config: { log, timezone } } = readConfig();
      process.stdout.write(JSON.stringify({ fault, log, timezone }));`;
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: folder,
      env: { PATH: process.env["PATH"], GATEHOUSE_LOG: "warn" },
    });
    rmSync(folder, { recursive: true });

    expect(JSON.parse(String(said))).toEqual({ fault: null, log: "warn", timezone: "Europe/Paris" });
  });
});
