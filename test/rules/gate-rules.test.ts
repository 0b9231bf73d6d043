import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import type { Attempt } from "../../src/core/attempt.ts";
import type * as Heartbeat from "../../src/core/gates/heartbeat-trust.ts";
import type * as Gate from "../../src/core/gates/proof-before-done.ts";
import type { ApprovalFacts, DoneFacts } from "../../src/core/gates/proof-before-done.ts";
import { FRESH_EVIDENCE_MS, type Proof } from "../../src/core/proof.ts";
import type { Task } from "../../src/core/task.ts";
import type * as Without from "./without.ts";
import type { Place } from "./without.ts";

/**
 * Every rule of the gate itself, as of the verifiers: the good facts pass, each bad ones are refused by that rule's code, and
 * with the check taken out of the source they pass. The holder's part of heartbeat-trust is here too: proof belongs to an attempt.
 */
const { withoutChecks } = createRequire(import.meta.url)("./without.ts") as typeof Without;

const NOW = 1_000_000;
const GATE = "src/core/gates/proof-before-done.ts";
const TRUST = "src/core/gates/heartbeat-trust.ts";
const gate = (check: string, without = ""): Place => ({ file: GATE, check, without });
const trust = (check: string, without = ""): Place => ({ file: TRUST, check, without });

/** Only the fields that the gates read. */
const task = {
  key: "CLIP-12",
  status: "verifying",
  epoch: 2,
  policyHash: "policy",
  requirements: [{ name: "built", kind: "command" }],
} as unknown as Task;
const attempt = {
  id: "CLIP-12.1",
  agent: "ada",
  epoch: 2,
  policyHash: "policy",
  proofSetHash: "set",
  outcome: null,
  endedAt: null,
  leaseExpiresAt: NOW + 1,
} as unknown as Attempt;
const proof = {
  id: 1,
  requirement: "built",
  kind: "command",
  attachedBy: "agent:ada",
  verdict: "passed",
  reason: null,
  checkedAt: NOW,
} as unknown as Proof;

/** Of the module that is asked. */
type Gates = typeof Gate & typeof Heartbeat;

type Row<F> = readonly [name: string, code: string, places: readonly Place[], ...bad: Partial<F>[]];

async function tried<F>(
  file: string,
  [, code, places, ...bad]: Row<F>,
  good: F,
  ask: (gates: Gates, facts: F) => string | null,
) {
  const real = await withoutChecks([])<Gates>(file);
  const lenient = await withoutChecks(places)<Gates>(file);
  expect(ask(real, good)).toBeNull();
  expect(bad.length).toBeGreaterThan(0);
  for (const change of bad) {
    const facts = { ...good, ...change };
    expect([change, ask(real, facts)]).toEqual([change, code]);
    expect([change, ask(lenient, facts)]).toEqual([change, null]);
  }
}

const named = <F>(rows: readonly Row<F>[]) => rows.map((row) => ({ name: row[0], row }));
const withTask = (change: object) => ({ task: { ...task, ...change } });
const withAttempt = (change: object) => ({ attempt: { ...attempt, ...change } });
const withProof = (change: object) => ({ proofs: [{ ...proof, ...change }] });
const TWO = [task.requirements[0]!, { name: "tested", kind: "command" }];

