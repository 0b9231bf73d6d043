import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, asyncProperty, dictionary, jsonValue, string } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/core/json.ts";
import type { Requirement, Verdict } from "../../src/core/proof.ts";
import { closePeers } from "./support/peers.ts";
import { proofOf, removeFolders } from "./support/proofs.ts";
import type { World } from "./support/world.ts";
import { makeWorld } from "./support/world.ts";

/** What every verifier promises, whatever its kind. A new kind passes this, or it is none. */
const KINDS = [
  "file",
  "command",
  "url",
  "test-report",
  "attestation",
  "github-pr",
  "github-commit",
  "github-checks",
  "github-release",
  "chat-message",
  "human",
];

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  file: [],
  command: ["argv"],
  url: ["origin"],
  "test-report": ["format", "minTests"],
  attestation: ["issuer", "identity", "predicateType"],
  "github-pr": ["repo", "base"],
  "github-commit": ["repo", "branch"],
  "github-checks": ["repo", "checks"],
  "github-release": ["repo"],
  "chat-message": ["platform", "channel"],
  human: [],
};

/** What docs/proof.md says that a verdict of a kind keeps. */
function keptFields(kind: string): readonly string[] {
  const page = readFileSync(join(import.meta.dirname, "../../docs/proof.md"), "utf8");
  const [, kept = ""] = /^Kept: (.+)\.$/m.exec(page.split(`### ${kind}\n`)[1] ?? "") ?? [];
  return [...kept.matchAll(/`(\w+)`/g)].map(([, field = ""]) => field);
}

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(async () => {
  await closePeers();
  removeFolders();
});

/** The shape of every verdict, passed or not. */
function expectVerdict(verdict: Verdict) {
  expect(["passed", "failed", "inconclusive"]).toContain(verdict.verdict);
  expect(verdict.reason.length).toBeGreaterThan(3);
  expect(verdict.reason).toMatch(/^\P{Cc}+$/u);
  expect(verdict.reason.length).toBeLessThan(1_000);
  expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  if (verdict.verdict === "passed") expect(verdict.evidence).toMatch(/^[a-z-]+:[^:\s]+:?.*\S$/);
  else expect(verdict.evidence).toBeUndefined();
  if (verdict.retryAfterMs !== undefined) {
    expect(verdict.verdict).toBe("inconclusive");
    expect(Number.isInteger(verdict.retryAfterMs) && verdict.retryAfterMs >= 0).toBe(true);
  }
}

const HOSTILE = [
  "",
  " ",
  "\0",
  ":",
  "://",
  "x",
  "x:y",
  "file:",
  "file:///etc/passwd",
  "file:../../../../etc/passwd",
  "command:",
  "command:rm -rf /",
  "http://",
  "https://",
  "http://[",
  "http://127.0.0.1:1/",
  "https://user:pass@github.com/acme/clip/pull/12",
  "https://github.com/%00/%2e%2e/pull/1",
  "https://github.com/acme/clip/releases/tag/%",
  "https://github.com/acme/clip/releases/tag/%E0%A4%A",
  "https://github.com/acme/clip/pull/99999999999999999999",
  "javascript:alert(1)",
  "data:text/html,x",
  "urn:isbn:1",
  "mailto:a@b",
  "\u202Efile:x",
  "file:\uD800",
  "__proto__",
  "constructor",
  "[object Object]",
  `file:${"a".repeat(100_000)}`,
  `https://${"a".repeat(100_000)}.example.com/`,
  `https://github.com/acme/clip/commit/${"0".repeat(40)}`,
];

test("there is one verifier a kind", () => {
  expect([...world.verifiers.keys()]).toEqual(KINDS);
});

