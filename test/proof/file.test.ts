import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { linkSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { fileVerifier } from "../../adapters/proof/file.ts";
import { FILE_TICK_MS, readLocalFile } from "../../adapters/proof/local-file.ts";
import { makeFolder, removeFolders, verify, wants } from "./support/proofs.ts";

afterAll(removeFolders);

let root: string;
let outside: string;
const TEXT = "the build is green\n";
const DIGEST = createHash("sha256").update(TEXT).digest("hex");

beforeEach(() => {
  root = makeFolder();
  outside = makeFolder();
  mkdirSync(join(root, "out"));
  writeFileSync(join(root, "out/report.txt"), TEXT);
  writeFileSync(join(outside, "secret.txt"), TEXT);
});

const check = (uri: string, fields = {}, claimedAt = 0) =>
  verify(fileVerifier({ root }), { requirement: wants("file", fields), uri, claimedAt });

describe("a file that is there", () => {
  test("passes, and its evidence is its digest and path", async () => {
    const verdict = await check("file:out/report.txt", {
      path: "out/report.txt",
      sha256: DIGEST,
      minBytes: 19,
    });
    expect(verdict).toMatchObject({
      verdict: "passed",
      evidence: `file:local:sha256:${DIGEST}:out/report.txt`,
      seen: { size: 19, sha256: DIGEST },
    });
  });

  test("fails by one wrong character of the digest, one byte too few, or another path", async () => {
    const other = DIGEST.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    expect(await check("file:out/report.txt", { sha256: other })).toMatchObject({ verdict: "failed" });
    expect(await check("file:out/report.txt", { minBytes: 20 })).toMatchObject({ verdict: "failed" });
    expect(await check("file:out/report.txt", { path: "out/Report.txt" })).toMatchObject({
      verdict: "failed",
    });
  });

  test("shows nothing when it is empty, unless the policy wants just that", async () => {
    writeFileSync(join(root, "empty"), "");
    expect(await check("file:empty")).toMatchObject({ verdict: "failed" });
    expect(await check("file:empty", { minBytes: 0 })).toMatchObject({ verdict: "passed" });
  });
});

describe("evidence older than the claim is refused", () => {
  const claimedAt = 1_700_000_000_000;
  const write = (at: number) => utimesSync(join(root, "out/report.txt"), at / 1000, at / 1000);

  test("at the exact tick", async () => {
    write(claimedAt - FILE_TICK_MS);
    expect(await check("file:out/report.txt", {}, claimedAt)).toMatchObject({ verdict: "passed" });
    write(claimedAt - FILE_TICK_MS - 1);
    expect(await check("file:out/report.txt", {}, claimedAt)).toMatchObject({ verdict: "failed" });
  });

  test("unless the policy pins the content itself", async () => {
    write(claimedAt - 86_400_000);
    expect(await check("file:out/report.txt", { sha256: DIGEST }, claimedAt)).toMatchObject({
      verdict: "passed",
    });
  });
});

describe("a way out of the root is not taken", () => {
  test.each([
    "file:",
    "file:..",
    "file:.",
    "file:./out/report.txt",
    "file:out/../out/report.txt",
    "file:../secret.txt",
    "file:out//report.txt",
    "file:out/report.txt/",
    "file:/etc/passwd",
    "file://localhost/etc/passwd",
    "file:///etc/passwd",
    "file:\\etc\\passwd",
    "file:out\\report.txt",
    "file:out/report.txt\0.png",
    "file:out/report\n.txt",
    "file:out/%72eport.txt",
    "file:%2e%2e/secret.txt",
    "FILE:out/report.txt",
    " file:out/report.txt",
    "out/report.txt",
    "https://example.com/out/report.txt",
    "file:C:\\x",
    `file:${"a/".repeat(2_000)}x`,
  ])("%j fails", async (uri) => {
    expect(await check(uri)).toMatchObject({ verdict: "failed" });
  });

  test("by a link to a file, to a folder, to itself, or dangling", async () => {
    symlinkSync(join(outside, "secret.txt"), join(root, "link"));
    symlinkSync(outside, join(root, "way"));
    symlinkSync("report.txt", join(root, "out/inner"));
    symlinkSync("loop", join(root, "loop"));
    symlinkSync("nowhere", join(root, "dangling"));
    for (const path of ["link", "way/secret.txt", "out/inner", "loop", "dangling"]) {
      expect(await check(`file:${path}`)).toMatchObject({ verdict: "failed" });
    }
  });

  test("by a folder that becomes a link while it is opened", async () => {
    mkdirSync(join(root, "swap"));
    writeFileSync(join(root, "swap/secret.txt"), "inside\n");
    const stop = new AbortController();
    const racer = (async () => {
      // Between two reads the folder is now itself, now a link to the outside, as fast as the loop turns.
      for (let turn = 0; !stop.signal.aborted; turn += 1) {
        renameSync(join(root, "swap"), join(root, `swap-${turn}`));
        symlinkSync(outside, join(root, "swap"));
        await setImmediate();
        renameSync(join(root, "swap"), join(root, `old-${turn}`));
        renameSync(join(root, `swap-${turn}`), join(root, "swap"));
        await setImmediate();
      }
    })();
    const { signal } = new AbortController();
    const digests = new Set<string>();
    for (let turn = 0; turn < 300; turn += 1) {
      const read = await readLocalFile("swap/secret.txt", { root, signal, keep: true });
      if ("bytes" in read) digests.add(Buffer.from(read.bytes).toString());
    }
    stop.abort();
    await racer;
    expect(digests.has(TEXT)).toBe(false);
  });

  test("a root that is itself reached through a link is the operator's choice", async () => {
    const alias = join(makeFolder(), "alias");
    symlinkSync(root, alias);
    const verifier = fileVerifier({ root: alias });
    const verdict = await verify(verifier, { requirement: wants("file"), uri: "file:out/report.txt" });
    expect(verdict).toMatchObject({ verdict: "passed" });
  });
});

describe("only regular files are read", () => {
  test("a folder, a pipe without a writer and a socket fail at once", async () => {
    execFileSync("mkfifo", [join(root, "pipe")]);
    const server = createServer().listen(join(root, "socket"));
    try {
      for (const path of ["out", "pipe", "socket"]) {
        expect(await check(`file:${path}`)).toMatchObject({ verdict: "failed" });
      }
    } finally {
      server.close();
    }
  });

  test("a file past the cap fails, and a hard link is the file it is", async () => {
    const verifier = fileVerifier({ root, maxFileBytes: 10 });
    const verdict = await verify(verifier, { requirement: wants("file"), uri: "file:out/report.txt" });
    expect(verdict).toMatchObject({ verdict: "failed", reason: expect.stringContaining("10 bytes") });
    linkSync(join(root, "out/report.txt"), join(root, "hard"));
    expect(await check("file:hard")).toMatchObject({ verdict: "passed" });
  });

  test("a root that cannot be read is not the claimant's fault", async () => {
    const verifier = fileVerifier({ root: "/proc/1/root/nowhere" });
    const verdict = await verify(verifier, { requirement: wants("file"), uri: "file:x" });
    expect(verdict.verdict).not.toBe("passed");
  });
});

test("fields that do not fit are named", () => {
  const faults = fileVerifier({ root }).check(
    wants("file", { path: "../x", sha256: DIGEST.toUpperCase(), minBytes: -1, digest: "x" }),
  );
  expect(faults.map((fault) => fault.field).toSorted()).toEqual(["digest", "minBytes", "path", "sha256"]);
});
