import { afterEach, expect, test } from "vitest";
import { closePeers } from "../proof/support/peers.ts";
import { removeFolders } from "../proof/support/proofs.ts";
import { runCompletions } from "../support/completions.ts";

afterEach(async () => {
  await closePeers();
  removeFolders();
});

test("of ten thousand bad proofs none completes a task, and of two thousand good ones nearly all do", async () => {
  const figures = await runCompletions({ tasks: 2010, badEach: 5, seed: 20_261_123 });
  expect(figures.falseCompletions).toEqual([]);
  expect(figures.bad).toBeGreaterThanOrEqual(10_000);
  // What the door refuses was never in a verifier's hands: nearly all of them must have been.
  expect(figures.refusedAtOnce).toBeLessThan(figures.bad / 10);
  expect(figures.almostRight).toBeGreaterThanOrEqual(figures.bad / 5);
  expect(figures.good).toBeGreaterThanOrEqual(2_000);
  expect(figures.accepted / figures.good).toBeGreaterThanOrEqual(0.999);
  expect(figures.completions).toBe(figures.accepted);
  expect(figures.announcements).toBe(figures.accepted);
}, 600_000);

test("a verifier that believes too much is found", async () => {
  const figures = await runCompletions({
    tasks: 20,
    badEach: 2,
    seed: 1,
    kinds: ["file"],
    sabotage: (verifier) => ({
      ...verifier,
      async verify(proof, signal) {
        const verdict = await verifier.verify(proof, signal);
        if (verdict.verdict !== "failed") return verdict;
        return { ...verdict, verdict: "passed", evidence: `file:believed:${proof.attempt.id}` };
      },
    }),
  });
  expect(figures.falseCompletions.length).toBeGreaterThan(0);
});
