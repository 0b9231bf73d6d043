// Rules of the gate proof-before-done itself: done, submitting, approving.
import type { ApprovalFacts, DoneFacts } from "../../src/core/gates/proof-before-done.ts";
import { FRESH_EVIDENCE_MS, type Proof } from "../../src/core/proof.ts";
import {
  attempt,
  GATE,
  gate,
  gateRulesOf,
  NOW,
  proof,
  type Row,
  task,
  withAttempt,
  withProof,
  withTask,
} from "./gate-rule.ts";

const TWO = [task.requirements[0]!, { name: "tested", kind: "command" }];

const doneRows: readonly Row<DoneFacts>[] = [
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
    [gate('task.status !== "verifying" || attempt.endedAt !== null || ', 'task.status !== "verifying" || ')],
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

const review = { name: "review", kind: "human" };
const asked = { ...proof, id: 2, requirement: "review", kind: "human", verdict: "pending" } as Proof;
const approval: ApprovalFacts = {
  task: { ...task, requirements: [task.requirements[0]!, review] },
  attempt,
  proofs: [proof, asked],
  createdBy: "person:slack:rosa",
  approved: [],
  person: "person:slack:grace",
  accounts: ["person:slack:grace", "person:discord:7"],
  role: "operator",
};

const approvalRows: readonly Row<ApprovalFacts>[] = [
  [
    "only what is submitted",
    "not-submitted",
    [gate('task.status !== "verifying" || attempt.endedAt !== null) {', "false) {")],
    { task: { ...approval.task, status: "active" } },
    withAttempt({ endedAt: NOW, outcome: "failed" }),
  ],
  [
    "only the requirement that is meant",
    "requirement-unknown",
    [gate("wanted === undefined || named.length > 1", "wanted === undefined")],
    { task: { ...approval.task, requirements: [review, { name: "legal", kind: "human" }] } },
  ],
  [
    "only with the role the policy asks",
    "approver-role",
    [gate(" || !roleReaches(role, needed)")],
    { role: "viewer" },
    { task: { ...approval.task, requirements: [{ ...review, role: "admin" }] } },
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

const NO_PROOF = [gate('proof === undefined || proof.verdict === "failed"', "false")];

export const gateRules = [
  ...gateRulesOf<DoneFacts>(
    "gate: done",
    {
      file: GATE,
      good: { task, attempt, proofs: [proof], proofSetHash: "set" },
      ask: (gates, facts) => gates.proofBeforeDone(facts, NOW),
    },
    doneRows,
  ),
  ...gateRulesOf<{ readonly proofs: readonly Proof[] }>(
    "gate: submitted",
    { file: GATE, good: { proofs: [proof] }, ask: (gates, { proofs }) => gates.maySubmit(task, proofs) },
    [
      ["only with every proof", "proof-missing", NO_PROOF, { proofs: [] }],
      ["only with proofs of which none failed", "proof-failed", NO_PROOF, withProof({ verdict: "failed" })],
    ],
  ),
  ...gateRulesOf<ApprovalFacts>(
    "gate: approved",
    {
      file: GATE,
      good: approval,
      ask: (gates, facts) => {
        const answer = gates.mayApprove(facts);
        return answer.ok ? null : answer.refusal;
      },
    },
    approvalRows,
  ),
];
