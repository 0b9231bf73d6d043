-- The timed jobs: every run on record, and one process at most for each firing.

CREATE TABLE job_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job TEXT NOT NULL CHECK (job <> ''),
  -- NULL: somebody ran it by hand.
  scheduled_at INTEGER,
  token TEXT NOT NULL UNIQUE,
  actor TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  lease_until INTEGER,
  ended_at INTEGER,
  outcome TEXT CHECK (outcome IN ('well', 'findings', 'refused', 'failed', 'skipped', 'lost')),
  findings INTEGER,
  detail TEXT,
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK ((ended_at IS NULL) = (lease_until IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX job_runs_by_firing ON job_runs (job, scheduled_at) WHERE scheduled_at IS NOT NULL;
CREATE INDEX job_runs_by_job ON job_runs (job, id);
CREATE INDEX job_runs_open ON job_runs (job) WHERE ended_at IS NULL;

-- What a channel asked for beside its kinds: lanes (a JSON array, or all), its people's time zone, and when it is quiet.
ALTER TABLE channels ADD COLUMN lanes TEXT CHECK (lanes IS NULL OR json_valid(lanes));
ALTER TABLE channels ADD COLUMN timezone TEXT;
-- `22:00-07:00`, and the spell that goes on or comes next: SQL knows no time zones.
ALTER TABLE channels ADD COLUMN quiet_hours TEXT;
ALTER TABLE channels ADD COLUMN quiet_from INTEGER;
ALTER TABLE channels ADD COLUMN quiet_until INTEGER;
-- Every mute ends.
ALTER TABLE channels ADD COLUMN muted_until INTEGER;

-- Dead letters are few and wait for a person: the roundups look for them often.
CREATE INDEX tasks_dead ON tasks (id) WHERE status = 'dead';

-- Offers on their way to agents, and how their targets keep them.
CREATE TABLE dispatches (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  lane_id INTEGER NOT NULL REFERENCES lanes(id),
  target TEXT NOT NULL,
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  -- Due at, while it is to be sent; leased until by one worker, under its token.
  due_at INTEGER,
  lease_until INTEGER,
  token TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  sent_at INTEGER,
  error TEXT,
  -- What became of the offer; NULL while it is open.
  settled TEXT CHECK (settled IN ('taken', 'lapsed', 'moot')),
  UNIQUE (task_id, attempt),
  FOREIGN KEY (task_id, attempt) REFERENCES attempts(task_id, number)
) STRICT;
CREATE INDEX dispatches_due ON dispatches (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX dispatches_open ON dispatches (id) WHERE settled IS NULL;

CREATE TABLE dispatch_targets (
  lane_id INTEGER NOT NULL REFERENCES lanes(id),
  target TEXT NOT NULL,
  -- Offers in a row that nobody took, and until when it rests.
  failures INTEGER NOT NULL DEFAULT 0,
  cool_until INTEGER,
  PRIMARY KEY (lane_id, target)
) STRICT, WITHOUT ROWID;
