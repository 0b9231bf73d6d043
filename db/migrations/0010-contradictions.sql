-- Where what is said and what is part ways: one record a condition while it lasts, and what was mended.

CREATE TABLE contradictions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL CHECK (rule <> ''),
  -- Tells one condition of a rule from another.
  condition TEXT NOT NULL,
  source TEXT NOT NULL CHECK (source <> ''),
  task_id INTEGER REFERENCES tasks(id),
  detail TEXT NOT NULL,
  data TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(data)),
  state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'snoozed', 'escalated', 'healed', 'resolved')),
  revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
  opened_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  -- How many runs saw it, and how many in a row since then did not.
  count INTEGER NOT NULL DEFAULT 1 CHECK (count >= 1),
  clean_runs INTEGER NOT NULL DEFAULT 0,
  acknowledged_by TEXT,
  snoozed_until INTEGER,
  escalated_at INTEGER,
  over_at INTEGER,
  remark TEXT,
  -- People have read of it; and there is something about it that they have not read yet.
  told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)),
  to_tell INTEGER NOT NULL DEFAULT 1 CHECK (to_tell IN (0, 1)),
  -- Of the write that touched it last: by it a lost answer is found again.
  token TEXT NOT NULL,
  CHECK ((over_at IS NOT NULL) = (state IN ('healed', 'resolved'))),
  -- Every snooze ends.
  CHECK ((state = 'snoozed') = (snoozed_until IS NOT NULL)),
  CHECK (state <> 'acknowledged' OR acknowledged_by IS NOT NULL)
) STRICT;
-- Two processes that see the same at once open it once.
CREATE UNIQUE INDEX contradictions_standing ON contradictions (rule, condition) WHERE over_at IS NULL;
CREATE INDEX contradictions_over ON contradictions (over_at) WHERE over_at IS NOT NULL;
CREATE INDEX contradictions_untold ON contradictions (id) WHERE to_tell = 1;
CREATE INDEX contradictions_by_source ON contradictions (rule, source, last_seen_at);
CREATE INDEX contradictions_by_token ON contradictions (token);

-- What the watch mended by itself. A contradiction is mended once: if it comes back it is another record.
CREATE TABLE healings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  contradiction_id INTEGER NOT NULL UNIQUE REFERENCES contradictions(id),
  healing TEXT NOT NULL CHECK (healing <> ''),
  task_id INTEGER REFERENCES tasks(id),
  at INTEGER NOT NULL,
  before TEXT NOT NULL CHECK (json_valid(before)),
  after TEXT NOT NULL CHECK (json_valid(after)),
  undone_at INTEGER,
  undone_by TEXT,
  CHECK ((undone_at IS NULL) = (undone_by IS NULL))
) STRICT;

-- Messages in chat that announce a completion and are not the bot's.
CREATE TABLE chat_claims (
  message TEXT PRIMARY KEY,
  author TEXT NOT NULL,
  -- The task it names, as it was written: there may be none of that key.
  task TEXT,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_claims_by_time ON chat_claims (at);

-- What the watch looks for, each in an index of its own, so that a run reads what may be wrong and not the queue.
CREATE INDEX tasks_worn ON tasks (id) WHERE failures > 0 OR lapses > 0;
CREATE INDEX attempts_lapsed ON attempts (ended_at) WHERE outcome = 'lapsed';
CREATE INDEX events_rotted ON events (task_id, id) WHERE kind = 'proof.rotted';
CREATE INDEX events_of_no_task ON events (kind, id) WHERE task_id IS NULL;
CREATE INDEX deliveries_lost ON deliveries (channel_id) WHERE state IN ('uncertain', 'failed');
