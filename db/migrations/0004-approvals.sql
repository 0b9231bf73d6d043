-- Who approved what: bound to the proofs as they stood, so that a changed set has no approval.
CREATE TABLE approvals (
  task_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  requirement TEXT NOT NULL,
  proof_set_hash TEXT NOT NULL,
  person TEXT NOT NULL CHECK (person LIKE 'person:%'),
  at INTEGER NOT NULL,
  PRIMARY KEY (task_id, attempt, requirement, proof_set_hash, person),
  FOREIGN KEY (task_id, attempt) REFERENCES attempts(task_id, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER proof_before_done_approval BEFORE INSERT ON approvals
WHEN NOT EXISTS (SELECT 1 FROM tasks t JOIN attempts a ON a.task_id = t.id AND a.number = t.attempts
    JOIN requirements r ON r.task_id = t.id AND r.name = NEW.requirement AND r.kind = 'human'
    WHERE t.id = NEW.task_id AND t.status = 'verifying' AND a.number = NEW.attempt
      AND a.proof_set_hash = NEW.proof_set_hash)
  OR EXISTS (SELECT 1 FROM events e WHERE e.task_id = NEW.task_id AND e.version = 1 AND e.actor = NEW.person)
BEGIN SELECT RAISE(ABORT, 'proof-before-done: approval: people approve what stands submitted now, and never what they asked for themselves'); END;
CREATE TRIGGER proof_before_done_approval_fixed BEFORE UPDATE ON approvals
BEGIN SELECT RAISE(ABORT, 'proof-before-done: approval-fixed: an approval is never changed'); END;
CREATE TRIGGER proof_before_done_approval_kept BEFORE DELETE ON approvals
BEGIN SELECT RAISE(ABORT, 'proof-before-done: approval-fixed: an approval is never taken back by hand'); END;

-- A person's verdict needs as many people as the policy says.
CREATE TRIGGER proof_before_done_people BEFORE UPDATE OF verdict ON proofs
WHEN NEW.verdict = 'passed' AND NEW.kind = 'human' AND (
  SELECT count(DISTINCT p.person) FROM approvals p JOIN attempts a ON a.task_id = p.task_id AND a.number = p.attempt
  WHERE p.task_id = NEW.task_id AND p.attempt = NEW.attempt AND p.requirement = NEW.requirement
    AND p.proof_set_hash = a.proof_set_hash) < coalesce((SELECT r.spec ->> 'approvers' FROM requirements r
    WHERE r.task_id = NEW.task_id AND r.name = NEW.requirement), 1)
BEGIN SELECT RAISE(ABORT, 'proof-before-done: people: fewer people approved than the policy asks'); END;
