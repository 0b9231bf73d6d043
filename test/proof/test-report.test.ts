import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";
import { testReportVerifier } from "../../adapters/proof/test-report.ts";
import type { Json } from "../../src/core/json.ts";
import { closePeers, serve } from "./support/peers.ts";
import { makeFolder, removeFolders, verify, wants } from "./support/proofs.ts";

afterEach(closePeers);
afterAll(removeFolders);

let root: string;
beforeEach(() => {
  root = makeFolder();
});

async function check(
  format: string,
  text: string | Buffer,
  fields: { [field: string]: Json } = {},
  claimedAt = 0,
) {
  writeFileSync(join(root, "report"), text);
  const verifier = testReportVerifier({ root, fetcher: guardedFetcher() });
  const requirement = wants("test-report", { format, minTests: 1, ...fields });
  return verify(verifier, { requirement, uri: "file:report", claimedAt });
}

const JUNIT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="0" errors="0">
  <testsuite name="queue" tests="2" failures="0" errors="0" skipped="0">
    <testcase classname="queue.claims" name="has one winner" time="0.1"/>
    <testcase classname="queue.claims" name="gives &lt;&amp;&#33; up"><system-out>noise</system-out></testcase>
    <testsuite name="inner"><testcase name="nested"/></testsuite>
  </testsuite>
</testsuites>`;

const TAP = `TAP version 14
1..3
ok 1 - has one winner
ok 2 - gives up # not a directive
  ---
  message: "not ok 9"
  ...
