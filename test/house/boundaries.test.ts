import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

type Fault = [path: string, code: string, reason: string];

let written = 0;

/** Faults of one kind: each line is written into a file of its own in that folder, and is refused for that reason. */
const faults = (folder: string, reason: string, ...lines: string[]): Fault[] =>
  lines.map((line) => {
    written += 1;
    return [`${folder}/fault-${written}.ts`, line, reason];
  });

const imports = (folder: string, reason: string, ...paths: string[]): Fault[] =>
  faults(folder, reason, ...paths.map((path) => `import "${path}";`));

const time = "Time is an argument";
const chance = "Randomness and ids come in through a port";
const outside = "The outside world comes in through a port";
const environment = "The environment is read only in src/config.ts";

const exporting = (expression: string) => `export const a = ${expression};`;
const readsTheClock = ["Date.now()", "performance.now()", "new Date()", "Date()"].map(exporting);
const throwsDice = ["Math.random()", "crypto.randomUUID()", "crypto.getRandomValues(b)"].map(exporting);
const worldly = ["process", "fetch", "crypto", "performance", "console"].map(exporting);
const timers = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"].map(exporting);
const readsTheEnvironment = [
  "export const a = process.env;",
  "export const { env } = process;",
  `export { env } from "node:process";`,
  `export { env } from "process";`,
];

const core = "src/core imports nothing outside src/core";
const checks = "src/checks sees only src/core";
const ports = "src/ports sees only src/core";
const commands = "src/commands sees only checks, ports and core";
const jobs = "src/jobs sees only commands, checks, ports and core";
const doors = "src/doors sees no adapter, no db and no job";
const db = "db sees only src/core and src/ports";
const adapters = "An adapter sees only src/core and src/ports";
const family = "Adapters of one kind do not import another kind's";
const platform = "One chat platform does not import another";

/**
 * Every kind of fault, seeded. The reasons are repeated here word by word, so that a rule that is removed or loses
 * its sentence fails this test.
 */
