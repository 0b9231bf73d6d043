-- The queue: lanes, epics, agents, tasks, attempts, proofs, events, notices.
-- Times are milliseconds since 1970 UTC. Text a person wrote stands in side tables, so that the claim reads narrow rows.

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE lanes (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 40),
  provider TEXT NOT NULL CHECK (provider <> ''),
  model TEXT NOT NULL CHECK (model <> ''),
  capacity INTEGER NOT NULL CHECK (capacity >= 0),
  lease_ms INTEGER NOT NULL CHECK (lease_ms >= 1000),
  heartbeat_ms INTEGER NOT NULL CHECK (heartbeat_ms >= 1 AND heartbeat_ms <= lease_ms),
  dispatch TEXT NOT NULL DEFAULT '{"kind":"pull"}' CHECK (json_valid(dispatch)),
  paused_at INTEGER,
  paused_reason TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK ((paused_at IS NULL) = (paused_reason IS NULL))
) STRICT;

CREATE TABLE epics (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE CHECK (key GLOB '[A-Z]*' AND key NOT GLOB '*[^A-Z0-9]*' AND length(key) <= 24),
  title TEXT NOT NULL,
  goal TEXT NOT NULL DEFAULT '',
  last_number INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;
INSERT INTO epics (key, title, created_at) VALUES ('GATE', 'Tasks that name no epic', 0);

CREATE TABLE agents (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 60),
  role TEXT NOT NULL CHECK (role IN ('agent', 'operator')),
  key_hash TEXT NOT NULL UNIQUE CHECK (length(key_hash) = 64),
  paused_at INTEGER,
  revoked_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE agent_lanes (
  agent_id INTEGER NOT NULL REFERENCES agents(id),
  lane_id INTEGER NOT NULL REFERENCES lanes(id),
  PRIMARY KEY (agent_id, lane_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  epic_id INTEGER NOT NULL REFERENCES epics(id),
  lane_id INTEGER REFERENCES lanes(id),
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 4),
  status TEXT NOT NULL CHECK (status IN
    ('draft', 'queued', 'offered', 'active', 'verifying', 'blocked', 'done', 'dead', 'cancelled')),
  version INTEGER NOT NULL CHECK (version >= 1),
  epoch INTEGER NOT NULL DEFAULT 0 CHECK (epoch >= 0),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  failures INTEGER NOT NULL DEFAULT 0,
  lapses INTEGER NOT NULL DEFAULT 0,
  max_attempts INTEGER NOT NULL DEFAULT 3 CHECK (max_attempts >= 1),
  max_lapses INTEGER NOT NULL DEFAULT 10 CHECK (max_lapses >= 1),
  not_before INTEGER,
  -- Derived, kept by the triggers below and by promotion: since when the task may be pulled; NULL while it waits.
  ready_at INTEGER,
  open_dependencies INTEGER NOT NULL DEFAULT 0 CHECK (open_dependencies >= 0),
  policy_hash TEXT NOT NULL DEFAULT '',
  completion TEXT CHECK (completion IN ('proved', 'attested')),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK ((status = 'done') = (completion IS NOT NULL)),
  CHECK (ready_at IS NULL OR (status = 'queued' AND open_dependencies = 0)),
  CHECK (lane_id IS NOT NULL OR status IN ('draft', 'blocked', 'done', 'cancelled'))
) STRICT;

CREATE TABLE task_texts (
  task_id INTEGER PRIMARY KEY REFERENCES tasks(id),
  title TEXT NOT NULL CHECK (title <> ''),
  body TEXT NOT NULL DEFAULT '',
  acceptance TEXT NOT NULL DEFAULT '',
  -- What queue-validate looks at again: never less than src/core/task-fields.ts refuses. The characters are those that
  -- JavaScript trims, and those of src/core/text.ts.
  acceptance_blank INTEGER GENERATED ALWAYS AS (trim(acceptance, char(9, 10, 11, 12, 13, 32, 160, 5760, 8192, 8193, 8194,
    8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8232, 8233, 8239, 8287, 12288, 65279)) = '') VIRTUAL,
  title_unfit INTEGER GENERATED ALWAYS AS (trim(title, char(9, 10, 11, 12, 13, 32, 160, 5760, 8192, 8193, 8194, 8195, 8196,
    8197, 8198, 8199, 8200, 8201, 8202, 8232, 8233, 8239, 8287, 12288, 65279)) = '' OR length(CAST(title AS BLOB)) > 300
    OR instr(title, char(0)) > 0 OR title GLOB '*[' || char(1) || '-' || char(31, 127) || '-' || char(159, 8206, 8207, 8232,
    8233, 8234) || '-' || char(8238, 8294) || '-' || char(8297, 65279) || ']*') VIRTUAL
) STRICT;
CREATE INDEX task_texts_unfit ON task_texts (task_id) WHERE acceptance_blank OR title_unfit;

-- Deferred, as in attempts and events: an imported task's history is laid down first, and its birth checks it.
CREATE TABLE requirements (
  task_id INTEGER NOT NULL REFERENCES tasks(id) DEFERRABLE INITIALLY DEFERRED,
  position INTEGER NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  kind TEXT NOT NULL CHECK (kind <> ''),
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  PRIMARY KEY (task_id, position),
  UNIQUE (task_id, name),
  -- The columns say what the requirement says: what is compared in SQL is what the gate reads.
  CHECK (json_extract(spec, '$.name') IS name AND json_extract(spec, '$.kind') IS kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE dependencies (
  task_id INTEGER NOT NULL REFERENCES tasks(id),
  depends_on INTEGER NOT NULL REFERENCES tasks(id),
  PRIMARY KEY (task_id, depends_on),
  CHECK (task_id <> depends_on)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependencies_by_target ON dependencies (depends_on, task_id);

-- Relations an import brought that order nothing, and dependencies whose target is not here: kept, never dropped.
CREATE TABLE links (
  task_id INTEGER NOT NULL REFERENCES tasks(id),
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (task_id, kind, target)
) STRICT, WITHOUT ROWID;

-- Where an imported task came from, so that a second import changes nothing, and so that its old id still finds it.
CREATE TABLE origins (
  source TEXT NOT NULL,
  external_id TEXT NOT NULL,
  task_id INTEGER NOT NULL REFERENCES tasks(id),
  labels TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(labels)),
  PRIMARY KEY (external_id, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX origins_by_task ON origins (task_id);

CREATE TABLE blocks (
  task_id INTEGER PRIMARY KEY REFERENCES tasks(id),
  kind TEXT NOT NULL CHECK (kind <> ''),
  reason TEXT NOT NULL CHECK (reason <> ''),
  owner TEXT NOT NULL CHECK (owner <> ''),
  question TEXT NOT NULL CHECK (question <> ''),
  choices TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(choices)),
  since INTEGER NOT NULL
) STRICT;

CREATE TABLE attempts (
  task_id INTEGER NOT NULL REFERENCES tasks(id) DEFERRABLE INITIALLY DEFERRED,
  number INTEGER NOT NULL CHECK (number >= 1),
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  token TEXT NOT NULL,
  agent_id INTEGER NOT NULL REFERENCES agents(id),
  lane_id INTEGER NOT NULL REFERENCES lanes(id),
  session TEXT NOT NULL CHECK (session <> ''),
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  lease_ms INTEGER NOT NULL,
  lease_expires_at INTEGER NOT NULL,
  last_heartbeat_at INTEGER NOT NULL,
  beats INTEGER NOT NULL DEFAULT 0,
  note TEXT,
  policy_hash TEXT NOT NULL,
  proof_set_hash TEXT,
  ended_at INTEGER,
  outcome TEXT CHECK (outcome IN
    ('done', 'released', 'lapsed', 'blocked', 'cancelled', 'failed', 'offer-lapsed')),
  reason TEXT,
  PRIMARY KEY (task_id, number),
  CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX attempts_open_by_task ON attempts (task_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX attempts_open_by_session ON attempts (session) WHERE ended_at IS NULL;
-- Living leases are counted at every claim. With ended_at in it the index alone tells; without, each one costs a look at its
-- row, on pages that a deep queue has scattered.
CREATE INDEX attempts_open_by_lease ON attempts (lane_id, lease_expires_at, ended_at) WHERE ended_at IS NULL;

CREATE TABLE proofs (
  id INTEGER PRIMARY KEY,
  task_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  requirement TEXT NOT NULL,
  kind TEXT NOT NULL,
  uri TEXT NOT NULL,
  attached_by TEXT NOT NULL,
  attached_at INTEGER NOT NULL,
  superseded INTEGER NOT NULL DEFAULT 0 CHECK (superseded IN (0, 1)),
  verdict TEXT NOT NULL DEFAULT 'pending' CHECK (verdict IN ('pending', 'passed', 'failed', 'inconclusive')),
  reason TEXT,
  evidence TEXT,
  seen TEXT CHECK (seen IS NULL OR json_valid(seen)),
  checked_at INTEGER,
  checks INTEGER NOT NULL DEFAULT 0,
  -- The durable work of verifying: due at, and leased until by one worker.
  verify_at INTEGER,
  verify_lease_until INTEGER,
  verify_token TEXT,
  reply_to TEXT,
  FOREIGN KEY (task_id, attempt) REFERENCES attempts(task_id, number),
  CHECK (verdict <> 'passed' OR (evidence IS NOT NULL AND checked_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX proofs_current ON proofs (task_id, attempt, requirement) WHERE superseded = 0;
CREATE INDEX proofs_due ON proofs (verify_at) WHERE verify_at IS NOT NULL;
-- Proofs that came from a chat message are few, and answered where they came from.
CREATE INDEX proofs_replied ON proofs (task_id) WHERE reply_to IS NOT NULL;
CREATE INDEX proofs_replied_waiting ON proofs (id) WHERE reply_to IS NOT NULL AND verify_at IS NOT NULL;

CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id INTEGER REFERENCES tasks(id) DEFERRABLE INITIALLY DEFERRED,
  version INTEGER,
  change_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  attempt INTEGER,
  data TEXT NOT NULL CHECK (json_valid(data)),
  request_id TEXT,
  -- It happened in another queue and came with its task's history: it is on record here, and told nobody again.
  imported INTEGER NOT NULL DEFAULT 0 CHECK (imported IN (0, 1)),
  CHECK ((task_id IS NULL) = (version IS NULL))
) STRICT;
CREATE UNIQUE INDEX events_by_version ON events (task_id, version) WHERE task_id IS NOT NULL;
CREATE UNIQUE INDEX events_by_request ON events (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX events_completed ON events (task_id, attempt) WHERE kind = 'task.completed';

CREATE TABLE notices (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN
    ('auto-complete', 'contradiction', 'heartbeat', 'digest', 'task-card', 'proof-status', 'correction')),
  task_id INTEGER REFERENCES tasks(id),
  event_id INTEGER REFERENCES events(id),
  -- One live notice a subject: a card or a live message is edited in place, told by its revision.
  subject TEXT,
  revision INTEGER NOT NULL DEFAULT 1,
  text TEXT NOT NULL,
  data TEXT NOT NULL CHECK (json_valid(data)),
  at INTEGER NOT NULL,
  CHECK ((kind = 'auto-complete') = (text GLOB '🔵🔵🔵 AUTO-COMPLETE*'))
) STRICT;
CREATE UNIQUE INDEX notices_by_subject ON notices (subject) WHERE subject IS NOT NULL;
CREATE UNIQUE INDEX notices_by_completion ON notices (task_id, event_id) WHERE kind = 'auto-complete';
CREATE INDEX notices_by_task ON notices (task_id, id) WHERE task_id IS NOT NULL;

-- Where notices go. A channel takes the kinds in `kinds` (a JSON array), or all where it is NULL.
CREATE TABLE channels (
  id INTEGER PRIMARY KEY,
  platform TEXT NOT NULL,
  name TEXT NOT NULL,
  kinds TEXT CHECK (kinds IS NULL OR json_valid(kinds)),
  UNIQUE (platform, name)
) STRICT;
INSERT INTO channels (platform, name) VALUES ('local', 'gatehouse');

CREATE TABLE deliveries (
  notice_id INTEGER NOT NULL REFERENCES notices(id),
  channel_id INTEGER NOT NULL REFERENCES channels(id),
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'uncertain', 'failed')),
  revision INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER,
  lease_until INTEGER,
  anchor TEXT,
  error TEXT,
  PRIMARY KEY (notice_id, channel_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_by_anchor ON deliveries (channel_id, anchor) WHERE anchor IS NOT NULL;

CREATE TABLE local_messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL,
  thread_id INTEGER REFERENCES local_messages(id),
  author TEXT NOT NULL,
  kind TEXT NOT NULL,
  notice_id INTEGER,
  task TEXT,
  text TEXT NOT NULL,
  data TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(data)),
  reaction TEXT,
  at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  -- Rises with every change of any message: a reader that comes back asks for what is above its last one.
  change_no INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX local_messages_by_notice ON local_messages (channel, notice_id) WHERE notice_id IS NOT NULL;
CREATE UNIQUE INDEX local_messages_by_change ON local_messages (change_no);
CREATE INDEX local_messages_by_thread ON local_messages (thread_id, id) WHERE thread_id IS NOT NULL;
CREATE INDEX local_messages_by_channel ON local_messages (channel, id) WHERE thread_id IS NULL;

CREATE TABLE briefs (
  revision INTEGER PRIMARY KEY,
  generated_at INTEGER NOT NULL,
  generated_by TEXT NOT NULL,
  event_id INTEGER NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  content TEXT NOT NULL CHECK (json_valid(content)),
  -- Codes of the findings that kept a newer one from being made.
  stale_because TEXT CHECK (stale_because IS NULL OR json_valid(stale_because))
) STRICT;

CREATE TABLE idempotency (
  agent_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  -- Who acts on it, and until when a silent run is not yet taken for dead.
  token TEXT NOT NULL,
  lease_until INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 1,
  status INTEGER,
  body TEXT,
  PRIMARY KEY (agent_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (started_at);

-- What the gates refused, kept as evidence.
CREATE TABLE refusals (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  gate TEXT NOT NULL,
  code TEXT NOT NULL,
  actor TEXT NOT NULL,
  task_id INTEGER,
  data TEXT NOT NULL CHECK (json_valid(data)),
  token TEXT
) STRICT;
CREATE UNIQUE INDEX refusals_by_token ON refusals (token) WHERE token IS NOT NULL;

-- The claim reads this index alone, in its own order.
CREATE INDEX tasks_runnable ON tasks (lane_id, priority, ready_at, id) WHERE ready_at IS NOT NULL;
CREATE INDEX tasks_waiting ON tasks (not_before) WHERE status = 'queued' AND ready_at IS NULL AND not_before IS NOT NULL;
CREATE INDEX tasks_by_lane ON tasks (lane_id, status) WHERE status <> 'done';
CREATE INDEX tasks_by_epic ON tasks (epic_id);
