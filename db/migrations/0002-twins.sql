-- The gates' twins: what the code refuses, hand-written SQL cannot do either.
-- Each abort's text is `gate: code: sentence`, which the store turns back into a refusal.

-- A trigger on every change is compiled with every statement and run for every row: one gate's conditions stand in one CASE.
-- A list of three or more after IN would be built anew as a table for every row, so longer ones are written out.

-- queue-truth: every change raises the version by exactly one, and its event stands before the row changes.
CREATE TRIGGER queue_truth_version BEFORE UPDATE OF
  id, key, epic_id, lane_id, priority, status, version, epoch, attempts, failures, lapses, max_attempts, max_lapses,
  not_before, policy_hash, completion ON tasks
BEGIN
  SELECT (CASE
    WHEN NEW.id <> OLD.id OR NEW.key <> OLD.key
    THEN RAISE(ABORT, 'queue-truth: identity: a task keeps its key')
    WHEN NEW.version <> OLD.version + 1
      OR NOT EXISTS (SELECT 1 FROM events e WHERE e.task_id = NEW.id AND e.version = NEW.version)
    THEN RAISE(ABORT, 'queue-truth: version: a change raises the version by one and writes its event first')
  END);
END;

CREATE TRIGGER queue_truth_delete BEFORE DELETE ON tasks
BEGIN SELECT RAISE(ABORT, 'queue-truth: delete: tasks are cancelled, never deleted'); END;

-- A task that brings a history brings all of it, laid down before it in the same transaction (decision 0010): an event
-- for each version, each attempt ended, and where it claims to be proved, what proof_before_done asks.
CREATE TRIGGER queue_truth_born AFTER INSERT ON tasks
WHEN NEW.status IN ('offered', 'active', 'verifying') OR (
  (NEW.version > 1 OR NEW.attempts > 0 OR NEW.completion = 'proved') AND (
    (SELECT count(*) FROM events e WHERE e.task_id = NEW.id AND e.version BETWEEN 1 AND NEW.version) <> NEW.version
    OR (SELECT count(*) FROM attempts a WHERE a.task_id = NEW.id) <> NEW.attempts
    OR EXISTS (SELECT 1 FROM attempts a WHERE a.task_id = NEW.id AND (
      a.ended_at IS NULL OR a.number > NEW.attempts OR a.epoch > NEW.epoch))
    OR (NEW.completion = 'proved' AND (
      NOT EXISTS (SELECT 1 FROM requirements r WHERE r.task_id = NEW.id)
      OR NOT EXISTS (SELECT 1 FROM events e WHERE e.task_id = NEW.id AND e.kind = 'task.completed')
      OR NOT EXISTS (SELECT 1 FROM attempts a WHERE a.task_id = NEW.id AND a.number = NEW.attempts
        AND a.epoch = NEW.epoch AND a.policy_hash = NEW.policy_hash AND a.proof_set_hash IS NOT NULL AND a.outcome = 'done')
      OR EXISTS (SELECT 1 FROM requirements r WHERE r.task_id = NEW.id AND NOT EXISTS (
        SELECT 1 FROM proofs p WHERE p.task_id = NEW.id AND p.attempt = NEW.attempts
          AND p.requirement = r.name AND p.kind = r.kind AND p.superseded = 0 AND p.verdict = 'passed'))))))
BEGIN
  SELECT RAISE(ABORT, 'queue-truth: born: a task enters as draft, queued, blocked, dead, cancelled or attested, or with the whole history that proves it');
END;

