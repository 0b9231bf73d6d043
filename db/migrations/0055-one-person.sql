-- Accounts of one person on several platforms. `person` is the account that began it, itself among them.
CREATE TABLE linked_accounts (
  account TEXT NOT NULL PRIMARY KEY CHECK (account LIKE 'person:%'),
  person TEXT NOT NULL CHECK (person LIKE 'person:%'),
  linked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX linked_accounts_person ON linked_accounts (person);

-- What joins another account to this one: once, for a few minutes, and only as a hash.
CREATE TABLE link_codes (
  account TEXT NOT NULL PRIMARY KEY CHECK (account LIKE 'person:%'),
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whoever has several accounts is one person: may approve none of what one of them asked for, nor twice.
DROP TRIGGER proof_before_done_approval;
CREATE TRIGGER proof_before_done_approval BEFORE INSERT ON approvals
WHEN NOT EXISTS (SELECT 1 FROM tasks t JOIN attempts a ON a.task_id = t.id AND a.number = t.attempts
    JOIN requirements r ON r.task_id = t.id AND r.name = NEW.requirement AND r.kind = 'human'
    WHERE t.id = NEW.task_id AND t.status = 'verifying' AND a.number = NEW.attempt
      AND a.proof_set_hash = NEW.proof_set_hash)
  OR EXISTS (SELECT 1 FROM events e WHERE e.task_id = NEW.task_id AND e.version = 1
    AND coalesce((SELECT l.person FROM linked_accounts l WHERE l.account = e.actor), e.actor)
      = coalesce((SELECT l.person FROM linked_accounts l WHERE l.account = NEW.person), NEW.person))
BEGIN SELECT RAISE(ABORT, 'proof-before-done: approval: people approve what stands submitted now, and never what they asked for themselves'); END;

DROP TRIGGER proof_before_done_people;
CREATE TRIGGER proof_before_done_people BEFORE UPDATE OF verdict ON proofs
WHEN NEW.verdict = 'passed' AND NEW.kind = 'human' AND (
  SELECT count(DISTINCT coalesce(l.person, p.person)) FROM approvals p
  JOIN attempts a ON a.task_id = p.task_id AND a.number = p.attempt
  LEFT JOIN linked_accounts l ON l.account = p.person
  WHERE p.task_id = NEW.task_id AND p.attempt = NEW.attempt AND p.requirement = NEW.requirement
    AND p.proof_set_hash = a.proof_set_hash) < coalesce((SELECT r.spec ->> 'approvers' FROM requirements r
    WHERE r.task_id = NEW.task_id AND r.name = NEW.requirement), 1)
BEGIN SELECT RAISE(ABORT, 'proof-before-done: people: fewer people approved than the policy asks'); END;
