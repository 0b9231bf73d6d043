import type { OxlintConfig, OxlintOverride } from "oxlint";

/**
 * Which way imports may point: main → doors, jobs → commands → checks, ports → core, with db and adapters hung
 * below ports. Every ban carries the sentence of reason that whoever breaks it is shown.
 *
 * oxlint matches an import as it is written, so a folder is recognised by the way up to it ("../../db/…"), and
 * its expressions know no look-ahead, so a floor lists what it may not see rather than what it may.
 */
type Ban = { message: string } & ({ regex: string } | { group: string[] });
type Path = { name: string; importNames: string[]; message: string };
type Property = { object: string; property: string; message: string };
type Rules = NonNullable<OxlintConfig["rules"]>;

const why = {
  core: "src/core imports nothing outside src/core: rules that depend on nothing can be read, tested and replayed alone.",
  checks: "src/checks sees only src/core: a check is a pure function of facts, the same from every door.",
  ports:
    "src/ports sees only src/core: an interface that knew one of its implementations would fit no other.",
  commands:
    "src/commands sees only checks, ports and core: imports point down, or what is allowed would depend on who asked.",
  jobs: "src/jobs sees only commands, checks, ports and core: main hands timed work its store, its chat and its clock.",
  doors:
    "src/doors sees no adapter, no db and no job: only main wires, so that every door opens on any store and any chat.",
  db: "db sees only src/core and src/ports: the store turns a change into one batch and decides nothing.",
  adapters:
    "An adapter sees only src/core and src/ports: what it may do is decided above it, and only main wires it.",
  family: "Adapters of one kind do not import another kind's: each is added and removed by itself.",
  platform:
    "One chat platform does not import another: each renders with its own best parts and goes when its folder goes.",
  framework:
    "No npm package below doors and jobs' floor: frameworks stay at the edge, where they can be replaced.",
  outside:
    "The outside world comes in through a port: what reads files, sockets or timers itself cannot be replayed.",
  test: "Nothing imports test: what ships must not lean on a stand-in.",
  unshipped: "bench and tools are not in the package: code that ships cannot import them.",
  main: "Nothing imports src/main.ts: wiring happens once, at the top.",
  rawClient:
    "The raw @libsql/client and libsql stay in db: after one SQLITE_BUSY a connection acknowledges writes it never commits, and only its owner in db reopens it.",
  environment:
    "The environment is read only in src/config.ts, which refuses unknown names and reports every fault at once.",
  time: "Time is an argument (in commands and jobs, the clock port): what reads the clock itself cannot be tested at the exact expiry tick.",
  chance: "Randomness and ids come in through a port: a failure must replay from its seed.",
} as const;

/** A folder of the house, as imports from another folder write it: "../jobs/…", "../../src/jobs/…". */
const folder = (name: string) => `^(?:\\./)?(?:\\.\\./)+(?:src/)?${name}/`;
/** A file that stands in src itself, from anywhere. */
const srcFile = (name: string) => `^(?:\\./|(?:\\./)?(?:\\.\\./)+(?:src/)?)${name}\\.ts$`;
/** An import that climbs so many folders, or more. */
const climbs = (levels: number) => `^(?:\\./)?(?:\\.\\./){${levels},}`;
/** An import that climbs exactly so many folders and goes down into another one. */
const sideways = (levels: number) => `^(?:\\./)?(?:\\.\\./){${levels}}[^./][^/]*/`;
const packagesAndBuiltins = "^[^.]";
/** Modules that reach the world, the clock or chance; hashing a string or joining a path is none of these. */
const worldly =
  "^node:(?:child_process|cluster|dgram|dns|fs|http|http2|https|inspector|net|os|perf_hooks|process|readline|sqlite|timers|tls|worker_threads)(?:/|$)";

const ban = (message: string, ...regexes: string[]): Ban[] => regexes.map((regex) => ({ regex, message }));
const banFolders = (message: string, ...names: string[]): Ban[] => ban(message, ...names.map(folder));

const noTest = banFolders(why.test, "test");
const noPackages: Ban = { group: ["*", "!node:*", "!node:*/**", "!./**", "!../**"], message: why.framework };
const noRawClient = ban(why.rawClient, "^@libsql/", "^libsql(?:/|$)");
const onEveryFloor = [
  ...noTest,
  ...banFolders(why.unshipped, "bench", "tools"),
  ...ban(why.main, srcFile("main")),
];