describe("a task is done", () => {
  const good: DoneFacts = { task, attempt, proofs: [proof], proofSetHash: "set" };
  const rows: readonly Row<DoneFacts>[] = [
    [
      "only with a requirement",
      "policy-empty",
      [gate("task.requirements.length === 0", "false")],
      { ...withTask({ requirements: [] }), proofs: [] },
    ],
    [
      "only from verifying",
      "not-submitted",
      [gate('task.status !== "verifying" || attempt.endedAt !== null || ', "attempt.endedAt !== null || ")],
      ...["draft", "queued", "offered", "active", "blocked", "done", "dead", "cancelled"].map((status) =>
        withTask({ status }),
      ),
    ],
    [
      "only by an open attempt",
      "not-submitted",
      [
        gate(
          'task.status !== "verifying" || attempt.endedAt !== null || ',
          'task.status !== "verifying" || ',
        ),
      ],
      withAttempt({ endedAt: NOW - 1, outcome: "lapsed" }),
      withAttempt({ endedAt: NOW - 1, outcome: "released" }),
    ],
    [
      "only by the latest attempt",
      "not-submitted",
      [gate(" || attempt.epoch !== task.epoch")],
      withTask({ epoch: 3 }),
      withAttempt({ epoch: 1 }),
    ],
    [
      "only on the policy it was claimed under",
      "policy-changed",
      [gate("if (attempt.policyHash !== task.policyHash || ", "if (")],
      withTask({ policyHash: "policz" }),
      withAttempt({ policyHash: "Policy" }),
    ],
    [
      "only on the proofs that were submitted",
      "proofs-changed",
      [gate(" || attempt.proofSetHash !== facts.proofSetHash")],
      { proofSetHash: "other" },
      withAttempt({ proofSetHash: null }),
    ],
    [
      "only with a proof of the requirement",
      "proof-missing",
      [
        gate(
          "if (requirement === undefined || proof === undefined) {",
          "if (proof === undefined) return null;\n  if (requirement === undefined) {",
        ),
      ],
      { proofs: [] },
      withProof({ requirement: "Built" }),
      withProof({ requirement: "buil" }),
    ],
    [
      "only with a proof of its kind",
      "proof-kind",
      [gate("proof.kind !== requirement.kind", "false")],
      withProof({ kind: "file" }),
      withProof({ kind: "human" }),
    ],
    ...["pending", "failed", "inconclusive"].map(
      (verdict): Row<DoneFacts> => [
        `only with one that passed, not ${verdict}`,
        `proof-${verdict}`,
        [gate('proof.verdict !== "passed"', "false")],
        withProof({ verdict }),
      ],
    ),
    [
      "only with every requirement proved",
      "proof-missing",
      [
        gate(
          "for (const { name } of task.requirements) {",
          "for (const { name } of task.requirements.slice(0, 1)) {",
        ),
      ],
      withTask({ requirements: TWO }),
    ],
    [
      "only on evidence of the last minute",
      "evidence-old",
      [gate("now - (proof.checkedAt ?? 0) > FRESH_EVIDENCE_MS", "false")],
      withProof({ checkedAt: NOW - FRESH_EVIDENCE_MS - 1 }),
      withProof({ checkedAt: null }),
    ],
  ];
  test.each(named(rows))("$name", async ({ row }) => {
    await tried<DoneFacts>(
      GATE,
      row,
      good,
      (gates, facts) => gates.proofBeforeDone(facts, NOW)?.code ?? null,
    );
  });
});

test("an attempt is submitted only with proofs of which none failed", async () => {
  type Facts = { readonly proofs: readonly Proof[] };
  const without = [gate('proof === undefined || proof.verdict === "failed"', "false")];
  const ask = (gates: Gates, { proofs }: Facts) => gates.maySubmit(task, proofs)?.code ?? null;
  await tried<Facts>(GATE, ["", "proof-missing", without, { proofs: [] }], { proofs: [proof] }, ask);
  await tried<Facts>(
    GATE,
    ["", "proof-failed", without, withProof({ verdict: "failed" })],
    { proofs: [proof] },
    ask,
  );
});

