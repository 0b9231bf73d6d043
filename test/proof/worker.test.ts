// Proofs are looked at in a process of their own: whatever one does to it, the bot lives on and the proof is asked again.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { constants, getPriority } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { verifiersOf } from "../../adapters/proof/worker/settings.ts";
import {
  inWorker,
  type ProofWorker,
  proofWorker,
  type WorkerDeath,
  type WorkerOptions,
} from "../../adapters/proof/worker/worker.ts";
import type { Verdict } from "../../src/core/proof.ts";
import { closePeers, serve } from "./support/peers.ts";
import { type Case, makeFolder, proofOf, removeFolders, verify, wants } from "./support/proofs.ts";

const UNRULY = new URL("./support/unruly-worker.ts", import.meta.url);
const LONG = { timeout: 30_000, interval: 20 };

let worker: ProofWorker;
const deaths: WorkerDeath[] = [];
afterEach(async () => {
  await worker.close();
  deaths.length = 0;
});
afterAll(async () => {
  await closePeers();
  removeFolders();
});

function unruly(options: Partial<WorkerOptions> = {}): void {
  const report = (death: WorkerDeath): void => void deaths.push(death);
  worker = proofWorker({ settings: { root: makeFolder() }, report, entry: UNRULY, restartMs: 1, ...options });
}

function ask(kind: string, more: Partial<Case> = {}, signal = new AbortController().signal) {
  return worker.verify(proofOf({ requirement: wants(kind), uri: "x", ...more }), signal);
}

const pidOf = ({ seen }: Verdict): number => Number(seen?.["pid"]);

