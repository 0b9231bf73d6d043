/** How much of one rule a run looks at, oldest tasks first: what is beyond is seen when those are mended. */
const BOUND = 1000;
/** How far back evidence counts that is an occurrence and no state, in milliseconds: two runs, should one be late. */
const LATELY_MS = 2 * 3_600_000;
const DAY_MS = 86_400_000;
/** Events a run looks back at for claims: of a busy lane the newest say enough. */
const EVENTS_BACK = 5000;

/** Every lane, and the tasks that have none. */
const LANES_AND_NONE = "(SELECT id FROM lanes UNION ALL SELECT NULL)";

export const EXTENT = `SELECT json_array(:now, coalesce((SELECT max(id) FROM tasks), 0),
  (SELECT json_array(revision, json(stale_because)) FROM briefs ORDER BY revision DESC LIMIT 1),
  (SELECT count(*) FROM dependencies WHERE depends_on >= task_id), (SELECT min(started_at) FROM job_runs)) AS cells`;

export const LANES = `SELECT json_array(l.name, l.provider, l.model, l.capacity, l.paused_reason,
  (SELECT count(*) FROM attempts a WHERE a.lane_id = l.id AND a.ended_at IS NULL AND a.lease_expires_at > :now),
  (SELECT json_group_array(json_array(o.priority, o.key, o.ready_at)) FROM json_each('[0,1,2,3,4]') p
    CROSS JOIN tasks o ON o.id = (SELECT t.id FROM tasks t
      WHERE t.lane_id = l.id AND t.priority = p.value AND t.ready_at IS NOT NULL ORDER BY t.ready_at, t.id LIMIT 1))) AS cells
FROM lanes l ORDER BY l.name`;

/** Of each lane and priority the newest claim. */
export const CLAIMS = `SELECT json_array(l.name, t.priority, t.key, max(e.at)) AS cells
FROM events e CROSS JOIN tasks t ON t.id = e.task_id CROSS JOIN lanes l ON l.id = t.lane_id
WHERE e.id > (SELECT max(id) FROM events) - ${EVENTS_BACK} AND e.kind IN ('task.claimed', 'task.started')
GROUP BY l.id, t.priority`;

/** Open attempts that lapsed, missed two beats, or are not what their task says. */
export const ATTEMPTS = `WITH held AS (SELECT a.agent_id, a.lane_id, count(*) AS holds, max(a.started_at) AS newest_at,
    a.task_id AS newest_task, a.number AS newest_number
  FROM lanes l CROSS JOIN attempts a ON a.lane_id = l.id AND a.ended_at IS NULL GROUP BY a.agent_id, a.lane_id)
SELECT t.id AS id, json_array(t.key, a.number, t.status, g.name, l.name, a.session, a.provider, a.model, a.started_at,
  a.lease_expires_at, a.last_heartbeat_at, l.heartbeat_ms, h.holds,
  (SELECT key FROM tasks WHERE id = h.newest_task) || '.' || h.newest_number) AS cells
FROM lanes l CROSS JOIN attempts a ON a.lane_id = l.id AND a.ended_at IS NULL
CROSS JOIN tasks t ON t.id = a.task_id CROSS JOIN agents g ON g.id = a.agent_id
CROSS JOIN held h ON h.agent_id = a.agent_id AND h.lane_id = a.lane_id
WHERE a.lease_expires_at <= :now OR :now - a.last_heartbeat_at >= 2 * l.heartbeat_ms OR a.epoch <> t.epoch
  OR t.status NOT IN ('offered', 'active', 'verifying')
ORDER BY t.id LIMIT ${BOUND}`;

/** In flight and held by nobody, verified by nobody, or blocked without a block. */
export const UNHELD = `SELECT t.id AS id FROM ${LANES_AND_NONE} l
CROSS JOIN json_each('["offered","active","verifying","blocked"]') s
CROSS JOIN tasks t ON t.lane_id IS l.id AND t.status = s.value AND t.status <> 'done'
WHERE CASE s.value WHEN 'blocked' THEN NOT EXISTS (SELECT 1 FROM blocks b WHERE b.task_id = t.id)
  ELSE NOT EXISTS (SELECT 1 FROM attempts a WHERE a.task_id = t.id AND a.ended_at IS NULL)
    OR (s.value = 'verifying' AND NOT EXISTS (SELECT 1 FROM proofs p
      WHERE p.task_id = t.id AND p.attempt = t.attempts AND p.superseded = 0 AND p.verify_at IS NOT NULL)) END
ORDER BY t.id LIMIT ${BOUND}`;

/** Blocks that lack a word, or whose task is blocked no more. */
export const BLOCKS = `SELECT t.id AS id FROM blocks b CROSS JOIN tasks t ON t.id = b.task_id
WHERE t.status <> 'blocked' OR trim(b.kind) = '' OR trim(b.reason) = '' OR trim(b.owner) = '' OR trim(b.question) = ''
ORDER BY t.id LIMIT ${BOUND}`;

