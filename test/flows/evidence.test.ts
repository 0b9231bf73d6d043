import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, tryRaw } from "../support/raw.ts";
import { added, claimed, proved, submitted, verified } from "../support/story.ts";

let open: TestHouse;

beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
});
afterEach(() => open.close());

const POLICY = { name: "report", kind: "file" };

async function tried(session: string, requirement: object = POLICY): Promise<string> {
  const key = await added(open.house, { requirements: [{ ...POLICY, ...requirement }] });
  const held = await claimed(open.house, session);
  writeFileSync(join(open.proofs, "report.txt"), "all green");
  await proved(open.house, held, "file:report.txt");
  await submitted(open.house, held);
  await verified(open.house);
  return key;
}

test("the same evidence proves one task only, and the refusal names which", async () => {
  const first = await tried("s-1");
  const second = await tried("s-2");
  const facts = await open.house.queue.task(second);
  expect((await open.house.queue.task(first))?.task.status).toBe("done");
  expect(facts?.task.status).toBe("active");
  expect(facts?.proofs[0]).toMatchObject({
    verdict: "failed",
    reason: expect.stringContaining(`already proves ${first}`),
  });
});

test("a policy may say that its evidence may prove others as well", async () => {
  await tried("s-1");
  const second = await tried("s-2", { reuse: true });
  expect((await open.house.queue.task(second))?.task.status).toBe("done");
});

test("of two tasks verified at the same moment with the same evidence, one is done", async () => {
  const keys = await Promise.all([
    added(open.house, { requirements: [POLICY] }),
    added(open.house, { requirements: [POLICY] }),
  ]);
  const holders = [await claimed(open.house, "s-1"), await claimed(open.house, "s-2")];
  writeFileSync(join(open.proofs, "report.txt"), "all green");
  for (const held of holders) {
    await proved(open.house, held, "file:report.txt");
    await submitted(open.house, held);
  }
  await verified(open.house);
  const statuses = await Promise.all(
    keys.map(async (key) => (await open.house.queue.task(key))?.task.status),
  );
  expect(statuses.toSorted((a, b) => (a ?? "").localeCompare(b ?? ""))).toEqual(["active", "done"]);
});

test("hand-written SQL cannot use evidence twice either", async () => {
  await tried("s-1");
  await tried("s-2");
  const raw = await openRaw(open.url);
  const sql =
    "UPDATE proofs SET verdict = 'passed', evidence = (SELECT evidence FROM proofs WHERE verdict = 'passed') WHERE verdict = 'failed'";
  expect(await tryRaw(raw, sql)).toMatchObject({ gate: "proof-before-done", code: "evidence-reused" });
  await raw.close();
});