-- The edges of the state machine, the daily ones first, and what a status must have beside it. The edges are kept equal to
-- src/core/task.ts by a test.
CREATE TRIGGER queue_truth_status BEFORE UPDATE OF status ON tasks WHEN NEW.status <> OLD.status
BEGIN
  SELECT (CASE
    WHEN CASE OLD.status || '>' || NEW.status
      WHEN 'queued>active' THEN 0 WHEN 'active>verifying' THEN 0 WHEN 'verifying>done' THEN 0
      WHEN 'draft>queued' THEN 0 WHEN 'draft>cancelled' THEN 0
      WHEN 'queued>draft' THEN 0 WHEN 'queued>offered' THEN 0 WHEN 'queued>blocked' THEN 0 WHEN 'queued>cancelled' THEN 0
      WHEN 'offered>active' THEN 0 WHEN 'offered>queued' THEN 0 WHEN 'offered>cancelled' THEN 0
      WHEN 'active>queued' THEN 0 WHEN 'active>blocked' THEN 0 WHEN 'active>dead' THEN 0 WHEN 'active>cancelled' THEN 0
      WHEN 'verifying>active' THEN 0 WHEN 'verifying>queued' THEN 0 WHEN 'verifying>dead' THEN 0
      WHEN 'verifying>cancelled' THEN 0
      WHEN 'blocked>queued' THEN 0 WHEN 'blocked>cancelled' THEN 0
      WHEN 'dead>queued' THEN 0 WHEN 'dead>cancelled' THEN 0
      WHEN 'done>queued' THEN 0
      ELSE 1 END
    THEN RAISE(ABORT, 'queue-truth: transition: the state machine has no such edge')
    WHEN (NEW.status = 'offered' OR NEW.status = 'active' OR NEW.status = 'verifying') <>
      EXISTS (SELECT 1 FROM attempts a WHERE a.task_id = NEW.id AND a.ended_at IS NULL)
    THEN RAISE(ABORT, 'queue-truth: open-attempt: offered, active and verifying have exactly one open attempt, others none')
    WHEN (NEW.status = 'blocked') <> EXISTS (SELECT 1 FROM blocks b WHERE b.task_id = NEW.id)
    THEN RAISE(ABORT, 'queue-truth: block: blocked has a kind, a reason, an owner and a question; others have none')
  END);
END;

CREATE TRIGGER queue_truth_attempt_kept BEFORE DELETE ON attempts
BEGIN SELECT RAISE(ABORT, 'queue-truth: attempt: attempts are never deleted'); END;
CREATE TRIGGER queue_truth_events_fixed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'queue-truth: events: the event log is append-only'); END;
CREATE TRIGGER queue_truth_events_kept BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'queue-truth: events: the event log is append-only'); END;

CREATE TRIGGER queue_truth_cycle BEFORE INSERT ON dependencies
WHEN NEW.depends_on = NEW.task_id OR NEW.depends_on IN (
  WITH RECURSIVE after(id) AS (
    SELECT d.task_id FROM dependencies d WHERE d.depends_on = NEW.task_id
    UNION SELECT d.task_id FROM dependencies d JOIN after ON d.depends_on = after.id
  ) SELECT id FROM after)
BEGIN SELECT RAISE(ABORT, 'queue-truth: dependency-cycle: a task cannot wait for itself, directly or through others'); END;

-- Derived columns: how many dependencies are open, and since when the task is ready.
CREATE TRIGGER derive_dependency_added AFTER INSERT ON dependencies
WHEN (SELECT status FROM tasks WHERE id = NEW.depends_on) <> 'done'
BEGIN
  UPDATE tasks SET open_dependencies = open_dependencies + 1, ready_at = NULL WHERE id = NEW.task_id;
END;
CREATE TRIGGER derive_dependency_removed AFTER DELETE ON dependencies
WHEN (SELECT status FROM tasks WHERE id = OLD.depends_on) <> 'done'
BEGIN
  UPDATE tasks SET open_dependencies = open_dependencies - 1,
    ready_at = CASE WHEN status = 'queued' AND open_dependencies = 1 AND not_before IS NULL THEN updated_at END
  WHERE id = OLD.task_id;
