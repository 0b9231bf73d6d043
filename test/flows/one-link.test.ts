// One link, pasted or posted. It proves whatever it can of one thing; only where it could mean one or another is somebody asked.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { fillTemplate } from "../../src/core/policy-templates.ts";
import type { Requirement } from "../../src/core/proof.ts";
import { answerText } from "../../src/ports/chat-answer.ts";
import { closePeers } from "../proof/support/peers.ts";
import { removeFolders } from "../proof/support/proofs.ts";
import { CLAIMED, makeWorld, NEW, type World } from "../proof/support/world.ts";
import { gateLines } from "../support/gate-lines.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, type Held, holder, OPERATOR, submitted, verified, well } from "../support/story.ts";

const PULL = "https://github.com/acme/clip/pull/12";
const COMMIT = `https://github.com/acme/clip/commit/${NEW}`;
const GIVEN = { repo: "acme/clip", checks: "test" };
const MERGED_AND_GREEN = well(fillTemplate("pr-merged-and-green", GIVEN)).requirements;
const checks = (name: string) => ({ name, kind: "github-checks", repo: "acme/clip", checks: [{ name }] });

let world: World;
let open: TestHouse;
beforeEach(async () => {
  world = await makeWorld();
  const [pull] = world.repo.pulls;
  world.repo.pulls.splice(0, 1, { ...pull!, head: NEW });
  open = await openTestHouse({ startAt: CLAIMED, verifiers: [...world.verifiers.values()] });
  await seedRoster(open.house);
});
afterEach(async () => {
  await open.close();
  await closePeers();
  removeFolders();
});

const { say } = gateLines(() => open.house);

async function held(requirements: readonly Requirement[]): Promise<Held> {
  await added(open.house, { requirements });
  return claimed(open.house);
}

async function facts() {
  const { task, proofs = [] } = (await open.house.queue.task("GATE-1")) ?? {};
  const verdicts = Object.fromEntries(proofs.map(({ requirement, verdict }) => [requirement, verdict]));
  return { status: task?.status, verdicts };
}

const attached = async () =>
  (await open.house.log.events({ after: 0, limit: 99 })).filter(({ kind }) => kind === "proof.attached");

describe("a merged pull request with green checks", () => {
  test("proves both requirements by its link alone, each with evidence of its own, and completes the task", async () => {
    await held(MERGED_AND_GREEN);
    const answer = await say(`/gate prove GATE-1 ${PULL}`);
    expect(answerText(answer)).toBe(
      "Attached to GATE-1 as proof of “merged” and of “green”. It is being checked. GATE-1 is submitted: only the verdicts count now.",
    );
    expect(await attached()).toMatchObject([
      {
        version: 3,
        data: {
          uri: PULL,
          proofs: [
            { requirement: "merged", kind: "github-pr" },
            { requirement: "green", kind: "github-checks" },
          ],
        },
      },
    ]);
    await verified(open.house);
    expect(await facts()).toEqual({ status: "done", verdicts: { merged: "passed", green: "passed" } });
    const evidence = (await open.house.queue.task("GATE-1"))?.proofs.map((proof) => proof.evidence ?? "");
    expect(evidence?.map((one) => one.split(":")[0]).toSorted()).toEqual(["github-checks", "github-pr"]);
  });

  test("is not done while a check is red, and the link pasted again goes only where it is still lacking", async () => {
    const [check] = world.repo.checks;
    world.repo.checks.splice(0, 1, { ...check!, conclusion: "failure" });
    await held(MERGED_AND_GREEN);
    await say(`/gate prove GATE-1 ${PULL}`);
    await verified(open.house);
    expect(await facts()).toEqual({ status: "active", verdicts: { merged: "passed", green: "failed" } });
    world.repo.checks.splice(0, 1, check!);
    expect(answerText(await say(`/gate prove GATE-1 ${PULL}`))).toContain("as proof of “green”. It");
    await verified(open.house);
    expect((await facts()).status).toBe("done");
  });
});

test("a commit's link proves the commit and its checks", async () => {
  await held([{ name: "landed", kind: "github-commit", repo: "acme/clip", branch: "main" }, checks("test")]);
  await say(`/gate prove GATE-1 ${COMMIT}`);
  await verified(open.house);
  expect((await facts()).status).toBe("done");
});

describe("somebody is asked which, and nothing is attached,", () => {
  const asked = async (link: string, names: readonly string[]) => {
    expect(await say(`/gate prove GATE-1 ${link}`)).toMatchObject({
      kind: "misunderstood",
      suggestions: names.map((name) => `/gate prove GATE-1 ${link} --requirement ${name}`),
    });
    expect(await attached()).toEqual([]);
  };

  test("where two requirements of one kind would take the link", async () => {
    await held([checks("test"), checks("lint")]);
    await asked(PULL, ["test", "lint"]);
  });

  test("where one kind would and two of another", async () => {
    await held([MERGED_AND_GREEN[0]!, checks("test"), checks("lint")]);
    await asked(PULL, ["merged", "test", "lint"]);
  });

  test("where kinds would read the same link as different things", async () => {
    const report = { name: "report", kind: "test-report", format: "junit", minTests: 1 };
    await held([{ name: "file", kind: "file" }, report]);
    await asked("file:junit.xml", ["file", "report"]);
  });
});

describe("an agent's link goes where a person's would", () => {
  const attach = (one: Held, uri: string) =>
    attachProof(open.house, { by: "holder", ...holder(one), uri }, OPERATOR);

  test("to each requirement it proves of one thing", async () => {
    const one = await held(MERGED_AND_GREEN);
    expect(await attach(one, PULL)).toMatchObject({
      ok: true,
      value: { proof: { requirement: "merged" }, others: [{ requirement: "green" }], submitted: false },
    });
    await submitted(open.house, one);
    await verified(open.house);
    expect(await facts()).toEqual({ status: "done", verdicts: { merged: "passed", green: "passed" } });
  });

  test("and it is asked where the link could mean one or another", async () => {
    const one = await held([checks("test"), checks("lint")]);
    expect(await attach(one, PULL)).toMatchObject({
      ok: false,
      refusal: { gate: "proof-before-done", code: "requirement-ambiguous", expected: ["test", "lint"] },
    });
    expect(await attached()).toEqual([]);
  });
});
