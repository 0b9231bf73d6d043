// Verifying is work that may die at any point, or be done twice: the task is completed and announced exactly once.
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { settleProof } from "../../src/commands/settle-proof.ts";
import type { Verdict } from "../../src/core/proof.ts";
import { startWorker } from "../race/processes.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, type Held, proved, submitted, verified } from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
const LEASE_MS = 60_000;
const PASSED: Verdict = { verdict: "passed", reason: "it holds", evidence: "test:1" };
const FAILED: Verdict = { verdict: "failed", reason: "it does not" };

let open: TestHouse;
let held: Held;
beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
  await added(open.house);
  held = await claimed(open.house);
  await proved(open.house, held);
  await submitted(open.house, held);
});
afterEach(() => open.close());

const announced = () => open.house.outbox.notices({ after: 0, limit: 10, kind: "auto-complete" });
const happened = async (kind: string) =>
  (await open.house.log.events({ after: 0, limit: 100 })).filter((event) => event.kind === kind);

async function expectCompletedOnce(): Promise<void> {
  expect((await open.house.queue.task(held.task.key))?.task.status).toBe("done");
  expect(await announced()).toHaveLength(1);
  expect(await happened("task.completed")).toHaveLength(1);
  expect(await open.house.proofWork.nextDue()).toBeNull();
}

test("a process killed while it verifies leaves its work to others when its lease lapses, to the tick", async () => {
  const dying = startWorker(
    join(import.meta.dirname, "dying-verifier.ts"),
    { url: open.url, startAt: START },
    open.folder,
  );
  await Promise.race([
    once(dying.child.stdout!, "data"),
    dying.ended.then(() => {
      throw new Error(dying.complaint());
    }),
  ]);
  dying.child.kill("SIGKILL");
  expect((await dying.ended).signal).toBe("SIGKILL");

  open.clock.advance(LEASE_MS - 1);
  await verified(open.house);
  expect((await open.house.queue.task(held.task.key))?.task.status).toBe("verifying");
  expect(await announced()).toEqual([]);

  open.clock.advance(1);
  await verified(open.house);
  await expectCompletedOnce();

  open.clock.advance(10 * LEASE_MS);
  await verified(open.house);
  await expectCompletedOnce();
});

/** The same proof in two hands, as after a lease that lapsed while its holder was only slow. */
async function inTwoHands(): Promise<readonly TestHouse[]> {
  const ids = (await open.house.proofWork.due(1)).map(({ id }) => id);
  expect(await open.house.proofWork.take(ids, LEASE_MS)).toHaveLength(1);
  open.clock.advance(LEASE_MS);
  const second = await openTestHouse({ startAt: open.clock.now, url: open.url });
  expect(await second.house.proofWork.take(ids, LEASE_MS)).toHaveLength(1);
  return [open, second];
}

test.each([
  ["that agree", [PASSED, PASSED]],
  ["of which one is new to the other", [PASSED, { ...PASSED, evidence: "test:2" }]],
])("two workers with verdicts %s complete the task once and announce it once", async (_, verdicts) => {
  const hands = await inTwoHands();
  const [proof] = (await open.house.queue.attempt(held.attempt.id))?.proofs ?? [];
  const work = { proof: proof!, taskKey: held.task.key };
  const outcomes = await Promise.all(
    hands.map(({ house }, index) => settleProof(house, work, verdicts[index] as Verdict)),
  );
  const settled = outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.refusal.code));
  expect(settled.toSorted()).toEqual(["completed", "moot"]);
  await expectCompletedOnce();
  await hands[1]?.close();
});

test.each([
  ["passed first", [PASSED, FAILED], ["completed", "moot"], { status: "done", announced: 1 }],
  ["failed first", [FAILED, PASSED], ["returned", "recorded"], { status: "active", announced: 0 }],
])("two workers that disagree, %s: the first decides, and nothing is announced twice", async (...row) => {
  const [, verdicts, settled, { status, announced: notices }] = row;
  const hands = await inTwoHands();
  const [proof] = (await open.house.queue.attempt(held.attempt.id))?.proofs ?? [];
  const work = { proof: proof!, taskKey: held.task.key };
  for (const [index, { house }] of hands.entries()) {
    const outcome = await settleProof(house, work, verdicts[index]!);
    expect(outcome).toEqual({ ok: true, value: settled[index] });
  }
  expect((await open.house.queue.task(held.task.key))?.task.status).toBe(status);
  expect(await announced()).toHaveLength(notices);
  await hands[1]?.close();
});

test("one worker that settles the same proof many times over completes once and announces once", async () => {
  const [proof] = (await open.house.queue.attempt(held.attempt.id))?.proofs ?? [];
  const work = { proof: proof!, taskKey: held.task.key };
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => settleProof(open.house, work, PASSED)));
  const settled = outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.refusal.code));
  expect(settled.filter((one) => one === "completed")).toHaveLength(1);
  await expectCompletedOnce();
});