END;
CREATE TRIGGER derive_dependents AFTER UPDATE OF status ON tasks WHEN (NEW.status = 'done') <> (OLD.status = 'done')
BEGIN
  UPDATE tasks SET open_dependencies = open_dependencies + iif(NEW.status = 'done', -1, 1),
    ready_at = CASE WHEN NEW.status = 'done' AND status = 'queued' AND open_dependencies = 1 AND
      (not_before IS NULL OR not_before <= NEW.updated_at) THEN NEW.updated_at END
  WHERE id IN (SELECT task_id FROM dependencies WHERE depends_on = NEW.id);
END;

-- runnable-pull: what may be queued, and what may be pulled.
CREATE TRIGGER runnable_pull_fields BEFORE UPDATE OF status ON tasks
WHEN (NEW.status = 'queued' OR NEW.status = 'offered' OR NEW.status = 'active')
  AND NOT (OLD.status = 'queued' OR OLD.status = 'offered' OR OLD.status = 'active') AND (
  NOT EXISTS (SELECT 1 FROM task_texts x WHERE x.task_id = NEW.id AND trim(x.acceptance) <> '')
  OR NOT EXISTS (SELECT 1 FROM requirements r WHERE r.task_id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'runnable-pull: fields: a queued task has a lane, an acceptance and a policy with a requirement'); END;

-- An attempt that ended elsewhere may stand before its task is born; the birth checks it.
CREATE TRIGGER runnable_pull BEFORE INSERT ON attempts
WHEN NOT (NEW.ended_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = NEW.task_id)) AND NOT EXISTS (
  SELECT 1 FROM tasks t JOIN lanes l ON l.id = t.lane_id JOIN agents g ON g.id = NEW.agent_id
  WHERE t.id = NEW.task_id AND t.status = 'queued' AND t.ready_at IS NOT NULL
    AND (t.not_before IS NULL OR t.not_before <= NEW.started_at)
    AND NEW.epoch = t.epoch + 1 AND NEW.number = t.attempts + 1 AND NEW.policy_hash = t.policy_hash
    AND NEW.lane_id = l.id AND NEW.provider = l.provider AND NEW.model = l.model AND l.paused_at IS NULL
    AND g.paused_at IS NULL AND g.revoked_at IS NULL
    AND EXISTS (SELECT 1 FROM agent_lanes al WHERE al.agent_id = g.id AND al.lane_id = l.id)
    AND NOT EXISTS (SELECT 1 FROM dependencies d JOIN tasks o ON o.id = d.depends_on
      WHERE d.task_id = t.id AND o.status <> 'done')
    AND (SELECT count(*) FROM attempts a
      WHERE a.lane_id = l.id AND a.ended_at IS NULL AND a.lease_expires_at > NEW.started_at) < l.capacity)
BEGIN SELECT RAISE(ABORT, 'runnable-pull: not-runnable: the task may not be pulled by this lane now'); END;

-- heartbeat-trust: who holds an attempt never changes, and a lapsed lease is never renewed.
CREATE TRIGGER heartbeat_trust_identity BEFORE UPDATE OF
  task_id, number, epoch, token, agent_id, lane_id, session, provider, model, started_at, policy_hash ON attempts
BEGIN SELECT RAISE(ABORT, 'heartbeat-trust: identity: an attempt keeps its task, lane, session, epoch and route'); END;
CREATE TRIGGER heartbeat_trust_renewal BEFORE UPDATE OF lease_expires_at, last_heartbeat_at ON attempts
WHEN OLD.ended_at IS NOT NULL OR NEW.last_heartbeat_at >= OLD.lease_expires_at OR NEW.last_heartbeat_at < OLD.last_heartbeat_at
  OR NEW.lease_expires_at > NEW.last_heartbeat_at + NEW.lease_ms
BEGIN SELECT RAISE(ABORT, 'heartbeat-trust: lapsed: a lapsed or ended lease is never renewed'); END;
CREATE TRIGGER heartbeat_trust_ended BEFORE UPDATE ON attempts WHEN OLD.ended_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'heartbeat-trust: ended: an ended attempt is never changed'); END;