# a comment
ok 3 nested
`;

const vitestReport = (statuses: readonly string[], more: object = {}) => {
  const count = (wanted: string) => statuses.filter((status) => status === wanted).length;
  return JSON.stringify({
    success: count("failed") === 0,
    startTime: 1_800_000_000_000,
    numTotalTests: statuses.length,
    numPassedTests: count("passed"),
    numFailedTests: count("failed"),
    numFailedTestSuites: 0,
    testResults: [
      {
        name: "/repo/a.test.ts",
        status: count("failed") === 0 ? "passed" : "failed",
        assertionResults: statuses.map((status, index) => ({
          ancestorTitles: ["queue"],
          fullName: `queue test ${index}`,
          title: `test ${index}`,
          status,
        })),
      },
    ],
    ...more,
  });
};

describe("a clean report passes", () => {
  test.each([
    ["junit", JUNIT, ["queue.claims.has one winner", "has one winner", "gives <&! up", "nested"]],
    ["tap", TAP, ["has one winner", "gives up # not a directive", "nested"]],
    ["vitest", vitestReport(["passed", "passed", "passed"]), ["queue test 0", "test 2"]],
  ])("in %s", async (format, text, mustPass) => {
    const verdict = await check(format, text, { minTests: 3, mustPass });
    expect(verdict).toMatchObject({ verdict: "passed", seen: { passed: 3, failed: 0, skipped: 0 } });
    expect(verdict.evidence).toMatch(/^test-report:local:sha256:[0-9a-f]{64}$/);
  });

  test("as Node's own test runner writes it, counted by its leaves", async () => {
    writeFileSync(
      join(root, "it.test.mjs"),
      `import { describe, it } from "node:test";
       describe("queue", () => { it("claims", () => {}); it("beats", () => {}); it.skip("later", () => {}); });`,
    );
    const run = ["--test", "--test-reporter=tap", join(root, "it.test.mjs")];
    const tap = execFileSync(process.execPath, run, { env: {}, encoding: "utf8" });
    const verdict = await check("tap", tap, { minTests: 2, maxSkipped: 1, mustPass: ["claims", "beats"] });
    expect(verdict).toMatchObject({ verdict: "passed", seen: { passed: 2, skipped: 1 } });
    expect(await check("tap", tap, { minTests: 3, maxSkipped: 1 })).toMatchObject({ verdict: "failed" });
  });
});

describe("floors, caps and names hold exactly", () => {
  test.each([
    ["junit", JUNIT],
    ["tap", TAP],
    ["vitest", vitestReport(["passed", "passed", "passed"])],
  ])("in %s", async (format, text) => {
    expect(await check(format, text, { minTests: 4 })).toMatchObject({ verdict: "failed" });
    for (const name of ["has one", "Has one winner", "test", "queue", "queue test", "nestedx", " nested"]) {
      expect(await check(format, text, { mustPass: [name] })).toMatchObject({ verdict: "failed" });
    }
  });

  test.each([
    ["junit", `<testsuite><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite>`],
    ["junit", `<testsuite><testcase name="a"/><testcase name="b" status="notrun"/></testsuite>`],
    ["tap", "1..2\nok 1 - a\nok 2 - b # SKIP no time\n"],
    ["tap", "1..2\nok 1 - a\nnot ok 2 - b # TODO later\n"],
    ["vitest", vitestReport(["passed", "pending"])],
    ["vitest", vitestReport(["passed", "todo"])],
  ])("a skip counts as a skip, never as a test: %s %#", async (format, text) => {
    expect(await check(format, text)).toMatchObject({ verdict: "failed" });
    expect(await check(format, text, { maxSkipped: 0 })).toMatchObject({ verdict: "failed" });
    expect(await check(format, text, { maxSkipped: 1 })).toMatchObject({ verdict: "passed" });
    expect(await check(format, text, { maxSkipped: 1, minTests: 2 })).toMatchObject({ verdict: "failed" });
    for (const name of ["b", "queue test 1"]) {
      expect(await check(format, text, { maxSkipped: 1, mustPass: [name] })).toMatchObject({
        verdict: "failed",
      });
    }
  });

  test("a name that passed once and was skipped once did not pass", async () => {
    const text = `<testsuite><testcase name="a"/><testcase name="a"><skipped/></testcase></testsuite>`;
    expect(await check("junit", text, { maxSkipped: 1, mustPass: ["a"] })).toMatchObject({
      verdict: "failed",
    });
  });
});

const suite = (inner: string, attributes = "") =>
  `<testsuite ${attributes}><testcase name="a"/>${inner}</testsuite>`;

describe("one thing wrong fails the whole report", () => {
  test.each<[string, string, string | Buffer]>([
    ["a failure", "junit", suite(`<testcase name="b"><failure/></testcase>`)],
    ["an error", "junit", suite(`<testcase name="b"><error/></testcase>`)],
    ["a failure after a skip", "junit", suite(`<testcase name="b"><skipped/><failure/></testcase>`)],
    ["a failed status", "junit", suite(`<testcase name="b" status="failed"/>`)],
    ["an error of the suite", "junit", suite("<error>did not load</error>")],
    ["a suite that counts failures", "junit", suite("", `failures="1"`)],
    ["a suite that counts errors", "junit", suite("", `errors="01"`)],
    ["a suite that counts oddly", "junit", suite("", `failures="none"`)],
    ["a not ok", "tap", "1..2\nok 1\nnot ok 2\n"],
    ["a bail out", "tap", "1..1\nok 1\nBail out! disk full\n"],
    ["no plan", "tap", "ok 1\n"],
    ["two plans", "tap", "1..1\nok 1\n1..1\n"],
    ["a plan not kept", "tap", "1..3\nok 1\nok 2\n"],
    ["more than the plan", "tap", "1..1\nok 1\nok 2\n"],
    ["a number twice", "tap", "1..2\nok 1\nok 1\n"],
    ["a point after a closing plan", "tap", "ok 1\n1..2\nok 2\n"],
    ["a failing subtest", "tap", "1..1\n    1..1\n    not ok 1 - inner\nok 1 - outer\n"],
    ["a subtest without its plan", "tap", "1..1\n    ok 1 - inner\nok 1 - outer\n"],
    ["a sum that failed", "tap", "1..1\n    1..1\n    ok 1 - inner\nnot ok 1 - outer\n"],
    ["a subtest nothing sums up", "tap", "1..1\nok 1\n    1..1\n    ok 1 - inner\n"],
    ["a failure out of place", "tap", "1..1\nok 1\n  not ok 7 - hidden\n"],
    ["an open diagnostic block", "tap", "1..2\nok 1\n  ---\nok 2\n"],
    ["a failed test", "vitest", vitestReport(["passed", "failed"])],
    ["a run without success", "vitest", vitestReport(["passed"], { success: false })],
    ["a failed suite", "vitest", vitestReport(["passed"], { numFailedTestSuites: 1 })],
    [
      "a file that did not load",
      "vitest",
      vitestReport(["passed"], {
        testResults: [{ name: "x", status: "failed", assertionResults: [] }],
      }),
    ],
    [
      "totals that do not add up",
      "vitest",
      vitestReport(["passed"], { numTotalTests: 100, numPassedTests: 100 }),
    ],
    ["an unknown outcome", "vitest", vitestReport(["passed", "flaky"])],
  ])("%s", async (_, format, text) => {
    expect(await check(format, text)).toMatchObject({ verdict: "failed" });
  });
});

describe("what is not plainly a report is not read", () => {
  const doctype = (subset: string, body = "") =>
    `<!DOCTYPE testsuite [${subset}]><testsuite>${body}</testsuite>`;
  const bomb = Array.from({ length: 30 }, (_, i) => `<!ENTITY l${i + 1} "&l${i};&l${i};">`).join("");
  test.each<[string, string, string | Buffer]>([
    ["a document type", "junit", doctype("", `<testcase name="a"/>`)],
    ["an entity", "junit", doctype(`<!ENTITY x "y">`, `<testcase name="&x;"/>`)],
    ["a billion laughs", "junit", doctype(`<!ENTITY l0 "ha">${bomb}`, `<testcase name="&l30;"/>`)],
    [
      "an external entity",
      "junit",
      doctype(`<!ENTITY x SYSTEM "file:///etc/passwd">`, `<testcase name="&x;"/>`),
    ],
    ["a parameter entity", "junit", doctype(`<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;`)],
    ["an external document type", "junit", `<!DOCTYPE t SYSTEM "http://127.0.0.1/x"><testsuite/>`],
    ["an undefined entity", "junit", suite(`<testcase name="&nbsp;"/>`)],
    ["no XML", "junit", "ok"],
    ["a report cut off", "junit", JUNIT.slice(0, -20)],
    ["two roots", "junit", `${suite("")}${suite("")}`],
    ["another root", "junit", `<html>${suite("")}</html>`],
    [
      "a test outside of suites",
      "junit",
      `<testsuite><properties><testcase name="a"/></properties></testsuite>`,
    ],
    ["a test inside a test", "junit", suite(`<testcase name="b"><testcase name="c"/></testcase>`)],
    ["a test without a name", "junit", suite("<testcase/>")],
    ["a suite inside a test's output", "junit", suite(`<system-out>${suite("")}</system-out>`)],
    ["deep nesting", "junit", "<testsuite>".repeat(100) + "</testsuite>".repeat(100)],
    ["tests in a comment only", "junit", `<testsuite><!-- <testcase name="a"/> --></testsuite>`],
    ["tests in CDATA only", "junit", `<testsuite><![CDATA[<testcase name="a"/>]]></testsuite>`],
    ["no JSON", "vitest", "{"],
    ["another JSON", "vitest", "[]"],
    ["bytes that are not UTF-8", "junit", Buffer.from([0xff, 0xfe, 0x3c])],
    ["nothing", "tap", "\n"],
    ["JUnit for TAP", "tap", JUNIT],
    ["TAP for JUnit", "junit", TAP],
    ["TAP for Vitest", "vitest", TAP],
  ])("%s", async (_, format, text) => {
    const startedAt = performance.now();
    expect(await check(format, text)).toMatchObject({ verdict: "failed" });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe("where a report comes from", () => {
  test("a file is not older than the claim, nor is the run it tells of", async () => {
    const claimedAt = Date.now() - 60_000;
    expect(await check("tap", TAP, {}, claimedAt)).toMatchObject({ verdict: "passed" });
    expect(await check("tap", TAP, {}, Date.now() + 60_000)).toMatchObject({ verdict: "failed" });
    utimesSync(join(root, "report"), claimedAt / 1000 - 1, claimedAt / 1000 - 1);
    const verifier = testReportVerifier({ root, fetcher: guardedFetcher() });
    const requirement = wants("test-report", { format: "tap", minTests: 1 });
    expect(await verify(verifier, { requirement, uri: "file:report", claimedAt })).toMatchObject({
      verdict: "failed",
    });
    const old = vitestReport(["passed"], { startTime: claimedAt - 1 });
    expect(await check("vitest", old, {}, claimedAt)).toMatchObject({ verdict: "failed" });
    const fresh = vitestReport(["passed"], { startTime: claimedAt });
    expect(await check("vitest", fresh, {}, claimedAt)).toMatchObject({ verdict: "passed" });
  });

  test("a link out of the root is not followed", async () => {
    const outside = makeFolder();
    writeFileSync(join(outside, "report"), TAP);
    mkdirSync(join(root, "in"));
    symlinkSync(join(outside, "report"), join(root, "in/report"));
    const verifier = testReportVerifier({ root, fetcher: guardedFetcher() });
    const requirement = wants("test-report", { format: "tap", minTests: 1 });
    for (const uri of ["file:in/report", "file:../report", "command:it", "data:text/plain,ok"]) {
      expect(await verify(verifier, { requirement, uri })).toMatchObject({ verdict: "failed" });
    }
  });

  test("a URL is read where the policy or the operator vouches for its origin, and nowhere else", async () => {
    const peer = await serve((_, response) => response.end(TAP));
    const uri = `${peer.origin}/artifact/report.tap`;
    const ask = (origins: string[], fields: { [field: string]: Json }) =>
      verify(testReportVerifier({ root, fetcher: guardedFetcher({ origins }) }), {
        requirement: wants("test-report", { format: "tap", minTests: 1, ...fields }),
        uri,
      });
    expect(await ask([], {})).toMatchObject({ verdict: "failed" });
    expect(await ask([peer.origin], { origin: "https://ci.example.com" })).toMatchObject({
      verdict: "failed",
    });
    expect(peer.connections).toBe(0);
    const verdict = await ask([peer.origin], {});
    expect(verdict).toMatchObject({ verdict: "passed", evidence: expect.stringContaining(peer.origin) });
    expect(await ask([peer.origin], { origin: peer.origin })).toMatchObject({ verdict: "passed" });
    // The policy names an origin; whether it may be reached is still the operator's word.
    expect(await ask([], { origin: peer.origin })).toMatchObject({ verdict: "failed" });
  });

  test("a URL's report is dated by its server", async () => {
    const claimedAt = Date.UTC(2026, 0, 1, 12);
    let said = "";
    const peer = await serve((_, response) => response.setHeader("last-modified", said).end(TAP));
    const ask = () =>
      verify(testReportVerifier({ root, fetcher: guardedFetcher({ origins: [peer.origin] }) }), {
        requirement: wants("test-report", { format: "tap", minTests: 1 }),
        uri: `${peer.origin}/r`,
        claimedAt,
      });
    said = new Date(claimedAt - 1_000).toUTCString();
    expect(await ask()).toMatchObject({ verdict: "failed" });
    said = new Date(claimedAt).toUTCString();
    expect(await ask()).toMatchObject({ verdict: "passed" });
  });

  test.each([403, 404, 429, 500])("%d is inconclusive", async (status) => {
    const peer = await serve((_, response) => response.writeHead(status).end(TAP));
    const verdict = await verify(
      testReportVerifier({ root, fetcher: guardedFetcher({ origins: [peer.origin] }) }),
      {
        requirement: wants("test-report", { format: "tap", minTests: 1 }),
        uri: peer.origin,
      },
    );
    expect(verdict).toMatchObject({ verdict: "inconclusive" });
  });
});

test("fields that do not fit are named", () => {
  const verifier = testReportVerifier({ root: "/", fetcher: guardedFetcher() });
  const faults = verifier.check(
    wants("test-report", {
      format: "xunit",
      minTests: 0,
      maxSkipped: -1,
      mustPass: [""],
      origin: "ci",
      suite: "x",
    }),
  );
  const fields = ["format", "maxSkipped", "minTests", "mustPass.0", "origin", "suite"];
  expect(faults.map((fault) => fault.field).toSorted()).toEqual(fields);
});
