// A proof that nobody answers for: asked again more and more slowly, a person told after a day, and done once there is an answer.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Verdict } from "../../src/core/proof.ts";
import { proofPool } from "../../src/jobs/verify-proofs.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, proved, submitted } from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
const HOUR = 3_600_000;

let open: TestHouse;
let answer: Verdict;
const looks: number[] = [];
/** Says what the test says: what is shown here is what becomes of an answer, not how it is found. */
const silent: Verifier = {
  kind: "file",
  beside: [],
  check: () => [],
  matches: () => true,
  verify: () => {
    looks.push(open.clock.now - START);
    return Promise.resolve(answer);
  },
};

beforeEach(async () => {
  looks.length = 0;
  answer = { verdict: "inconclusive", reason: "GitHub answered 503." };
  open = await openTestHouse({ startAt: START, verifiers: [silent] });
  await seedRoster(open.house);
  await added(open.house, { requirements: [{ name: "report", kind: "file" }] });
  const held = await claimed(open.house);
  await proved(open.house, held, "file:report.txt");
  await submitted(open.house, held);
});
afterEach(() => open.close());

/** Lets the job run, and time pass to whenever something is due next, until so many milliseconds after the start. */
async function runUntil(end: number): Promise<void> {
  const pool = proofPool(open.house, new AbortController().signal);
  for (;;) {
    await pool.run();
    await pool.idle();
    const { nextDueMs } = await pool.run();
    await pool.idle();
    const left = START + end - open.clock.now;
    if (left <= 0) return;
    open.clock.advance(Math.min(Math.max(nextDueMs ?? left, 1), left));
  }
}

const told = async () =>
  (await open.house.outbox.notices({ kind: "proof-status", after: 0, limit: 100 })).filter(({ text }) =>
    text.includes("no answer"),
  );

test("is asked again after 1 s, 2 s, 4 s … and at least every ten minutes", async () => {
  await runUntil(HOUR);
  const waits = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
  expect(waits.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000]);
  expect(Math.max(...waits)).toBeLessThanOrEqual(600_000);
  expect(waits.at(-1)).toBeGreaterThanOrEqual(300_000);
});

test("is asked again when the other side said, but no later than in ten minutes", async () => {
  answer = { ...answer, retryAfterMs: 17_000 };
  await runUntil(60_000);
  expect(looks.slice(1, 4).map((at, index) => at - (looks[index] ?? 0))).toEqual([17_000, 17_000, 17_000]);
  answer = { ...answer, retryAfterMs: 24 * HOUR };
  await runUntil(2 * HOUR);
  const [last = 0, before = 0] = looks.toReversed();
  expect(last - before).toBe(600_000);
});

test("has a person asked after a day, once, and is done when the answer comes at last", {
  timeout: 120_000,
}, async () => {
  await runUntil(24 * HOUR - 1);
  expect(await told()).toEqual([]);
  await runUntil(26 * HOUR);
  const [notice, ...others] = await told();
  expect(others).toEqual([]);
  expect(notice?.text).toMatch(
    /GATE-1: the proof for "report" has had no answer for 2[456] h: GitHub answered 503\. /,
  );
  expect((await open.house.queue.task("GATE-1"))?.task.status).toBe("verifying");
  answer = { verdict: "passed", reason: "It is there.", evidence: "file:local:sha256:1", seen: {} };
  await runUntil(27 * HOUR);
  expect((await open.house.queue.task("GATE-1"))?.task.status).toBe("done");
});
