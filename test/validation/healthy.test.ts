import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seedQueue } from "../../bench/seed.ts";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { blockAttempt, blockTask } from "../../src/commands/block-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import { editTask } from "../../src/commands/edit-task.ts";
import type { House } from "../../src/commands/house.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { reopenTask, requeueTask } from "../../src/commands/requeue-task.ts";
import { settleProof } from "../../src/commands/settle-proof.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import { unblockTask } from "../../src/commands/unblock-task.ts";
import { validateQueue } from "../../src/commands/validate-queue.ts";
import type { Verdict } from "../../src/core/proof.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw } from "../support/raw.ts";
import { added, holder, OPERATOR, ROUTE, TRUE_COMMAND } from "../support/story.ts";
import { NOW } from "./world.ts";

const ADA = { actor: "agent:ada" };
const VERDICTS: readonly Verdict[] = [
  { verdict: "passed", reason: "It holds." },
  { verdict: "failed", reason: "It does not." },
];

interface Turn {
  readonly task: string;
  readonly other: string;
  readonly number: number;
}

/** Every command that changes a task, at any task: most are refused, and a refusal changes nothing. */
const STEPS: Readonly<Record<string, (open: TestHouse, turn: Turn) => Promise<unknown>>> = {
  add: ({ house }, { task, number }) =>
    added(
      house,
      number % 2 === 0
        ? { dependsOn: [task] }
        : { requirements: [TRUE_COMMAND, { ...TRUE_COMMAND, name: "two" }] },
    ),
  addOnce: ({ house }) => added(house, { limits: { maxAttempts: 1, maxLapses: 1 } }),
  later: (open, { number }) => added(open.house, { notBefore: open.clock.now + number * 1000 }),
  draft: ({ house }) => added(house, { draft: true }),
  claim: ({ house }, { number }) =>
    claimTask(house, { lane: "builder", agent: "ada", session: `s-${number}`, route: ROUTE }),
  prove: ({ house }, turn) =>
    held(house, turn, async (by, facts) => {
      for (const { name } of facts.task.requirements)
        await attachProof(house, { by: "holder", ...by, uri: `command:${name}`, requirement: name }, ADA);
    }),
  submit: ({ house }, turn) => held(house, turn, (by) => submitAttempt(house, by, ADA)),
  release: ({ house }, turn) =>
    held(house, turn, (by) => releaseAttempt(house, { ...by, reason: "No" }, ADA)),
  askForHelp: ({ house }, turn) =>
    held(house, turn, (by) => blockAttempt(house, { ...by, kind: "question", reason: "Two ways" }, ADA)),
  judge: ({ house }, turn) =>
    held(house, turn, async (_, { proofs, task }) => {
      const proof = proofs[turn.number % Math.max(1, proofs.length)];
      const verdict = VERDICTS[turn.number % 3 === 0 ? 1 : 0] as Verdict;
      if (proof !== undefined)
        await settleProof(
          house,
          { proof, taskKey: task.key },
          { ...verdict, evidence: `seen:test:${proof.id}` },
        );
    }),
  block: ({ house }, { task }) => blockTask(house, { key: task, kind: "access", reason: "No key" }, OPERATOR),
  unblock: ({ house }, { task }) => unblockTask(house, { key: task, reason: "Here it is" }, OPERATOR),
  cancel: ({ house }, { task }) => cancelTask(house, { key: task, reason: "Not wanted" }, OPERATOR),
  reopen: ({ house }, { task }) => reopenTask(house, { key: task, reason: "It was not" }, OPERATOR),
  requeue: ({ house }, { task }) => requeueTask(house, { key: task, reason: "Once more" }, OPERATOR),
  prioritize: ({ house }, { task }) => prioritizeTask(house, { key: task, priority: "P0" }, OPERATOR),
  waitFor: ({ house }, { task, other }) => edited(house, task, { dependsOn: [other] }),
  waitForNothing: ({ house }, { task }) => edited(house, task, { dependsOn: [] }),
  draftAgain: ({ house }, { task, number }) => edited(house, task, { draft: number % 2 === 0 }),
  postpone: (open, { task, number }) =>
    edited(open.house, task, { notBefore: open.clock.now + number * 500 }),
  pass: async (open, { number }) => open.clock.advance(number * 700),
  lapse: async (open) => open.clock.advance(1_000_000),
};