describe.each(KINDS)("%s", (kind) => {
  // People approve without a link: what a link is, is nothing to them.
  const linked = (name: string, holds: () => void | Promise<void>): void => {
    if (kind !== "human") test(name, holds);
  };
  const good = () => world.proofOfKind(kind);
  const verifier = () => world.verifierOf(good());

  test("passes a good proof, with evidence of its kind", async () => {
    const verdict = await world.judge(good());
    expect(verdict).toMatchObject({ verdict: "passed" });
    expectVerdict(verdict);
    expect(verdict.evidence?.startsWith(`${kind}:`)).toBe(true);
    expect(Object.keys(verdict.seen ?? {}).toSorted()).toEqual(keptFields(kind).toSorted());
    expect(verifier().matches(good().requirement, good().uri)).toBe(kind !== "human");
    expect(verifier().check(good().requirement)).toEqual([]);
  });

  test("names unknown fields, and never passes with one", async () => {
    const proof = good();
    const requirement = { ...proof.requirement, surprise: true, Path: "x" };
    const faults = verifier().check(requirement);
    expect(faults.map(({ field }) => field).toSorted()).toEqual(["Path", "surprise"]);
    expect(faults[0]).toMatchObject({ expected: expect.any(String) });
    expect(await world.judge({ ...proof, requirement })).toMatchObject({ verdict: "failed" });
    expect(verifier().matches(requirement, proof.uri)).toBe(false);
  });

  test("names each required field that is missing or of another type, once", () => {
    for (const field of REQUIRED[kind] ?? []) {
      const { [field]: _, ...rest } = good().requirement;
      expect(
        verifier()
          .check(rest as Requirement)
          .map((fault) => fault.field),
      ).toEqual([field]);
      for (const value of [null, {}, [{}], true] as Json[]) {
        const faults = verifier().check({ ...good().requirement, [field]: value });
        expect(faults[0]?.field.split(".")[0]).toBe(field);
        expect(new Set(faults.map((fault) => fault.field)).size).toBe(faults.length);
      }
    }
  });

  test("refuses another kind's requirement and a requirement without a name", () => {
    const { requirement } = good();
    expect(
      verifier()
        .check({ ...requirement, kind: "other" })
        .map(({ field }) => field),
    ).toEqual(["kind"]);
    expect(
      verifier()
        .check({ ...requirement, name: "" })
        .map(({ field }) => field),
    ).toEqual(["name"]);
  });

  test("answers any requirement with faults, never with an exception", async () => {
    const json = dictionary(string(), jsonValue({ maxDepth: 3 }), { maxKeys: 6 });
    await assert(
      asyncProperty(json, async (fields) => {
        const requirement = { ...good().requirement, ...fields, kind } as Requirement;
        const faults = verifier().check(requirement);
        if (faults.length === 0) return;
        const verdict = await world.judge({ ...good(), requirement });
        expect(verdict.verdict).toBe("failed");
        expectVerdict(verdict);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  linked("never throws at a hostile link, and never passes it", async () => {
    for (const uri of HOSTILE) {
      expect([uri, verifier().matches(good().requirement, uri)]).toEqual([uri, expect.any(Boolean)]);
      const verdict = await world.judge({ ...good(), uri });
      expect([uri.slice(0, 80), verdict.verdict]).toEqual([
        uri.slice(0, 80),
        expect.not.stringMatching("passed"),
      ]);
      expectVerdict(verdict);
    }
  });

  linked("fails a link of every other scheme", async () => {
    const rest = good().uri.replace(/^[a-z]+:/, "");
    for (const scheme of ["ftp", "gopher", "data", "ssh", "git", "ws", "x"]) {
      expect(await world.judge({ ...good(), uri: `${scheme}:${rest}` })).toMatchObject({ verdict: "failed" });
    }
  });

  linked("never passes the proof of another kind", async () => {
    for (const other of KINDS.filter((one) => one !== kind)) {
      const { uri } = world.proofOfKind(other);
      if (uri === good().uri) continue;
      const verdict = await world.judge({ ...good(), uri });
      expect([other, verdict.verdict]).not.toEqual([other, "passed"]);
    }
  });

  test("is inconclusive when called off, before and during", async () => {
    const before = await world.judge(good(), AbortSignal.abort());
    expect(before).toMatchObject({ verdict: "inconclusive" });
    expectVerdict(before);
    const control = new AbortController();
    const pending = world.judge(good(), control.signal);
    control.abort();
    const during = await pending;
    // A file is read before the call off is heard; a verdict that was reached stays what it is.
    expect(during.verdict).not.toBe("failed");
    expectVerdict(during);
  });

  test("leaves the requirement as it was given", async () => {
    const proof = good();
    const frozen = structuredClone(proof);
    await world.judge(proof);
    expect(proof).toEqual(frozen);
    expect(proofOf(proof).requirement).toEqual(frozen.requirement);
  });
});
