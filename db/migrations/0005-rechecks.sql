-- Proofs of completed tasks that are to be looked at again: some time after done, or because their message was changed.
CREATE TABLE rechecks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  proof_id INTEGER NOT NULL REFERENCES proofs(id),
  -- How long after done, in milliseconds; 0: the message that attached it was edited or deleted.
  after_ms INTEGER NOT NULL CHECK (after_ms >= 0),
  due_at INTEGER NOT NULL,
  -- Without an answer until then it is left to the next look.
  until_at INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER,
  token TEXT,
  UNIQUE (proof_id, after_ms)
) STRICT;
CREATE INDEX rechecks_due ON rechecks (due_at);

-- How often a proof still held when it was looked at after done.
ALTER TABLE proofs ADD COLUMN rechecks INTEGER NOT NULL DEFAULT 0;
