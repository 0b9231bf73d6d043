import type { ArchivedRoster, ArchivedTask } from "../src/core/archive.ts";
import type { Connection } from "./connection.ts";
import { ALL_PROOFS } from "./facts.ts";

/** Each statement spells the record's own fields, in the order in which they are exported. */
const LANES = `SELECT json_object('name', name, 'route', json_object('provider', provider, 'model', model),
  'capacity', capacity, 'leaseMs', lease_ms, 'heartbeatMs', heartbeat_ms,
  'dispatch', json_object('kind', dispatch ->> 'kind'), 'pausedAt', paused_at, 'pausedReason', paused_reason,
  'observe', observe, 'routeAliases', json(route_aliases),
  'version', version, 'createdAt', created_at, 'updatedAt', updated_at) AS cells FROM lanes ORDER BY name`;
const EPICS = `SELECT json_object('key', key, 'title', title, 'goal', goal, 'lastNumber', last_number,
  'createdAt', created_at) AS cells FROM epics ORDER BY key`;
const AGENTS = `SELECT json_object('name', name, 'role', role, 'createdAt', created_at) AS cells FROM agents ORDER BY name`;
const ROSTER_EVENTS = `SELECT json_object('change', change_id, 'kind', kind, 'actor', actor, 'at', at, 'data', json(data)) AS cells
FROM events WHERE task_id IS NULL ORDER BY id`;

/** A list of JSON objects, in an order of its own. */
const list = (cells: string, rest: string): string =>
  `(SELECT json_group_array(json(c)) FROM (SELECT ${cells} AS c FROM ${rest}))`;

const ROW = `json_object('key', t.key, 'epic', (SELECT key FROM epics WHERE id = t.epic_id),
  'lane', (SELECT name FROM lanes WHERE id = t.lane_id), 'priority', 'P' || t.priority, 'status', t.status,
  'version', t.version, 'epoch', t.epoch, 'attempts', t.attempts, 'failures', t.failures, 'lapses', t.lapses,
  'limits', json_object('maxAttempts', t.max_attempts, 'maxLapses', t.max_lapses), 'notBefore', t.not_before,
  'readyAt', t.ready_at, 'policyHash', t.policy_hash, 'completion', t.completion, 'createdAt', t.created_at,
  'updatedAt', t.updated_at, 'title', x.title, 'body', x.body, 'acceptance', x.acceptance,
  'requirements', ${list("r.spec", "requirements r WHERE r.task_id = t.id ORDER BY r.position")},
  'dependencies', (SELECT json_group_array(key) FROM (SELECT o.key FROM dependencies d JOIN tasks o ON o.id = d.depends_on
    WHERE d.task_id = t.id ORDER BY o.key)),
  'links', ${list("json_object('kind', k.kind, 'target', k.target)", "links k WHERE k.task_id = t.id ORDER BY k.kind, k.target")},
  'origins', ${list(
    "json_object('source', g.source, 'externalId', g.external_id, 'labels', json(g.labels))",
    "origins g WHERE g.task_id = t.id ORDER BY g.source, g.external_id",
  )},
  'block', (SELECT json_object('kind', b.kind, 'reason', b.reason, 'owner', b.owner, 'question', b.question,
    'choices', json(b.choices), 'since', b.since) FROM blocks b WHERE b.task_id = t.id))`;

const ATTEMPTS = list(
  `json_object('number', a.number, 'epoch', a.epoch, 'agent', (SELECT name FROM agents WHERE id = a.agent_id),
    'lane', (SELECT name FROM lanes WHERE id = a.lane_id), 'session', a.session,
    'route', json_object('provider', a.provider, 'model', a.model), 'startedAt', a.started_at, 'leaseMs', a.lease_ms,
    'leaseExpiresAt', a.lease_expires_at, 'lastHeartbeatAt', a.last_heartbeat_at, 'beats', a.beats, 'note', a.note,
    'policyHash', a.policy_hash, 'proofSetHash', a.proof_set_hash, 'endedAt', a.ended_at, 'outcome', a.outcome,
    'reason', a.reason)`,
  "attempts a WHERE a.task_id = t.id ORDER BY a.number",
);
const PROOFS = list(
  `json_object('attempt', p.attempt, 'requirement', p.requirement, 'kind', p.kind, 'uri', p.uri,
    'attachedBy', p.attached_by, 'attachedAt', p.attached_at, 'superseded', json(iif(p.superseded, 'true', 'false')),
    'verdict', p.verdict, 'reason', p.reason, 'evidence', p.evidence, 'seen', json(p.seen), 'checkedAt', p.checked_at,
    'checks', p.checks)`,
  `${ALL_PROOFS} ORDER BY p.attempt, p.id`,
);
const EVENTS = list(
  `json_object('version', e.version, 'change', e.change_id, 'kind', e.kind, 'actor', e.actor, 'at', e.at,
    'attempt', e.attempt, 'data', json(e.data))`,
  "events e WHERE e.task_id = t.id ORDER BY e.version",
);

const ANNOUNCEMENTS = list(
  "json_object('version', e.version, 'text', n.text, 'data', json(n.data), 'at', n.at)",
  `notices n JOIN events e ON e.id = n.event_id AND e.task_id = n.task_id
    WHERE n.task_id = t.id AND n.kind = 'auto-complete' ORDER BY e.version`,
);

const TASKS = `SELECT json_object('row', ${ROW},
  'history', json_object('attempts', ${ATTEMPTS}, 'proofs', ${PROOFS}, 'events', ${EVENTS},
    'announcements', ${ANNOUNCEMENTS})) AS cells
FROM tasks t JOIN task_texts x ON x.task_id = t.id WHERE t.key > ?1 ORDER BY t.key LIMIT ?2`;

export async function readRoster(connection: Connection): Promise<ArchivedRoster> {
  const results = await connection.read([LANES, EPICS, AGENTS, ROSTER_EVENTS].map((sql) => ({ sql })));
  const [lanes, epics, agents, events] = results.map((rows) =>
    rows.map((row) => JSON.parse(String(row["cells"])) as unknown),
  );
  return { lanes, epics, agents, events } as unknown as ArchivedRoster;
}

export async function readArchivedTasks(
  connection: Connection,
  after: string,
  limit: number,
): Promise<readonly ArchivedTask[]> {
  const [rows = []] = await connection.read([{ sql: TASKS, args: [after, limit] }]);
  return rows.map((row) => JSON.parse(String(row["cells"])) as ArchivedTask);
}