type Facts = NonNullable<Awaited<ReturnType<House["queue"]["task"]>>>;

/** On the task of the turn if somebody holds it, else on one that somebody holds. */
async function held(
  house: House,
  { task, number }: Turn,
  act: (by: ReturnType<typeof holder>, facts: Facts) => Promise<unknown>,
): Promise<void> {
  const { tasks } = await house.listing.list({ limit: 100 });
  const holding = tasks.filter(({ holder: one }) => one !== null).map(({ key }) => key);
  const key = holding.includes(task) ? task : holding[number % Math.max(1, holding.length)];
  const facts = key === undefined ? null : await house.queue.task(key);
  if (facts?.attempt != null) await act(holder({ attempt: facts.attempt }), facts);
}

async function edited(
  house: House,
  key: string,
  change: Partial<Parameters<typeof editTask>[1]>,
): Promise<void> {
  const facts = await house.queue.task(key);
  if (facts !== null) await editTask(house, { key, version: facts.task.version, ...change }, OPERATOR);
}

describe("a queue that only commands changed", () => {
  it("is never found invalid, whatever they did; only what is stranded is pointed out", async () => {
    const reached = new Set<string>();
    const step = fc.record({
      name: fc.constantFrom(...Object.keys(STEPS)),
      task: fc.nat(7),
      other: fc.nat(7),
      number: fc.nat(7),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 90 }), async (steps) => {
        const open = await openTestHouse({ startAt: NOW });
        try {
          await seedRoster(open.house, { capacity: 3 });
          for (const { name, task, other, number } of steps) {
            await STEPS[name]?.(open, { task: `GATE-${task + 1}`, other: `GATE-${other + 1}`, number }).catch(
              refusedToAdd,
            );
          }
          // What a running bot does within a second.
          await reclaimLapsed(open.house);
          const { findings } = await validateQueue(open.house);
          expect(findings.filter(({ rule }) => rule !== "dependency-stranded")).toEqual([]);
          for (const { status } of await open.house.listing.counts()) reached.add(status);
        } finally {
          await open.close();
        }
      }),
      { numRuns: 60, seed: 7 },
    );
    expect([...reached].toSorted()).toEqual(
      ["active", "blocked", "cancelled", "dead", "done", "draft", "queued", "verifying"].toSorted(),
    );
  }, 120_000);
});

/** `added` throws a refusal: a dependency on a task that is not there is one. */
function refusedToAdd(error: unknown): void {
  if (!(error instanceof Error && /dependsOn/.test(error.message))) throw error;
}

describe("the benches' seeded queue", () => {
  it.each([1, 7, 1500])("is valid, every task of %i", async (tasks) => {
    const folder = mkdtempSync(join(tmpdir(), "gatehouse-seed-"));
    const url = `file:${join(folder, "seed.db")}`;
    const open = await openTestHouse({ url });
    const raw = await openRaw(url);
    try {
      await seedQueue(raw, { tasks, inFlight: 12 });
      expect(await validateQueue(open.house)).toMatchObject({
        valid: true,
        tasks,
        findings: [],
        omitted: [],
      });
      const key = await added(open.house, { epic: "CLIP", lane: "docs" });
      expect(key).toBe(`CLIP-${Math.ceil(tasks / 4) + 1}`);
      expect((await validateQueue(open.house)).findings).toEqual([]);
    } finally {
      await raw.close();
      await open.close();
      rmSync(folder, { recursive: true });
    }
  });

  it("can be worked on like any other", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gatehouse-seed-"));
    const url = `file:${join(folder, "seed.db")}`;
    const open = await openTestHouse({ url });
    const raw = await openRaw(url);
    try {
      await seedQueue(raw, { tasks: 200, inFlight: 0, shares: { done: 0, draft: 0 } });
      const asked = { lane: "ops", agent: "seed-ops", session: "s", route: ROUTE };
      const claim = await claimTask(open.house, asked);
      expect(claim).toMatchObject({
        ok: true,
        value: { facts: { task: { lane: "ops", status: "active" } } },
      });
    } finally {
      await raw.close();
      await open.close();
      rmSync(folder, { recursive: true });
    }
  });
});
