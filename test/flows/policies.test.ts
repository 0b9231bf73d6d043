import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addTask } from "../../src/commands/add-task.ts";
import { importTasks } from "../../src/commands/import-tasks.ts";
import { setPolicy } from "../../src/commands/set-policy.ts";
import { tryProof } from "../../src/commands/try-proof.ts";
import { fillTemplate, POLICY_TEMPLATES } from "../../src/core/policy-templates.ts";
import { proofLacks } from "../../src/core/proof-progress.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, tryRaw } from "../support/raw.ts";
import {
  added,
  claimed,
  completed,
  OPERATOR,
  proved,
  submitted,
  TRUE_COMMAND,
  verified,
  well,
} from "../support/story.ts";

const MORNING = Date.UTC(2026, 2, 30, 9);
let open: TestHouse;

beforeEach(async () => {
  open = await openTestHouse({ startAt: MORNING });
  await seedRoster(open.house);
  await open.house.roster.addEpic({ key: "CLIP", title: "Clips", goal: "" }, OPERATOR.actor);
});
afterEach(() => open.close());

async function requirementsOf(key: string) {
  return (await open.house.queue.task(key))?.task.requirements.map(({ name }) => name);
}

function bare(epic?: string) {
  return addTask(
    open.house,
    { title: "Cut it", acceptance: "It plays", lane: "builder", epic, requirements: [] },
    OPERATOR,
  );
}

describe("a default policy", () => {
  test("every template fills to requirements its verifiers take, with its examples and its usual values", () => {
    for (const { name, takes } of POLICY_TEMPLATES) {
      const needed = takes.filter(({ usual }) => usual === undefined);
      for (const given of [takes, needed]) {
        const filled = well(
          fillTemplate(name, Object.fromEntries(given.map((one) => [one.name, one.example]))),
        );
        expect(filled.requirements.length).toBeGreaterThan(0);
        for (const requirement of filled.requirements) {
          const verifier = open.house.verifiers.get(requirement.kind);
          expect([name, verifier?.check(requirement)]).toEqual([name, []]);
        }
      }
      for (const { name: placeholder } of needed) {
        const others = needed.filter((one) => one.name !== placeholder);
        const given = Object.fromEntries(others.map((one) => [one.name, one.example]));
        expect(fillTemplate(name, given)).toMatchObject({
          ok: false,
          refusal: { field: `with.${placeholder}` },
        });
      }
    }
  });

  test("is used where a task says nothing: the epic's before the lane's, and never over what the task says", async () => {
    expect(await bare()).toMatchObject({ ok: false, refusal: { field: "policy.requirements" } });
    well(await setPolicy(open.house, { on: "builder", from: "tests-pass", given: {} }, OPERATOR));
    expect(await requirementsOf(well(await bare()))).toEqual(["tests"]);
    const given = { repo: "acme/clip", checks: "test" };
    well(await setPolicy(open.house, { on: "CLIP", from: "pr-merged-and-green", given }, OPERATOR));
    expect(await requirementsOf(well(await bare("CLIP")))).toEqual(["merged", "green"]);
    expect(await requirementsOf(await added(open.house, { epic: "CLIP" }))).toEqual(["checks"]);
    well(await setPolicy(open.house, { on: "CLIP", from: "reviewed-by-two", given: {} }, OPERATOR));
    expect(await requirementsOf("CLIP-1")).toEqual(["merged", "green"]);
    expect(await requirementsOf(well(await bare("CLIP")))).toEqual(["review"]);
    well(await setPolicy(open.house, { on: "CLIP", from: null, given: {} }, OPERATOR));
    expect(await requirementsOf(well(await bare("CLIP")))).toEqual(["tests"]);
    const events = await open.house.log.events({ after: 0, limit: 100 });
    expect(events.filter(({ kind }) => kind.startsWith("policy.")).map(({ kind }) => kind)).toEqual([
      "policy.set",
      "policy.set",
      "policy.set",
      "policy.cleared",
    ]);
  });

  test("is used by an import for rows that bring none", async () => {
    well(await setPolicy(open.house, { on: "builder", from: "file-report", given: {} }, OPERATOR));
    const text = JSON.stringify({ id: "x-1", title: "From elsewhere", acceptance: "It plays" });
    const report = well(await importTasks(open.house, { source: "jsonl", text, lane: "builder" }, OPERATOR));
    expect(report).toMatchObject({ created: 1, refused: [] });
    expect(await requirementsOf("GATE-1")).toEqual(["report"]);
    expect((await open.house.queue.task("GATE-1"))?.task.status).toBe("queued");
  });

  test.each([
    ["an unknown template", { on: "builder", from: "green", given: {} }, "from"],
    [
      "a placeholder it does not take",
      { on: "builder", from: "tests-pass", given: { repo: "a/b" } },
      "with.repo",
    ],
    [
      "a value no verifier takes",
      { on: "builder", from: "tests-pass", given: { tests: "many" } },
      "policy.requirements[0].minTests",
    ],
    ["a lane that is not there", { on: "nobody", from: "tests-pass", given: {} }, "lane or epic"],
  ])("%s is refused", async (_, input, field) => {
    expect(await setPolicy(open.house, input, OPERATOR)).toMatchObject({ ok: false, refusal: { field } });
    expect(await open.house.policies.policies()).toEqual([]);
  });

  test("a name that is a lane and an epic is asked back", async () => {
    await seedRoster(open.house, { lane: "CLIP", agent: "bob" });
    const input = { on: "CLIP", from: "tests-pass", given: {} };
    expect(await setPolicy(open.house, input, OPERATOR)).toMatchObject({
      ok: false,
      refusal: { expected: ["lane:CLIP", "epic:CLIP"] },
    });
    expect(well(await setPolicy(open.house, { ...input, on: "lane:CLIP" }, OPERATOR))?.on).toEqual({
      kind: "lane",
      name: "CLIP",
    });
  });
});