export const CLEARED = `SELECT json_array(t.key, t.version, b.kind, b.question, b.owner, b.since, t.not_before,
  (SELECT count(*) FROM dependencies d WHERE d.task_id = t.id), t.open_dependencies) AS cells
FROM blocks b CROSS JOIN tasks t ON t.id = b.task_id AND t.status = 'blocked'
WHERE (b.kind = 'dependency' AND t.open_dependencies = 0) OR (b.kind = 'not-before' AND t.not_before <= :now)
ORDER BY t.id LIMIT ${BOUND}`;

/** Refused beats, and refused claims that say something of their session. */
export const REFUSED_BEATS = `SELECT json_array(r.actor, t.key, l.name, r.code, r.data ->> 'field', r.data ->> 'expected',
  r.data ->> 'got', count(*), min(r.at), max(r.at)) AS cells
FROM refusals r LEFT JOIN tasks t ON t.id = r.task_id LEFT JOIN lanes l ON l.id = t.lane_id
WHERE r.at > :now - ${LATELY_MS} AND (
    (r.gate = 'heartbeat-trust' AND r.code IN ('mismatch', 'attempt-ended'))
    OR (r.gate = 'runnable-pull' AND (r.code LIKE 'session-%' OR r.data ->> 'field' LIKE 'route.%')))
GROUP BY r.actor, r.task_id, r.code, r.data ->> 'field', r.data ->> 'got' ORDER BY min(r.id) LIMIT ${BOUND}`;

/** What waits for something cancelled: directly (1) or through others (2). */
export const STRANDED = `WITH RECURSIVE gone(id, cancelled, depth) AS (
  SELECT d.task_id, o.id, 1 FROM ${LANES_AND_NONE} l
  CROSS JOIN tasks o ON o.lane_id IS l.id AND o.status = 'cancelled' AND o.status <> 'done'
  CROSS JOIN dependencies d ON d.depends_on = o.id
  UNION SELECT d.task_id, g.cancelled, 2 FROM gone g CROSS JOIN tasks t ON t.id = g.id
    AND t.status NOT IN ('done', 'cancelled') CROSS JOIN dependencies d ON d.depends_on = g.id)
SELECT t.id AS id, json_array(t.key, o.key, g.depth) AS cells
FROM (SELECT id, min(cancelled) AS cancelled, min(depth) AS depth FROM gone GROUP BY id) g
CROSS JOIN tasks t ON t.id = g.id AND t.status NOT IN ('done', 'cancelled') CROSS JOIN tasks o ON o.id = g.cancelled
ORDER BY t.id LIMIT ${BOUND}`;

export const DANGLING = `SELECT DISTINCT t.id AS id FROM links k CROSS JOIN tasks t ON t.id = k.task_id
WHERE k.kind LIKE 'dangling:%' AND t.status NOT IN ('done', 'cancelled') ORDER BY t.id LIMIT ${BOUND}`;

export const ROTTED = `SELECT json_array(t.key, max(e.at), e.data ->> 'reason') AS cells
FROM events e CROSS JOIN tasks t ON t.id = e.task_id AND t.status NOT IN ('done', 'cancelled')
WHERE e.kind = 'proof.rotted' GROUP BY e.task_id ORDER BY e.task_id LIMIT ${BOUND}`;

export const OVERDUE_PROOFS = `SELECT json_array(t.key, t.status, p.requirement, p.kind, p.verify_at, p.attached_at, p.checks,
  p.reason) AS cells
FROM proofs p CROSS JOIN tasks t ON t.id = p.task_id
WHERE p.verify_at IS NOT NULL AND p.superseded = 0 AND t.status IN ('active', 'verifying')
  AND (p.verify_at <= :now - 600000 OR (p.checks > 0 AND p.attached_at <= :now - 21600000))
ORDER BY p.id LIMIT ${BOUND}`;

/** What waits for a quarter of an hour where nobody asked for quiet, and what was given up within a day. */
export const STUCK_CHANNELS = `SELECT json_array(c.platform || ':' || c.name, sum(d.lost IS NULL), sum(d.lost IS 'uncertain'),
  sum(d.lost IS 'failed'), min(n.at), max(d.error)) AS cells
FROM (SELECT notice_id, channel_id, error, NULL AS lost FROM deliveries WHERE due_at IS NOT NULL
    AND state NOT IN ('uncertain', 'failed')
  UNION ALL SELECT notice_id, channel_id, error, state FROM deliveries WHERE state IN ('uncertain', 'failed')) d
CROSS JOIN notices n ON n.id = d.notice_id CROSS JOIN channels c ON c.id = d.channel_id
WHERE CASE WHEN d.lost IS NULL THEN n.at <= :now - 900000 AND coalesce(c.muted_until, 0) <= :now - 900000
  AND NOT coalesce(c.quiet_from <= :now AND c.quiet_until > :now - 900000, 0) ELSE n.at > :now - ${DAY_MS} END
GROUP BY c.id ORDER BY c.id`;

