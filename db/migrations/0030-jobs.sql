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
