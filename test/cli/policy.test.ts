import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runHere } from "../support/command-line.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";

let open: TestHouse;
beforeAll(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
});
afterAll(() => open.close());

const gatehouse = (...args: string[]) => runHere(open.house, args);

test("templates are listed and shown with what they take", async () => {
  const { out } = await gatehouse("policy", "list");
  expect(out).toMatch(/^pr-merged-and-green +.* +repo=… \[base=main\] checks=…$/m);
  expect((await gatehouse("policy", "show", "tests-pass")).out).toContain(
    "--with tests=…  how many tests it has at the least (1 unless given)",
  );
  expect((await gatehouse("policy", "list", "--json")).json).toMatchObject({ policies: [] });
});

test("a default is set from a template, shown, used and taken away", async () => {
  const set = await gatehouse(
    "policy",
    "set",
    "builder",
    "--from",
    "pr-merged-and-green",
    "--with",
    "repo=acme/clip",
    "--with",
    "checks=test, lint",
    "--json",
  );
  expect(set.json).toMatchObject({
    lane: "builder",
    template: "pr-merged-and-green",
    given: { repo: "acme/clip", base: "main", checks: "test, lint" },
    requirements: [
      { name: "merged", kind: "github-pr", repo: "acme/clip", base: "main" },
      { name: "green", kind: "github-checks", checks: [{ name: "test" }, { name: "lint" }] },
    ],
    setBy: "person:cli:tess",
  });
  expect((await gatehouse("policy", "show", "builder")).out).toContain("merged: github-pr");
  const task = ["task", "add", "Cut it", "--lane", "builder", "--acceptance", "It plays", "--json"];
  expect((await gatehouse(...task)).json.policy.requirements).toHaveLength(2);
  expect((await gatehouse("policy", "set", "builder", "--clear")).out).toBe(
    "builder has no default any more.\n",
  );
  expect((await gatehouse("policy", "set", "builder", "--clear")).status).toBe(1);
  expect((await gatehouse(...task)).status).toBe(1);
});

test.each([
  ["neither --from nor --clear", ["set", "builder"], 2],
  ["both", ["set", "builder", "--from", "tests-pass", "--clear"], 2],
  ["a value without a name", ["set", "builder", "--from", "tests-pass", "--with", "=5"], 2],
  ["a missing placeholder", ["set", "builder", "--from", "pr-merged-and-green"], 1],
  ["an unknown name", ["show", "nothing"], 1],
])("%s is told", async (_, args, status) => {
  const ran = await gatehouse("policy", ...args);
  expect(ran.status).toBe(status);
  expect(ran.err).not.toBe("");
});

test("a link is tried without being attached, and the status says whether it would prove", async () => {
  const require = JSON.stringify({ name: "report", kind: "file" });
  const args = ["--lane", "builder", "--acceptance", "It plays", "--require", require, "--json"];
  const { key } = (await gatehouse("task", "add", "Report", ...args)).json;
  const missing = await gatehouse("policy", "try", key, "file:report.txt");
  expect(missing.status).toBe(1);
  expect(missing.out).toMatch(/^report +file +failed +.*does not exist/m);
  writeFileSync(join(open.proofs, "report.txt"), "green");
  const there = await gatehouse("policy", "try", key, "file:report.txt", "--json");
  expect(there.status).toBe(0);
  expect(there.json).toMatchObject({ task: key, attempt: null, checks: [{ verdict: "passed", fits: true }] });
  expect((await gatehouse("task", "show", key, "--json")).json.proofs).toEqual([]);
  expect((await gatehouse("policy", "try", key, "https://example.com/")).status).toBe(1);
  expect((await gatehouse("policy", "try", "GATE-99", "file:x")).status).toBe(1);
});