describe("a person approves", () => {
  const review = { name: "review", kind: "human" };
  const asked = { ...proof, id: 2, requirement: "review", kind: "human", verdict: "pending" } as Proof;
  const good: ApprovalFacts = {
    task: { ...task, requirements: [task.requirements[0]!, review] },
    attempt,
    proofs: [proof, asked],
    createdBy: "person:slack:rosa",
    approved: [],
    person: "person:slack:grace",
    accounts: ["person:slack:grace", "person:discord:7"],
    role: "operator",
  };
  const rows: readonly Row<ApprovalFacts>[] = [
    [
      "only what is submitted",
      "not-submitted",
      [gate('task.status !== "verifying" || attempt.endedAt !== null) {', "false) {")],
      { task: { ...good.task, status: "active" } },
      withAttempt({ endedAt: NOW, outcome: "failed" }),
    ],
    [
      "only the requirement that is meant",
      "requirement-unknown",
      [gate("wanted === undefined || named.length > 1", "wanted === undefined")],
      { task: { ...good.task, requirements: [review, { name: "legal", kind: "human" }] } },
    ],
    [
      "only with the role the policy asks",
      "approver-role",
      [gate(" || !roleReaches(role, needed)")],
      { role: "viewer" },
      { task: { ...good.task, requirements: [{ ...review, role: "admin" }] } },
    ],
    [
      "and is no agent, so never the claimant",
      "approver-role",
      [gate('!person.startsWith("person:") || ')],
      { person: "agent:bob", accounts: ["agent:bob"] },
      { person: "system:verify-proofs", accounts: ["system:verify-proofs"] },
    ],
    [
      "and did not create the task, by any account of theirs",
      "approver-involved",
      [gate("accounts.includes(facts.createdBy) ||", "")],
      { createdBy: "person:slack:grace" },
      { createdBy: "person:discord:7" },
    ],
    [
      "and brought none of its proofs, by any account of theirs",
      "approver-involved",
      [
        gate(
          "facts.proofs.some(({ attachedBy, kind }) => accounts.includes(attachedBy) && kind !== HUMAN)",
          "false",
        ),
      ],
      { proofs: [{ ...proof, attachedBy: "person:slack:grace" }, asked] },
      { proofs: [{ ...proof, attachedBy: "person:discord:7" }, asked] },
    ],
    [
      "only once",
      "already-approved",
      [gate("facts.approved.includes(wanted.name) || ")],
      { approved: ["review"] },
    ],
  ];
  test.each(named(rows))("$name", async ({ row }) => {
    await tried<ApprovalFacts>(GATE, row, good, (gates, facts) => {
      const answer = gates.mayApprove(facts);
      return answer.ok ? null : answer.refusal.code;
    });
  });
});

describe("proof is brought", () => {
  type Facts = Parameters<typeof Heartbeat.holderTrust>[0];
  const good: Facts = { agent: "ada", epoch: 2, attempt, task };
  const rows: readonly Row<Facts>[] = [
    [
      "only by the agent that claimed",
      "mismatch",
      [trust("facts.agent !== attempt.agent", "false")],
      { agent: "bob" },
      { agent: "Ada" },
    ],
    [
      "only under the epoch it was claimed under",
      "mismatch",
      [trust("facts.epoch !== attempt.epoch", "false")],
      { epoch: 1 },
      { epoch: 3 },
    ],
    [
      "only to an attempt that is open",
      "attempt-ended",
      // One that is over has no living lease either.
      [
        trust("attempt.endedAt !== null || attempt.epoch !== task.epoch", "attempt.epoch !== task.epoch"),
        trust("!leaseLives(attempt, now)", "attempt.leaseExpiresAt <= now"),
      ],
      withAttempt({ endedAt: NOW, outcome: "lapsed" }),
    ],
    [
      "only to the latest attempt",
      "attempt-ended",
      [trust("attempt.endedAt !== null || attempt.epoch !== task.epoch", "attempt.endedAt !== null")],
      withTask({ epoch: 3 }),
    ],
    [
      "only while the lease lives",
      "lease-lapsed",
      [trust("!leaseLives(attempt, now)", "false")],
      withAttempt({ leaseExpiresAt: NOW }),
      withAttempt({ leaseExpiresAt: NOW - 1 }),
    ],
  ];
  test.each(named(rows))("$name", async ({ row }) => {
    await tried<Facts>(TRUST, row, good, (gates, facts) => gates.holderTrust(facts, NOW)?.code ?? null);
  });
});

test("a check that is not where its rule says is found out", () => {
  expect(() => withoutChecks([gate("proof.verdict is surely not written so")])).toThrow("0 times");
  expect(() => withoutChecks([gate("proof")])).toThrow("once is expected");
});