/** An orphan that has ended and that nobody has buried yet is dead. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("the verdict", () => {
  test("is another process's, the same one each time", async () => {
    unruly();
    const [first, second] = [await ask("good"), await ask("good")];
    expect(first).toMatchObject({ verdict: "passed", reason: "it holds" });
    expect(pidOf(first)).not.toBe(process.pid);
    expect(pidOf(second)).toBe(pidOf(first));
  });

  test("is a process's that stands back for the bot where there is not enough processor for both", async () => {
    unruly();
    const behind = Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL);
    const pid = pidOf(await ask("good"));
    // Linux keeps one for each thread, and those that collect and compile are as many as begin with it.
    const threads = process.platform === "linux" ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid];
    expect(new Set(threads.map((thread) => getPriority(thread)))).toEqual(new Set([behind]));
  });

  test("is the one it would have been right here, for kinds that read files, run commands and fetch", async () => {
    const root = makeFolder();
    const site = await serve((request, response) => {
      response.writeHead(request.url === "/health" ? 200 : 404).end("ok");
    });
    const settings = { root, origins: [site.origin], sampleGapMs: 0 };
    const here = new Map(verifiersOf(settings).map((verifier) => [verifier.kind, verifier]));
    worker = proofWorker({ settings, report: (death) => void deaths.push(death) });
    const there = inWorker([...here.values()], worker);
    expect(there.map(({ kind }) => kind)).toEqual([...here.keys()]);
    const page = wants("url", { origin: site.origin, path: "/health" });
    const cases: Case[] = [
      { requirement: page, uri: `${site.origin}/health` },
      { requirement: page, uri: `${site.origin}/other` },
      { requirement: wants("file"), uri: "file:not/there.txt" },
      { requirement: wants("command", { argv: ["false"] }), uri: "command:it" },
      { requirement: wants("command", { argv: ["true"] }), uri: "command:it" },
      { requirement: wants("github-pr", { repo: "acme/clip", base: "main" }), uri: "https://example.com/" },
      { requirement: wants("test-report", { surprise: true }), uri: "file:x" },
    ];
    for (const one of cases) {
      const verifier = there.find(({ kind }) => kind === one.requirement.kind);
      const [far, near] = [await verify(verifier!, one), await verify(here.get(one.requirement.kind)!, one)];
      expect({ ...far, seen: null, evidence: null }).toEqual({ ...near, seen: null, evidence: null });
      expect(far.evidence?.split(":")[0]).toBe(near.evidence?.split(":")[0]);
    }
    expect(deaths).toEqual([]);
  });

  test("of a kind it does not know is inconclusive", async () => {
    unruly();
    expect(await ask("unheard-of")).toMatchObject({ verdict: "inconclusive" });
  });
});

describe("a process that dies", () => {
  test.each([
    ["ends", {}, /exit status 3/],
    ["hangs", { silenceMs: 1000 }, /it hung/],
    ["grows", { heapMb: 40 }, /heap out of memory/],
  ])(
    "because a proof %s it proves nothing, is told of, and the next one goes on",
    async (kind, options, how) => {
      unruly(options);
      const before = pidOf(await ask("good", { attempt: "before" }));
      expect(await ask(kind)).toMatchObject({
        verdict: "inconclusive",
        reason: "The process that looked at it ended before it had a verdict.",
      });
      expect(deaths).toEqual([{ died: expect.stringMatching(how), lost: 1, restartMs: 1 }]);
      const after = pidOf(await ask("good", { attempt: "after" }));
      expect(after).not.toBe(before);
      expect(alive(before)).toBe(false);
    },
  );

  test("takes those beside it with it once: from then on the bad one is looked at apart", async () => {
    unruly();
    const beside = { attempt: "beside" };
    const calledOff = new AbortController();
    expect(
      (await Promise.all([ask("called-off", beside), ask("ends")])).map(({ verdict }) => verdict),
    ).toEqual(["inconclusive", "inconclusive"]);
    // Both are suspects now; whoever is new is looked at beside neither.
    const others = ask("called-off", { attempt: "new" }, calledOff.signal);
    expect(await ask("ends")).toMatchObject({ verdict: "inconclusive" });
    expect(await ask("good", beside)).toMatchObject({ verdict: "passed" });
    expect(deaths.map(({ lost }) => lost)).toEqual([2, 1]);
    calledOff.abort();
    expect(await others).toMatchObject({ verdict: "inconclusive", reason: "The check was called off." });
  });

  test("again and again is started later each time", async () => {
    unruly({ restartMs: 2 });
    for (let n = 0; n < 4; n += 1) await ask("ends");
    expect(deaths.map(({ restartMs }) => restartMs)).toEqual([2, 2, 4, 8]);
  });

  test("leaves no command running", async () => {
    const root = makeFolder();
    unruly({ settings: { root } });
    const argv = ["sh", "-c", "echo $PPID $$ > pids.part && mv pids.part pids && exec sleep 600"];
    const running = ask("command", { requirement: wants("command", { argv }), uri: "command:it" });
    await vi.waitFor(() => expect(existsSync(join(root, "pids"))).toBe(true), LONG);
    const [parent = 0, command = 0] = readFileSync(join(root, "pids"), "utf8").trim().split(" ").map(Number);
    expect(alive(command)).toBe(true);
    process.kill(parent, "SIGKILL");
    expect(await running).toMatchObject({ verdict: "inconclusive" });
    await vi.waitFor(() => expect(alive(command)).toBe(false), LONG);
  });
});

describe("killed with kill -9", () => {
  test("between a command's start and telling of it, it leaves a command that never runs", async () => {
    const root = makeFolder();
    unruly({ settings: { root, killed: true } });
    const requirement = wants("command", { argv: ["touch", "ran"] });
    expect(await ask("command", { requirement, uri: "command:it" })).toMatchObject({
      verdict: "inconclusive",
    });
    const group = Number(readFileSync(join(root, "group"), "utf8"));
    await vi.waitFor(() => expect(alive(group)).toBe(false), LONG);
    expect(readdirSync(root)).toEqual(["group"]);
  });

  test("by the command itself as the first thing it does, it leaves no command running", async () => {
    const root = makeFolder();
    unruly({ settings: { root } });
    const argv = ["sh", "-c", "echo $$ > pid && kill -9 $PPID && exec sleep 600"];
    expect(
      await ask("command", { requirement: wants("command", { argv }), uri: "command:it" }),
    ).toMatchObject({ verdict: "inconclusive" });
    const command = Number(readFileSync(join(root, "pid"), "utf8"));
    await vi.waitFor(() => expect(alive(command)).toBe(false), LONG);
  });
});

describe("it ends", () => {
  test("what is called off at once, whatever it is doing", async () => {
    unruly();
    await ask("good");
    const calledOff = new AbortController();
    const asked = ask("hangs", {}, calledOff.signal);
    calledOff.abort();
    expect(await asked).toMatchObject({ verdict: "inconclusive", reason: "The check was called off." });
  });

  test("itself when it had nothing to do, and is started anew when it has", async () => {
    unruly({ idleMs: 20 });
    const first = pidOf(await ask("good"));
    await vi.waitFor(() => expect(alive(first)).toBe(false), LONG);
    expect(pidOf(await ask("good"))).not.toBe(first);
    expect(deaths).toEqual([]);
  });

  test("when it is closed, with what it runs, and answers nothing more", async () => {
    const root = makeFolder();
    unruly({ settings: { root } });
    const argv = ["sh", "-c", "echo $$ > pid.part && mv pid.part pid && exec sleep 600"];
    const running = ask("command", { requirement: wants("command", { argv }), uri: "command:it" });
    await vi.waitFor(() => expect(existsSync(join(root, "pid"))).toBe(true), LONG);
    const command = Number(readFileSync(join(root, "pid"), "utf8"));
    await worker.close();
    expect(await running).toMatchObject({ verdict: "inconclusive" });
    await vi.waitFor(() => expect(alive(command)).toBe(false), LONG);
    expect(await ask("good")).toMatchObject({ verdict: "inconclusive" });
    expect(deaths).toEqual([]);
  });
});