const imports = (patterns: Ban[], paths: Path[] = []): Rules => ({
  "no-restricted-imports": ["error", { patterns, paths }],
});
const environmentImports = ["node:process", "process"].map((name) => ({
  name,
  importNames: ["env"],
  message: why.environment,
}));

const environment: Property[] = [{ object: "process", property: "env", message: why.environment }];
const clockAndChance: Property[] = [
  { object: "Date", property: "now", message: why.time },
  { object: "performance", property: "now", message: why.time },
  { object: "Math", property: "random", message: why.chance },
  { object: "crypto", property: "randomUUID", message: why.chance },
  { object: "crypto", property: "getRandomValues", message: why.chance },
];
const properties = (restricted: Property[]): Rules => ({
  "no-restricted-properties": ["error", ...restricted],
});

const replayable: Rules = {
  ...properties([...environment, ...clockAndChance]),
  "house/no-bare-date": ["error", { message: why.time }],
};
const worldlyGlobals = ["process", "fetch", "crypto", "performance", "console"];
const timers = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"];
const pure: Rules = {
  ...replayable,
  "no-restricted-globals": [
    "error",
    ...[...worldlyGlobals, ...timers].map((name) => ({ name, message: why.outside })),
  ],
};

const floor = (files: string[], bans: Ban[], rules: Rules = {}): OxlintOverride => ({
  files,
  rules: { ...imports([...bans, ...onEveryFloor, ...noRawClient], environmentImports), ...rules },
});

const adapterBans = [
  ...ban(why.adapters, srcFile("config")),
  ...banFolders(why.adapters, "checks", "commands", "jobs", "doors", "db"),
];

/** A later entry replaces an earlier one rule by rule, so each floor states everything that holds on it. */
export const boundaries: OxlintOverride[] = [
  { files: ["bench/**", "tools/**", "*.ts"], rules: imports(noTest) },
  floor(["src/**", "adapters/**", "db/**"], [], properties(environment)),
  { files: ["src/config.ts"], rules: { ...imports([...onEveryFloor, ...noRawClient]), ...properties([]) } },

  floor(["src/core/**"], ban(why.core, packagesAndBuiltins, climbs(1)), pure),
  floor(["src/core/*/**/*.ts"], ban(why.core, packagesAndBuiltins, climbs(2))),
  floor(
    ["src/checks/**"],
    [
      ...ban(why.checks, packagesAndBuiltins, srcFile("config")),
      ...banFolders(why.checks, "ports", "commands", "jobs", "doors", "adapters", "db"),
    ],
    pure,
  ),
  floor(
    ["src/ports/**"],
    [
      ...ban(why.ports, packagesAndBuiltins, srcFile("config")),
      ...banFolders(why.ports, "checks", "commands", "jobs", "doors", "adapters", "db"),
    ],
    replayable,
  ),
  floor(
    ["src/commands/**"],
    [
      ...ban(why.commands, srcFile("config")),
      ...banFolders(why.commands, "jobs", "doors", "adapters", "db"),
      ...ban(why.outside, worldly),
      noPackages,
    ],
    replayable,
  ),
  floor(
    ["src/jobs/**"],
    [
      ...ban(why.jobs, srcFile("config")),
      ...banFolders(why.jobs, "doors", "adapters", "db"),
      ...ban(why.outside, worldly),
      noPackages,
    ],
    replayable,
  ),
  floor(["src/doors/**"], banFolders(why.doors, "jobs", "adapters", "db")),

  {
    files: ["db/**"],
    rules: imports(
      [
        ...ban(why.db, srcFile("config")),
        ...banFolders(why.db, "checks", "commands", "jobs", "doors", "adapters"),
        ...onEveryFloor,
      ],
      environmentImports,
    ),
  },
  // How far another kind or platform is away depends on how deep the importing file lies.
  floor(["adapters/**"], adapterBans),
  floor(["adapters/*/**/*.ts"], [...adapterBans, ...ban(why.family, sideways(1))]),
  floor(["adapters/*/*/**/*.ts"], [...adapterBans, ...ban(why.family, sideways(2))]),
  floor(["adapters/*/*/*/**/*.ts"], [...adapterBans, ...ban(why.family, sideways(3))]),
  floor(
    ["adapters/chat/*/**/*.ts"],
    [...adapterBans, ...ban(why.platform, sideways(1)), ...ban(why.family, sideways(2))],
  ),
  floor(
    ["adapters/chat/*/*/**/*.ts"],
    [...adapterBans, ...ban(why.platform, sideways(2)), ...ban(why.family, sideways(3))],
  ),
];
