-- Who worked under which session, and on which route: written with a session's first attempt there, and never again. An
-- index of all attempts by session held the same, but each claim wrote a page of its own there.
CREATE TABLE sessions (
  name TEXT NOT NULL,
  agent_id INTEGER NOT NULL REFERENCES agents(id),
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  PRIMARY KEY (name, agent_id, provider, model)
) STRICT, WITHOUT ROWID;
INSERT INTO sessions (name, agent_id, provider, model) SELECT DISTINCT session, agent_id, provider, model FROM attempts;
CREATE TRIGGER derive_session AFTER INSERT ON attempts
BEGIN
  INSERT OR IGNORE INTO sessions (name, agent_id, provider, model)
  VALUES (NEW.session, NEW.agent_id, NEW.provider, NEW.model);
END;
CREATE TRIGGER runnable_pull_session_fixed BEFORE UPDATE ON sessions
BEGIN SELECT RAISE(ABORT, 'runnable-pull: session-identity: a session keeps its agent and what it worked on'); END;
CREATE TRIGGER runnable_pull_session_kept BEFORE DELETE ON sessions
BEGIN SELECT RAISE(ABORT, 'runnable-pull: session-identity: a session keeps its agent and what it worked on'); END;

-- runnable-pull: a session is one agent's for good. Two agents under one session id could not be told apart afterwards.
DROP TRIGGER runnable_pull_session;
CREATE TRIGGER runnable_pull_session BEFORE INSERT ON attempts
WHEN NEW.ended_at IS NULL AND EXISTS (SELECT 1 FROM sessions s WHERE s.name = NEW.session AND s.agent_id <> NEW.agent_id)
BEGIN SELECT RAISE(ABORT, 'runnable-pull: session-identity: a session keeps its agent; another agent works under a session of its own'); END;
DROP INDEX attempts_by_session;

-- As it was, but a task nothing waits for makes no list of what does.
DROP TRIGGER derive_dependents;
CREATE TRIGGER derive_dependents AFTER UPDATE OF status ON tasks
WHEN (NEW.status = 'done') <> (OLD.status = 'done') AND EXISTS (SELECT 1 FROM dependencies d WHERE d.depends_on = NEW.id)
BEGIN
  UPDATE tasks SET open_dependencies = open_dependencies + iif(NEW.status = 'done', -1, 1),
    ready_at = CASE WHEN NEW.status = 'done' AND status = 'queued' AND open_dependencies = 1 AND
      (not_before IS NULL OR not_before <= NEW.updated_at) THEN NEW.updated_at END
  WHERE id IN (SELECT task_id FROM dependencies WHERE depends_on = NEW.id);
END;
