-- Routes as instruments saw them, beside what a lane requires and what sessions say of themselves.

ALTER TABLE lanes ADD COLUMN observe TEXT NOT NULL DEFAULT 'optional' CHECK (observe IN ('optional', 'required'));
-- Other names the provider gives the lane's model, spelled out one by one: a JSON array.
ALTER TABLE lanes ADD COLUMN route_aliases TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(route_aliases));

-- One row a distinct combination: a session that makes a thousand calls of one kind has one row. What was not said is ''.
CREATE TABLE route_observations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session TEXT NOT NULL CHECK (session <> ''),
  -- Whose key brought it.
  agent TEXT NOT NULL,
  -- The attempt the call was made in, where that is known.
  task_id INTEGER REFERENCES tasks(id),
  attempt INTEGER,
  source TEXT NOT NULL CHECK (source IN ('otlp-trace', 'otlp-log', 'claim', 'beat', 'trouble')),
  kind TEXT NOT NULL CHECK (kind IN ('ok', 'error')),
  provider TEXT NOT NULL DEFAULT '',
  requested_model TEXT NOT NULL DEFAULT '',
  responded_model TEXT NOT NULL DEFAULT '',
  error_type TEXT NOT NULL DEFAULT '',
  status_code INTEGER NOT NULL DEFAULT 0,
  trouble TEXT CHECK (trouble IN ('billing', 'rate_limit', 'auth', 'other')),
  message TEXT,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  seen_count INTEGER NOT NULL CHECK (seen_count >= 1),
  CHECK ((task_id IS NULL) = (attempt IS NULL)),
  -- What a session says of itself is no instrument: it never shows that a call was answered.
  CHECK (kind = 'error' OR source IN ('otlp-trace', 'otlp-log')),
  CHECK (kind = 'error' OR requested_model <> '' OR responded_model <> '')
) STRICT;
CREATE UNIQUE INDEX route_observations_distinct ON route_observations (session, kind, ifnull(task_id, 0),
  ifnull(attempt, 0), agent, source, provider, requested_model, responded_model, error_type, status_code);
CREATE INDEX route_observations_by_attempt ON route_observations (task_id, attempt, kind) WHERE task_id IS NOT NULL;
CREATE INDEX route_observations_by_agent ON route_observations (agent);

-- heartbeat-trust: where the lane demands it, an attempt is done only on calls that were seen, each on the lane's route.
CREATE TRIGGER heartbeat_trust_observed BEFORE UPDATE OF status ON tasks
WHEN NEW.status = 'done' AND (SELECT l.observe FROM lanes l WHERE l.id = NEW.lane_id) = 'required' AND (
  NOT EXISTS (SELECT 1 FROM route_observations o
    WHERE o.task_id = NEW.id AND o.attempt = NEW.attempts AND o.kind = 'ok')
  OR EXISTS (SELECT 1 FROM route_observations o
    JOIN attempts a ON a.task_id = o.task_id AND a.number = o.attempt JOIN lanes l ON l.id = NEW.lane_id
    WHERE o.task_id = NEW.id AND o.attempt = NEW.attempts AND o.kind = 'ok' AND (
      (o.provider <> '' AND o.provider <> a.provider)
      OR (o.requested_model <> '' AND o.requested_model <> a.model
        AND o.requested_model NOT IN (SELECT value FROM json_each(l.route_aliases)))
      OR (o.responded_model <> '' AND o.responded_model <> a.model
        AND o.responded_model NOT IN (SELECT value FROM json_each(l.route_aliases))))))
BEGIN SELECT RAISE(ABORT, 'heartbeat-trust: route-tainted: the lane demands that every call of the attempt was seen on its route'); END;
-- What was seen stays as it was seen: only its count and its times go on.
CREATE TRIGGER heartbeat_trust_seen BEFORE UPDATE OF session, agent, task_id, attempt, source, kind, provider,
  requested_model, responded_model, error_type, status_code ON route_observations
BEGIN SELECT RAISE(ABORT, 'heartbeat-trust: seen: an observation is never rewritten'); END;
CREATE TRIGGER heartbeat_trust_seen_kept BEFORE DELETE ON route_observations
WHEN OLD.task_id IS NOT NULL AND EXISTS (SELECT 1 FROM attempts a
  WHERE a.task_id = OLD.task_id AND a.number = OLD.attempt AND a.ended_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'heartbeat-trust: seen: what was seen of an open attempt is never deleted'); END;

-- runnable-pull: a session is one agent's for good. Two agents under one session id could not be told apart afterwards.
CREATE INDEX attempts_by_session ON attempts (session, agent_id);
CREATE TRIGGER runnable_pull_session BEFORE INSERT ON attempts WHEN NEW.ended_at IS NULL AND (
  EXISTS (SELECT 1 FROM attempts a WHERE a.session = NEW.session AND a.agent_id < NEW.agent_id)
  OR EXISTS (SELECT 1 FROM attempts a WHERE a.session = NEW.session AND a.agent_id > NEW.agent_id))
BEGIN SELECT RAISE(ABORT, 'runnable-pull: session-identity: a session keeps its agent; another agent works under a session of its own'); END;
