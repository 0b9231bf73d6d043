-- The same evidence proves one task only, unless the policy's requirement says `reuse`.
CREATE INDEX proofs_by_evidence ON proofs (evidence) WHERE verdict = 'passed';

CREATE TRIGGER proof_before_done_evidence BEFORE UPDATE OF verdict, evidence ON proofs
WHEN NEW.verdict = 'passed'
  AND EXISTS (SELECT 1 FROM proofs o JOIN attempts a ON a.task_id = o.task_id AND a.number = o.attempt
    WHERE o.evidence = NEW.evidence AND o.verdict = 'passed' AND o.superseded = 0 AND o.task_id <> NEW.task_id
      AND (a.outcome IS NULL OR a.outcome = 'done'))
  AND NOT EXISTS (SELECT 1 FROM requirements r WHERE r.task_id = NEW.task_id AND r.name = NEW.requirement
    AND r.spec ->> 'reuse' = 1)
BEGIN SELECT RAISE(ABORT, 'proof-before-done: evidence-reused: the same evidence already proves another task'); END;

-- The same for a proof that comes with its task's history (decision 0010). Which of two tasks was proved first is not
-- known there: it is enough that one of them says `reuse`.
CREATE TRIGGER proof_before_done_evidence_born BEFORE INSERT ON proofs
WHEN NEW.verdict = 'passed' AND NEW.superseded = 0
  AND EXISTS (SELECT 1 FROM attempts a WHERE a.task_id = NEW.task_id AND a.number = NEW.attempt AND a.outcome = 'done')
  AND NOT EXISTS (SELECT 1 FROM requirements r WHERE r.task_id = NEW.task_id AND r.name = NEW.requirement
    AND r.spec ->> 'reuse' = 1)
  AND EXISTS (SELECT 1 FROM proofs o JOIN attempts a ON a.task_id = o.task_id AND a.number = o.attempt
    WHERE o.evidence = NEW.evidence AND o.verdict = 'passed' AND o.superseded = 0 AND o.task_id <> NEW.task_id
      AND (a.outcome IS NULL OR a.outcome = 'done')
      AND NOT EXISTS (SELECT 1 FROM requirements r WHERE r.task_id = o.task_id AND r.name = o.requirement
        AND r.spec ->> 'reuse' = 1))
BEGIN SELECT RAISE(ABORT, 'proof-before-done: evidence-reused: the same evidence already proves another task'); END;
