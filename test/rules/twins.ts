// Rules of the gate proof-before-done as the database keeps them by itself.
import { OPERATOR } from "../support/story.ts";

export const ID = "(SELECT id FROM tasks WHERE key = ?)";
export const PASS = `UPDATE proofs SET verdict = 'passed', evidence = 'by hand:' || id, checked_at = 1 WHERE task_id = ${ID}`;
/** The three statements of a completion, as somebody with a database shell would write them. */
const complete = (outcome = "done", also = "") => [
  `INSERT INTO events (task_id, version, change_id, kind, actor, at, attempt, data) SELECT id, version + 1, 'hand', 'task.completed', 'me', 1, attempts, '{}' FROM tasks WHERE key = ?`,
  `UPDATE attempts SET ended_at = started_at, outcome = '${outcome}' WHERE ended_at IS NULL AND task_id = ${ID}`,
  `UPDATE tasks SET status = 'done', completion = 'proved', version = version + 1${also} WHERE key = ?`,
];
export const COMPLETE = complete();
export const drop = (trigger: string) => `DROP TRIGGER ${trigger}`;
const approval = (person: string, hash = "proof_set_hash") =>
  `INSERT INTO approvals SELECT task_id, number, 'review', ${hash}, '${person}', 1 FROM attempts WHERE ended_at IS NULL AND task_id = ${ID}`;

/** A rule of the database: the code its trigger refuses with, and hand-written SQL that nothing else refuses. */
export interface Twin {
  readonly rule: string;
  readonly trigger: string;
  readonly code: string;
  /** Taken out of the trigger's text; without it the whole trigger is dropped. */
  readonly condition?: readonly [text: string, without: string];
  readonly task: string;
  /** What the other twins would refuse first, out of the way. */
  readonly before?: readonly string[];
  readonly bad: readonly string[];
}