const seeded: Fault[] = [
  ...imports(
    "src/core",
    core,
    "../ports/right.ts",
    "../../db/right.ts",
    "./../ports/right.ts",
    "zod",
    "node:crypto",
  ),
  ...imports("src/core/gates", core, "../../ports/right.ts", "../../../db/right.ts", "zod", "node:crypto"),
  ...faults(
    "src/core",
    core,
    `export type { X } from "../ports/right.ts";`,
    `export const a = await import("../ports/right.ts");`,
  ),
  ...imports(
    "src/checks",
    checks,
    "../ports/right.ts",
    "../commands/right.ts",
    "../jobs/right.ts",
    "../doors/right.ts",
  ),
  ...imports(
    "src/checks",
    checks,
    "../../adapters/chat/all.ts",
    "../../db/right.ts",
    "../config.ts",
    "zod",
    "node:fs",
  ),
  ...imports(
    "src/ports",
    ports,
    "../checks/right.ts",
    "../commands/right.ts",
    "../jobs/right.ts",
    "../doors/right.ts",
  ),
  ...imports(
    "src/ports",
    ports,
    "../../adapters/chat/all.ts",
    "../../db/right.ts",
    "../config.ts",
    "zod",
    "node:fs",
  ),
  ...imports("src/commands", commands, "../jobs/right.ts", "../doors/right.ts", "../config.ts"),
  ...imports("src/commands", commands, "../../adapters/chat/all.ts", "../../db/right.ts"),
  ...imports(
    "src/jobs",
    jobs,
    "../doors/right.ts",
    "../config.ts",
    "../../adapters/chat/all.ts",
    "../../db/right.ts",
  ),
  ...imports("src/doors", doors, "../jobs/right.ts", "../../adapters/chat/all.ts", "../../db/right.ts"),
  ...imports(
    "src/doors/http",
    doors,
    "../../jobs/right.ts",
    "../../../adapters/chat/all.ts",
    "../../../db/right.ts",
  ),
  ...imports("db", db, "../src/checks/right.ts", "../src/commands/right.ts", "../src/jobs/right.ts"),
  ...imports("db", db, "../src/doors/right.ts", "../src/config.ts", "../adapters/chat/all.ts"),
  ...imports("adapters", adapters, "../db/right.ts"),
  ...imports(
    "adapters/proof",
    adapters,
    "../../src/checks/right.ts",
    "../../src/commands/right.ts",
    "../../src/jobs/right.ts",
  ),
  ...imports(
    "adapters/proof",
    adapters,
    "../../src/doors/right.ts",
    "../../src/config.ts",
    "../../db/right.ts",
  ),
  ...imports("adapters/chat/slack", adapters, "../../../db/right.ts", "../../../src/commands/right.ts"),

  ...imports("adapters/proof", family, "../chat/slack/right.ts"),
  ...imports("adapters/proof/github", family, "../../chat/slack/right.ts"),
  ...imports("adapters/proof/github/deep", family, "../../../chat/slack/right.ts"),
  ...imports("adapters/chat", family, "../proof/right.ts"),
  ...imports("adapters/chat/slack", family, "../../proof/right.ts"),
  ...imports("adapters/chat/slack/deep", family, "../../../proof/right.ts"),
  ...imports("adapters/chat/slack", platform, "../discord/right.ts"),
  ...imports("adapters/chat/slack/deep", platform, "../../discord/right.ts"),

  ...imports("src/commands", "No npm package", "zod", "zod/v4", "@slack/bolt"),
  ...imports("src/jobs", "No npm package", "croner"),
  ...imports("src/commands", outside, "node:fs", "node:fs/promises", "node:child_process", "node:http"),
  ...imports("src/jobs", outside, "node:timers/promises", "node:net"),

  ...["src/core", "src/core/gates", "src/checks", "src/ports", "src/commands", "src/jobs"].flatMap(
    (folder) => [...faults(folder, time, ...readsTheClock), ...faults(folder, chance, ...throwsDice)],
  ),
  ...["src/core", "src/core/gates", "src/checks"].flatMap((folder) =>
    faults(folder, outside, ...worldly, ...timers),
  ),

  ...[
    "src/core",
    "src/commands",
    "src/jobs",
    "src/doors",
    "db",
    "adapters/proof",
    "adapters/chat/slack",
  ].flatMap((folder) => faults(folder, environment, ...readsTheEnvironment)),
  ["src/main.ts", "export const a = process.env;", environment],

  ...["src/doors", "adapters/proof"].flatMap((folder) =>
    imports(
      folder,
      "The raw @libsql/client and libsql stay in db",
      "@libsql/client",
      "@libsql/client/http",
      "libsql",
    ),
  ),
  ["src/start.ts", `import "@libsql/client";`, "The raw @libsql/client and libsql stay in db"],

  ...imports("src/core", "Nothing imports test", "../../test/right.ts"),
  ...imports("src/doors/http", "Nothing imports test", "../../../test/right.ts"),
  ...imports("adapters/proof", "Nothing imports test", "../../test/right.ts"),
  ...["db", "bench", "tools"].flatMap((folder) =>
    imports(folder, "Nothing imports test", "../test/right.ts"),
  ),
  ...imports("db", "bench and tools are not in the package", "../bench/right.ts", "../tools/right.ts"),
  ...imports("src/doors", "bench and tools are not in the package", "../../bench/right.ts"),
  ...imports("src/doors", "Nothing imports src/main.ts", "../main.ts"),
  ...imports("src", "Nothing imports src/main.ts", "./main.ts"),

  ["src/core/cycle-a.ts", `import "./cycle-b.ts";`, "Dependency cycle detected"],
  ["src/core/cycle-b.ts", `import "./cycle-a.ts";`, "Dependency cycle detected"],
  [
    "src/core/type-cycle-a.ts",
    `export type { B } from "./type-cycle-b.ts"; export type A = 1;`,
    "Dependency cycle",
  ],
  [
    "src/core/type-cycle-b.ts",
    `export type { A } from "./type-cycle-a.ts"; export type B = 1;`,
    "Dependency cycle",
  ],
  ["src/doors/computed.ts", "export const a = (name: string) => import(name);", "Expected a literal string"],
  ["src/doors/forgotten.ts", "export const a = () => { Promise.resolve(1); };", "Promises must be awaited"],
  [
    "src/doors/thenable.ts",
    "declare const q: PromiseLike<1>; export const a = () => { q; };",
    "Promises must be",
  ],
];