-- proof-before-done.
CREATE TRIGGER proof_before_done BEFORE UPDATE OF status ON tasks
WHEN NEW.status = 'done' AND (
  OLD.status <> 'verifying' OR NEW.completion <> 'proved'
  OR NOT EXISTS (SELECT 1 FROM requirements r WHERE r.task_id = NEW.id)
  OR NOT EXISTS (SELECT 1 FROM attempts a WHERE a.task_id = NEW.id AND a.number = NEW.attempts
    AND a.epoch = NEW.epoch AND a.policy_hash = NEW.policy_hash AND a.proof_set_hash IS NOT NULL AND a.outcome = 'done')
  OR EXISTS (SELECT 1 FROM requirements r WHERE r.task_id = NEW.id AND NOT EXISTS (
    SELECT 1 FROM proofs p WHERE p.task_id = NEW.id AND p.attempt = NEW.attempts
      AND p.requirement = r.name AND p.kind = r.kind AND p.superseded = 0 AND p.verdict = 'passed')))
BEGIN SELECT RAISE(ABORT, 'proof-before-done: unproved: every requirement of the policy needs a passed proof of this attempt'); END;

CREATE TRIGGER proof_before_done_attached BEFORE INSERT ON proofs
WHEN (NEW.verdict <> 'pending' OR NOT EXISTS (SELECT 1 FROM attempts a JOIN tasks t ON t.id = a.task_id
    WHERE a.task_id = NEW.task_id AND a.number = NEW.attempt AND a.ended_at IS NULL AND t.status = 'active'))
  AND NOT (NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = NEW.task_id) AND EXISTS (SELECT 1 FROM attempts a
    WHERE a.task_id = NEW.task_id AND a.number = NEW.attempt AND a.ended_at IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'proof-before-done: attach: a proof belongs to the open attempt of an active task and starts unverified'); END;
CREATE TRIGGER proof_before_done_identity BEFORE UPDATE OF task_id, attempt, requirement, kind, uri, attached_by, attached_at ON proofs
BEGIN SELECT RAISE(ABORT, 'proof-before-done: identity: a proof keeps its link, requirement and attempt'); END;
CREATE TRIGGER proof_before_done_kept BEFORE DELETE ON proofs
BEGIN SELECT RAISE(ABORT, 'proof-before-done: kept: proofs are superseded, never deleted'); END;

CREATE TRIGGER proof_before_done_policy_fixed_insert BEFORE INSERT ON requirements
WHEN (SELECT status FROM tasks WHERE id = NEW.task_id) NOT IN ('draft', 'queued', 'blocked')
BEGIN SELECT RAISE(ABORT, 'proof-before-done: policy-fixed: the policy is fixed once a task is claimed'); END;
CREATE TRIGGER proof_before_done_policy_fixed_update BEFORE UPDATE ON requirements
BEGIN SELECT RAISE(ABORT, 'proof-before-done: policy-fixed: a requirement is replaced, never changed in place'); END;
CREATE TRIGGER proof_before_done_policy_fixed_delete BEFORE DELETE ON requirements
WHEN (SELECT status FROM tasks WHERE id = OLD.task_id) NOT IN ('draft', 'queued', 'blocked')
BEGIN SELECT RAISE(ABORT, 'proof-before-done: policy-fixed: the policy is fixed once a task is claimed'); END;

-- An announcement is made by a completion's event and by nothing else.
CREATE TRIGGER proof_before_done_announced BEFORE INSERT ON notices
WHEN NEW.kind = 'auto-complete' AND NOT EXISTS (
  SELECT 1 FROM events e WHERE e.id = NEW.event_id AND e.task_id = NEW.task_id AND e.kind = 'task.completed')
BEGIN SELECT RAISE(ABORT, 'proof-before-done: announced: AUTO-COMPLETE needs a task.completed event'); END;
