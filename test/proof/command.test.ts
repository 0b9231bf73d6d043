import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { commandVerifier } from "../../adapters/proof/command.ts";
import type { Json } from "../../src/core/json.ts";
import { closePeers, serveBytes } from "./support/peers.ts";
import { makeFolder, removeFolders, verify, wants } from "./support/proofs.ts";

afterAll(removeFolders);
afterEach(closePeers);

let root: string;
beforeEach(() => {
  root = makeFolder();
});

const NODE = process.execPath;
const run = (argv: string[], fields: { [field: string]: Json } = {}, signal?: AbortSignal) =>
  verify(
    commandVerifier({ root }),
    { requirement: wants("command", { argv, ...fields }), uri: "command:it" },
    signal,
  );
const node = (script: string, fields: { [field: string]: Json } = {}, signal?: AbortSignal) =>
  run([NODE, "-e", script], fields, signal);

describe("the policy's command decides", () => {
  test("by its exit status", async () => {
    expect(await run(["true"])).toMatchObject({ verdict: "passed" });
    expect(await run(["false"])).toMatchObject({ verdict: "failed" });
    expect(await run(["sh", "-c", "exit 3"], { exit: 3 })).toMatchObject({ verdict: "passed" });
    expect(await run(["true"], { exit: 1 })).toMatchObject({ verdict: "failed" });
  });

  test("by what it prints on standard output, not on standard error", async () => {
    const wanted = { stdoutContains: "12 passed" };
    expect(await run(["echo", "12 passed, 0 failed"], wanted)).toMatchObject({ verdict: "passed" });
    expect(await run(["echo", "11 passed"], wanted)).toMatchObject({ verdict: "failed" });
    expect(await run(["sh", "-c", "echo 12 passed >&2"], wanted)).toMatchObject({ verdict: "failed" });
    expect(await run(["sh", "-c", "echo 12 passed; exit 1"], wanted)).toMatchObject({ verdict: "failed" });
  });

  test("and every run is evidence of its own", async () => {
    const first = await run(["true"]);
    const second = await run(["true"]);
    expect(first.evidence).toMatch(/^command:local:[0-9a-f]{64}$/);
    expect(second.evidence).not.toBe(first.evidence);
  });

  test("only under its own name", async () => {
    for (const uri of ["command:other", "command:", "command:IT", "command:it ", "it", "file:it"]) {
      const requirement = wants("command", { argv: ["touch", "ran"] });
      expect(await verify(commandVerifier({ root }), { requirement, uri })).toMatchObject({
        verdict: "failed",
      });
    }
    expect(existsSync(join(root, "ran"))).toBe(false);
  });
});

describe("there is no shell", () => {
  test("arguments arrive as they are", async () => {
    const odd = "$(touch ran); `touch ran` && touch ran | * ~ '\"";
    const verdict = await run([NODE, "-e", "process.stdout.write(process.argv[1])", odd], {
      stdoutContains: odd,
    });
    expect(verdict).toMatchObject({ verdict: "passed" });
    expect(existsSync(join(root, "ran"))).toBe(false);
  });

  test("a program that is not there fails with its name", async () => {
    const verdict = await run(["no-such-program"]);
    expect(verdict).toMatchObject({ verdict: "failed", reason: expect.stringContaining("no-such-program") });
    writeFileSync(join(root, "plain.txt"), "x");
    expect(await run(["./plain.txt"])).toMatchObject({ verdict: "failed" });
  });

  test("words with NUL, no words and an empty program are faults", () => {
    const verifier = commandVerifier({ root });
    for (const argv of [[], [""], ["-c"], ["echo", "a\0b"], "echo", [1]] as Json[]) {
      expect(verifier.check(wants("command", { argv }))).not.toEqual([]);
    }
    expect(verifier.check(wants("command", { argv: ["echo"], shell: true }))[0]).toMatchObject({
      field: "shell",
    });
    expect(verifier.check(wants("command", { argv: ["x"], timeoutSeconds: 601 }))).toHaveLength(1);
    expect(verifier.check(wants("command", { argv: ["x"], cwd: "../x" }))).toHaveLength(1);
  });
});