/** What was kept a quarter of an hour ago or earlier, and is neither answered nor given up. */
export const STUCK_INBOXES = `SELECT json_array(i.platform, count(*), min(i.received_at), max(i.error)) AS cells
FROM inbox i WHERE i.due_at IS NOT NULL AND i.received_at <= :now - 900000 GROUP BY i.platform ORDER BY i.platform`;

export const WORN = `SELECT json_array(t.key, t.status, l.name, t.failures, t.max_attempts, t.lapses, t.max_lapses) AS cells
FROM tasks t LEFT JOIN lanes l ON l.id = t.lane_id
WHERE (t.failures > 0 OR t.lapses > 0) AND t.status NOT IN ('done', 'cancelled', 'dead')
  AND (t.failures = t.max_attempts - 1 OR t.lapses = t.max_lapses - 1) ORDER BY t.id LIMIT ${BOUND}`;

export const CHAT_CLAIMS = `SELECT json_array(c.message, c.author, c.task, t.status, c.at) AS cells
FROM chat_claims c LEFT JOIN tasks t ON t.key = c.task WHERE c.at > :now - ${DAY_MS} ORDER BY c.at, c.message LIMIT ${BOUND}`;

/** What led to a recurrence that is over leads to no other. */
const sinceRecurrence = (
  rule: string,
  source: string,
): string => `coalesce((SELECT max(r.over_at) FROM contradictions r
  WHERE r.rule = 'recurrence' AND r.source = ${source} AND r.data ->> 'of' = ${rule}), 0)`;

/** ?1 the rules whose every end counts. A lease that was taken back is an end as well, whoever took it. */
export const ENDINGS = `SELECT json_array(c.rule, c.source, c.over_at, (SELECT key FROM tasks WHERE id = c.task_id),
  c.data ->> 'session', c.state = 'healed') AS cells
FROM contradictions c WHERE c.over_at > :now - ${DAY_MS} AND c.rule NOT IN ('lease-lapsed', 'recurrence')
  AND (c.state = 'healed' OR c.rule IN (SELECT value FROM json_each(?1)))
  AND c.over_at > ${sinceRecurrence("c.rule", "c.source")}
UNION ALL SELECT json_array('lease-lapsed', 'agent:' || g.name || ' lane:' || l.name, a.ended_at, t.key, a.session, 1)
FROM attempts a CROSS JOIN tasks t ON t.id = a.task_id CROSS JOIN agents g ON g.id = a.agent_id
CROSS JOIN lanes l ON l.id = a.lane_id WHERE a.outcome = 'lapsed' AND a.ended_at > :now - ${DAY_MS}
  AND a.ended_at > ${sinceRecurrence("'lease-lapsed'", "'agent:' || g.name || ' lane:' || l.name")}`;

const CHANGES = [
  "lane.set",
  "lane.paused",
  "agent.paused",
  "agent.resumed",
  "agent.revoked",
  "source.changed",
];

/**
 * A recurrence that stands, when it was itself last seen, the last change of its source, and when what it is about was
 * last so: now, where that stands as well.
 */
export const RECURRING = `SELECT json_array(c.data ->> 'of', c.source, c.opened_at, c.last_seen_at,
  (SELECT max(e.at) FROM events e WHERE e.task_id IS NULL AND e.kind IN (${CHANGES.map((kind) => `'${kind}'`).join(", ")})
    AND e.at > c.opened_at AND CASE WHEN e.kind = 'source.changed' THEN e.data ->> 'source' = c.source
      WHEN e.kind LIKE 'lane.%' THEN e.data ->> 'name' = c.data ->> 'lane'
      ELSE e.data ->> 'name' = c.data ->> 'agent' END),
  max(coalesce((SELECT max(iif(o.over_at IS NULL, :now, o.last_seen_at)) FROM contradictions o
      WHERE o.rule = c.data ->> 'of' AND o.source = c.source), 0),
    CASE WHEN c.data ->> 'of' = 'lease-lapsed' THEN coalesce((SELECT max(a.lease_expires_at) FROM attempts a
      CROSS JOIN agents g ON g.id = a.agent_id CROSS JOIN lanes l ON l.id = a.lane_id
      WHERE a.outcome = 'lapsed' AND a.ended_at > c.opened_at AND g.name = c.data ->> 'agent'
        AND l.name = c.data ->> 'lane'), 0) ELSE 0 END),
  c.data ->> 'times', json(c.data -> 'sessions'), json(c.data -> 'tasks')) AS cells
FROM contradictions c WHERE c.rule = 'recurrence' AND c.over_at IS NULL ORDER BY c.id`;