describe("a policy after a claim", () => {
  test("is fixed: no requirement is added, changed or taken away by hand, in code or in SQL", async () => {
    await added(open.house);
    await claimed(open.house);
    const raw = await openRaw(open.url);
    for (const statement of [
      "DELETE FROM requirements",
      `INSERT INTO requirements VALUES (1, 1, 'more', 'file', '{"name":"more","kind":"file"}')`,
      `UPDATE requirements SET spec = '{"name":"checks","kind":"command","argv":["false"]}'`,
    ]) {
      expect(await tryRaw(raw, statement)).toMatchObject({ gate: "proof-before-done", code: "policy-fixed" });
    }
    await raw.close();
  });
});

describe("trying a link", () => {
  const FILE = { name: "report", kind: "file", path: "out.txt" } as const;
  const OTHER = { name: "any file", kind: "file" } as const;
  const signal = new AbortController().signal;

  test("says what each requirement would make of it, and writes nothing", async () => {
    await added(open.house, { requirements: [FILE, OTHER, TRUE_COMMAND, { name: "review", kind: "human" }] });
    await claimed(open.house);
    writeFileSync(join(open.proofs, "out.txt"), "green");
    const before = await open.house.log.lastEvent();
    const facts = await open.house.queue.task("GATE-1");
    const { checks } = well(await tryProof(open.house, { key: "GATE-1", uri: "file:out.txt" }, signal));
    expect(checks.map(({ requirement, fits, verdict }) => [requirement, fits, verdict])).toEqual([
      ["report", true, "passed"],
      ["any file", true, "passed"],
      ["checks", false, null],
      ["review", false, null],
    ]);
    const missing = well(await tryProof(open.house, { key: "GATE-1", uri: "file:none.txt" }, signal));
    expect(missing.checks[1]).toMatchObject({
      verdict: "failed",
      reason: expect.stringContaining("none.txt"),
    });
    const named = { key: "GATE-1", uri: "file:none.txt", requirement: "report" };
    expect(well(await tryProof(open.house, named, signal)).checks).toMatchObject([
      { requirement: "report", fits: false, verdict: "failed" },
    ]);
    expect(await open.house.log.lastEvent()).toBe(before);
    expect(await open.house.queue.task("GATE-1")).toEqual(facts);
  });

  test("tells that the evidence already proves another task, and works before anybody claimed", async () => {
    writeFileSync(join(open.proofs, "out.txt"), "green");
    await added(open.house, { requirements: [OTHER] });
    const held = await claimed(open.house);
    await proved(open.house, held, "file:out.txt");
    await submitted(open.house, held);
    await verified(open.house);
    await added(open.house, { requirements: [OTHER] });
    const tried = well(await tryProof(open.house, { key: "GATE-2", uri: "file:out.txt" }, signal));
    expect(tried).toMatchObject({ attempt: null, claimedAt: MORNING });
    expect(tried.checks[0]).toMatchObject({ verdict: "failed", reason: expect.stringContaining("GATE-1") });
  });
});

describe("what is still missing", () => {
  async function lacks() {
    const facts = await open.house.queue.task("GATE-1");
    if (facts === null) throw new Error("no task");
    return proofLacks(facts).map(({ detail }) => detail);
  }

  test("is said a requirement each, in plain words, from the claim to done", async () => {
    const two = { name: "review", kind: "human", approvers: 2 } as const;
    await added(open.house, { requirements: [{ ...TRUE_COMMAND, argv: ["false"] }, two] });
    expect(await lacks()).toEqual([]);
    const held = await claimed(open.house);
    expect(await lacks()).toEqual([
      `"checks" (command) has no proof yet.`,
      `"review" needs the approval of 2 people (operator or more), once the other proofs are submitted.`,
    ]);
    await proved(open.house, held);
    expect((await lacks())[0]).toBe(`"checks" (command) is being checked: command:checks`);
    await verified(open.house);
    expect((await lacks())[0]).toMatch(/^"checks" \(command\) failed: /);
  });

  test("of people's approval it is said how far it has come", async () => {
    await added(open.house, {
      requirements: [TRUE_COMMAND, { name: "review", kind: "human", approvers: 2 }],
    });
    await completed(open.house);
    expect(await lacks()).toEqual([
      `"review" waits for the approval of 2 people (operator or more). 0 of 2 people approved.`,
    ]);
  });
});
