// The README's five minutes, run as a script against the real bot: what a stranger types has to work.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = [...readme.matchAll(/^```sh tour\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string);

let folder: string;
let bot: ChildProcess;
let address: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gatehouse-tour-"));
  mkdirSync(join(folder, "proofs"));
  environment = {
    ...process.env,
    PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
    GATEHOUSE_DB_URL: `file:${join(folder, "gatehouse.db")}`,
    GATEHOUSE_PROOF_ROOT: join(folder, "proofs"),
    GATEHOUSE_HTTP: "127.0.0.1:0",
  };
  bot = spawn("npm", ["start", "--silent"], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  if (bot.stdout === null) throw new Error("the bot has no output");
  for await (const line of createInterface({ input: bot.stdout })) {
    const ready = /ready at http:\/\/(\S+)/.exec(line);
    if (ready === null) continue;
    address = ready[1] as string;
    break;
  }
}, 60_000);

afterAll(async () => {
  if (bot.exitCode === null && bot.pid !== undefined) {
    const ended = once(bot, "exit");
    process.kill(-bot.pid, "SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

test("the tour leads from an empty database to an announcement that was proved", async () => {
  expect(blocks.length).toBeGreaterThanOrEqual(5);
  const script = blocks.join("\n").replaceAll("127.0.0.1:4100", address);
  const shell = spawn("bash", ["-euo", "pipefail", "-c", script], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [shell.stdout, shell.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  const [status] = await once(shell, "close");
  expect(status, said).toBe(0);
  expect(said).toContain("CLIP-1.1 is mine until 20");
  expect(said).toContain('"leaseExpiresAt"');
  expect(said).toMatch(
    /"gate":"heartbeat-trust".*"field":"route.model".*"expected":"claude-opus-5".*"got":"claude-opus-4"/,
  );
  expect(said).toMatch(/"code":"proof-missing","gate":"proof-before-done"/);
  expect(said).toMatch(/^verifying$/m);
  expect(said).toMatch(/^🔵🔵🔵 AUTO-COMPLETE CLIP-1 Cut a clip/m);
  expect(said).toMatch(/status +done/);
}, 120_000);