describe("the environment holds no secrets", () => {
  test("only PATH, an empty HOME, LANG and TZ", async () => {
    process.env["SLACK_BOT_TOKEN"] = "xoxb-secret";
    try {
      const script = `
        const fs = require("node:fs");
        fs.writeFileSync("env.json", JSON.stringify({ env: process.env, home: fs.readdirSync(process.env.HOME) }));`;
      expect(await node(script)).toMatchObject({ verdict: "passed" });
    } finally {
      delete process.env["SLACK_BOT_TOKEN"];
    }
    const { env, home } = JSON.parse(readFileSync(join(root, "env.json"), "utf8"));
    expect(Object.keys(env).toSorted()).toEqual(["HOME", "LANG", "PATH", "TZ"]);
    expect(home).toEqual([]);
    expect(existsSync(env.HOME)).toBe(false);
  });

  test("and standard input is empty", async () => {
    expect(await run(["cat"], { timeoutSeconds: 10 })).toMatchObject({ verdict: "passed" });
  });
});

describe("it runs below the proof root", () => {
  test("in the root or in the folder the policy names", async () => {
    mkdirSync(join(root, "pkg"));
    expect(await run(["pwd"], { stdoutContains: root })).toMatchObject({ verdict: "passed" });
    expect(await run(["pwd"], { cwd: "pkg", stdoutContains: join(root, "pkg") })).toMatchObject({
      verdict: "passed",
    });
    expect(await run(["pwd"], { cwd: "." })).toMatchObject({ verdict: "passed" });
  });

  test("never through a link, in a file or nowhere", async () => {
    symlinkSync(makeFolder(), join(root, "way"));
    writeFileSync(join(root, "file"), "x");
    for (const cwd of ["way", "file", "nowhere"]) {
      expect(await run(["true"], { cwd })).toMatchObject({ verdict: "failed" });
    }
  });
});

/** A program that holds a socket to us until it ends: its end is heard, not guessed. */
async function witness(count: number) {
  const ends: Promise<unknown>[] = [];
  const all = Promise.withResolvers<void>();
  const peer = await serveBytes((socket) => {
    const end = Promise.withResolvers<void>();
    socket.on("close", () => end.resolve());
    ends.push(end.promise);
    if (ends.length === count) all.resolve();
  });
  const hold = `require("node:net").connect(${peer.port}, "127.0.0.1").on("error", () => {})`;
  return { hold, started: all.promise, ended: async () => void (await Promise.all(ends)) };
}

describe("time and output are limited", () => {
  test("a command that does not end is stopped with all it started, and proves nothing either way", async () => {
    const { hold, started, ended } = await witness(2);
    const script = `
      require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(hold)}], { stdio: "inherit" });
      process.on("SIGTERM", () => {});
      ${hold};`;
    const verdict = await node(script, { timeoutSeconds: 2 });
    expect(verdict).toMatchObject({ verdict: "inconclusive", reason: expect.stringContaining("2 s") });
    await started;
    await ended();
  });

  test("what a command leaves behind ends with it", async () => {
    const { hold, started, ended } = await witness(1);
    const script = `
      const { spawn } = require("node:child_process");
      const code = ${JSON.stringify(`${hold}.on("connect", () => process.stdout.write("up"))`)};
      const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
      child.stdout.once("data", () => process.exit(0));`;
    expect(await node(script)).toMatchObject({ verdict: "passed" });
    await started;
    await ended();
  });

  test("a call off stops it", async () => {
    const control = new AbortController();
    const started = Date.now();
    const verdict = node("setInterval(() => {}, 1000)", { timeoutSeconds: 60 }, control.signal);
    control.abort();
    expect(await verdict).toMatchObject({ verdict: "inconclusive" });
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  test("a flood is drained, kept to a MiB, and judged by its beginning", async () => {
    const script = "process.stdout.write('first' + 'x'.repeat(8_000_000) + 'last')";
    expect(await node(script, { stdoutContains: "first" })).toMatchObject({ verdict: "passed" });
    const verdict = await node(script, { stdoutContains: "last" });
    expect(verdict).toMatchObject({
      verdict: "failed",
      reason: expect.stringContaining("first 1048576 bytes"),
    });
  });

  test("a flood without end costs a MiB until the time limit", async () => {
    const before = process.memoryUsage().rss;
    expect(await run(["yes"], { timeoutSeconds: 0.5 })).toMatchObject({ verdict: "inconclusive" });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1_048_576);
  });

  test("a death by signal fails", async () => {
    const verdict = await run(["sh", "-c", "kill -9 $$"]);
    expect(verdict).toMatchObject({ verdict: "failed", reason: expect.stringContaining("SIGKILL") });
  });
});