const DONE = { trigger: "proof_before_done", code: "unproved" } as const;
export const proofTwins: readonly Twin[] = [
  { ...DONE, rule: "nothing is done unproved", task: "submitted", bad: COMPLETE },
  {
    ...DONE,
    rule: "with a proof that has not passed",
    condition: [" AND p.verdict = 'passed'", ""],
    task: "submitted",
    bad: COMPLETE,
  },
  {
    ...DONE,
    rule: "with a proof that another took the place of",
    condition: [" AND p.superseded = 0", ""],
    task: "submitted",
    before: [PASS],
    bad: [`UPDATE proofs SET superseded = 1 WHERE requirement = 'tested' AND task_id = ${ID}`, ...COMPLETE],
  },
  {
    ...DONE,
    rule: "with a proof of another kind",
    condition: [" AND p.kind = r.kind", ""],
    task: "submitted",
    before: [PASS, drop("proof_before_done_identity")],
    bad: [`UPDATE proofs SET kind = 'file' WHERE requirement = 'tested' AND task_id = ${ID}`, ...COMPLETE],
  },
  {
    ...DONE,
    rule: "with the proofs of an earlier attempt",
    condition: [" AND p.attempt = NEW.attempts\n", "\n"],
    task: "again",
    before: [`${PASS} AND attempt = 1`],
    bad: COMPLETE,
  },
  {
    ...DONE,
    rule: "on another policy than it was claimed under",
    condition: [" AND a.policy_hash = NEW.policy_hash", ""],
    task: "submitted",
    before: [PASS],
    bad: [...COMPLETE.slice(0, 2), complete("done", ", policy_hash = 'another'")[2] ?? ""],
  },
  {
    ...DONE,
    rule: "on proofs that nobody submitted",
    condition: [" AND a.proof_set_hash IS NOT NULL", ""],
    task: "submitted",
    before: [PASS],
    bad: [`UPDATE attempts SET proof_set_hash = NULL WHERE task_id = ${ID}`, ...COMPLETE],
  },
  {
    ...DONE,
    rule: "by an attempt that ended otherwise",
    condition: [" AND a.outcome = 'done'", ""],
    task: "submitted",
    before: [PASS],
    bad: complete("released"),
  },
  {
    ...DONE,
    rule: "under another epoch",
    condition: ["a.epoch = NEW.epoch AND ", ""],
    task: "submitted",
    before: [PASS],
    bad: complete("done", ", epoch = epoch + 1"),
  },
  {
    ...DONE,
    rule: "without any requirement",
    condition: ["OR NOT EXISTS (SELECT 1 FROM requirements r WHERE r.task_id = NEW.id)", ""],
    task: "submitted",
    before: [drop("proof_before_done_policy_fixed_delete")],
    bad: [`DELETE FROM requirements WHERE task_id = ${ID}`, ...COMPLETE],
  },
  {
    rule: "a proof starts out unverified",
    trigger: "proof_before_done_attached",
    code: "attach",
    task: "submitted",
    bad: [
      `INSERT INTO proofs (task_id, attempt, requirement, kind, uri, attached_by, attached_at, verdict, evidence, checked_at) SELECT id, attempts, 'more', 'command', 'u', 'me', 1, 'passed', 'e', 1 FROM tasks WHERE key = ?`,
    ],
  },
  {
    rule: "a proof belongs to the open attempt of an active task",
    trigger: "proof_before_done_attached",
    code: "attach",
    task: "done",
    bad: [
      `INSERT INTO proofs (task_id, attempt, requirement, kind, uri, attached_by, attached_at) SELECT id, attempts, 'more', 'command', 'u', 'me', 1 FROM tasks WHERE key = ?`,
    ],
  },
  ...[
    "uri = 'elsewhere'",
    "requirement = 'other'",
    "kind = 'file'",
    "attached_by = 'person:test:me'",
    "attached_at = 2",
  ].map(
    (set): Twin => ({
      rule: `a proof keeps what it is: ${set}`,
      trigger: "proof_before_done_identity",
      code: "identity",
      task: "done",
      bad: [`UPDATE proofs SET ${set} WHERE task_id = ${ID}`],
    }),
  ),
  {
    rule: "a proof is never deleted",
    trigger: "proof_before_done_kept",
    code: "kept",
    task: "submitted",
    bad: [`DELETE FROM proofs WHERE task_id = ${ID}`],
  },
  {
    rule: "no requirement is added after a claim",
    trigger: "proof_before_done_policy_fixed_insert",
    code: "policy-fixed",
    task: "submitted",
    bad: [
      `INSERT INTO requirements (task_id, position, name, kind, spec) SELECT id, 9, 'soft', 'command', '{"name":"soft","kind":"command"}' FROM tasks WHERE key = ?`,
    ],
  },
  {
    rule: "no requirement is changed in place",
    trigger: "proof_before_done_policy_fixed_update",
    code: "policy-fixed",
    task: "queued",
    bad: [`UPDATE requirements SET spec = json_remove(spec, '$.argv') WHERE task_id = ${ID}`],
  },
  {
    rule: "no requirement is taken away after a claim",
    trigger: "proof_before_done_policy_fixed_delete",
    code: "policy-fixed",
    task: "submitted",
    bad: [`DELETE FROM requirements WHERE task_id = ${ID}`],
  },
  {
    rule: "only a completion is announced",
    trigger: "proof_before_done_announced",
    code: "announced",
    task: "submitted",
    bad: [
      `INSERT INTO notices (kind, task_id, event_id, text, data, at) SELECT 'auto-complete', task_id, id, '🔵🔵🔵 AUTO-COMPLETE x', '{}', 1 FROM events WHERE kind = 'task.submitted' AND task_id = ${ID}`,
    ],
  },
  {
    rule: "the same evidence proves one task only",
    trigger: "proof_before_done_evidence",
    code: "evidence-reused",
    task: "submitted",
    bad: [
      `UPDATE proofs SET verdict = 'passed', checked_at = 1, evidence = (SELECT evidence FROM proofs WHERE verdict = 'passed' LIMIT 1) WHERE requirement = 'built' AND task_id = ${ID}`,
    ],
  },
  {
    rule: "the same evidence proves one task only, where a task comes with its history",
    trigger: "proof_before_done_evidence_born",
    code: "evidence-reused",
    task: "also done",
    before: [drop("proof_before_done_attached")],
    bad: [
      `INSERT INTO proofs (task_id, attempt, requirement, kind, uri, attached_by, attached_at, verdict, checked_at, evidence) SELECT t.id, t.attempts, 'more', 'command', 'u', 'me', 1, 'passed', 1, (SELECT p.evidence FROM proofs p WHERE p.verdict = 'passed' AND p.task_id <> t.id LIMIT 1) FROM tasks t WHERE key = ?`,
    ],
  },
  {
    rule: "nobody approves what they asked for",
    trigger: "proof_before_done_approval",
    code: "approval",
    condition: [
      "OR EXISTS (SELECT 1 FROM events e WHERE e.task_id = NEW.task_id AND e.version = 1",
      "OR EXISTS (SELECT 1 FROM events e WHERE e.version = -1",
    ],
    task: "reviewed",
    bad: [approval(OPERATOR.actor)],
  },
  {
    rule: "an approval is of the proofs as they were submitted",
    trigger: "proof_before_done_approval",
    code: "approval",
    condition: ["\n      AND a.proof_set_hash = NEW.proof_set_hash", ""],
    task: "reviewed",
    bad: [approval("person:test:alan", "'another set'")],
  },
  {
    rule: "an approval is of what a person is asked for",
    trigger: "proof_before_done_approval",
    code: "approval",
    task: "submitted",
    bad: [approval("person:test:alan")],
  },
  {
    rule: "an approval is never changed",
    trigger: "proof_before_done_approval_fixed",
    code: "approval-fixed",
    task: "reviewed",
    bad: [`UPDATE approvals SET person = 'person:test:mallory' WHERE task_id = ${ID}`],
  },
  {
    rule: "an approval is never taken back by hand",
    trigger: "proof_before_done_approval_kept",
    code: "approval-fixed",
    task: "reviewed",
    bad: [`DELETE FROM approvals WHERE task_id = ${ID}`],
  },
  {
    rule: "people's verdict takes as many people as the policy asks",
    trigger: "proof_before_done_people",
    code: "people",
    task: "reviewed",
    before: [drop("proof_before_done_approval_kept"), `DELETE FROM approvals WHERE task_id = ${ID}`],
    bad: [
      `UPDATE proofs SET verdict = 'passed', evidence = 'human:x', checked_at = 1 WHERE kind = 'human' AND task_id = ${ID}`,
    ],
  },
];