/** What may be written, one file a floor; the faults import these. */
const right: [path: string, code: string][] = [
  ["src/core/right.ts", `import "./gates/right.ts"; export type X = 1; export const a = new Date(0);`],
  ["src/core/gates/right.ts", `import "../sibling.ts"; import "./other.ts";`],
  ["src/core/sibling.ts", "export const a = Math.max(1, 2);"],
  ["src/core/gates/other.ts", "export const a = Date.UTC(2026, 1);"],
  ["src/checks/right.ts", `import "../core/right.ts"; import "../core/gates/right.ts";`],
  ["src/ports/right.ts", `import "../core/right.ts"; export type X = 1;`],
  ["src/commands/right.ts", `import "../checks/right.ts"; import "../ports/right.ts"; import "node:crypto";`],
  [
    "src/jobs/right.ts",
    `import "../commands/right.ts"; import "../ports/right.ts"; import "../core/right.ts";`,
  ],
  ["src/doors/right.ts", `import "../commands/right.ts"; import "hono"; export const a = Date.now();`],
  [
    "src/doors/http/right.ts",
    `import "../right.ts"; import "../../commands/right.ts"; import "../../config.ts";`,
  ],
  ["src/config.ts", `import "zod"; export const a = process.env;`],
  ["db/right.ts", `import "@libsql/client"; import "../src/ports/right.ts"; import "../src/core/right.ts";`],
  ["adapters/chat/all.ts", `import "./slack/right.ts"; import "./discord/right.ts";`],
  [
    "adapters/chat/slack/right.ts",
    `import "../../../src/ports/right.ts"; import "../shared.ts"; import "./deep/right.ts";`,
  ],
  ["adapters/chat/slack/deep/right.ts", `import "../parts.ts"; import "../../../../src/core/right.ts";`],
  ["adapters/chat/slack/parts.ts", `import "@slack/bolt";`],
  ["adapters/chat/discord/right.ts", `import "discord.js";`],
  ["adapters/chat/shared.ts", `import "../../src/core/right.ts";`],
  ["adapters/proof/github/right.ts", `import "../right.ts"; import "../../../src/core/right.ts"`],
  ["adapters/proof/right.ts", `import "../../src/ports/right.ts"; import "node:fs";`],
  ["bench/right.ts", `import "@libsql/client"; import "../db/right.ts";`],
  [
    "test/right.ts",
    `import "../src/doors/right.ts"; import "../db/right.ts"; import "../adapters/chat/all.ts";`,
  ],
];

type Diagnostic = { filename: string; code: string; message: string; help?: string };

const lint = async (tree: string): Promise<Diagnostic[]> => {
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const options = { cwd: tree, maxBuffer: 32 * 1024 * 1024 };
  // oxlint exits with 1 on findings; they are what is asked for.
  const { stdout } = await promisify(execFile)(process.execPath, [oxlint, "-f", "json"], options).catch(
    (error: { stdout: string }) => error,
  );
  return (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
};

describe("the boundaries of the house", () => {
  const tree = mkdtempSync(join(tmpdir(), "gatehouse-boundaries-"));
  let found: Diagnostic[] = [];

  const saidOf = (path: string) =>
    found
      .filter((each) => each.filename === path)
      .map((each) => [each.code, each.message, each.help].join(" "));

  beforeAll(async () => {
    for (const name of ["oxlint.config.ts", "tools/lint", "tsconfig.json", "package.json"]) {
      cpSync(join(root, name), join(tree, name), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
    for (const [path, code] of [...right, ...seeded]) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), `${code}\n`);
    }
    found = await lint(tree);
  });

  afterAll(() => rmSync(tree, { recursive: true }));

  it.each(seeded)("refuses, in %s, %s", (path, _, reason) => {
    expect(saidOf(path)).toContainEqual(expect.stringContaining(reason));
  });

  it.each(right)("lets pass, in %s, %s", (path) => {
    expect(saidOf(path)).toEqual([]);
  });

  it("knows every folder of the house, so that a new one cannot stand outside the rules", () => {
    const folders = (path: string) =>
      readdirSync(join(root, path), { withFileTypes: true }).flatMap((each) =>
        each.isDirectory() ? each.name : [],
      );

    expect(["checks", "commands", "core", "doors", "jobs", "ports"]).toEqual(
      expect.arrayContaining(folders("src")),
    );
    expect(["brief", "chat", "dispatch", "proof", "schedule", "source", "system"]).toEqual(
      expect.arrayContaining(folders("adapters")),
    );
  });
});
