// What the outbox asks and writes. `:now` is the queue's clock.
import { DUE_AGAIN, OF_ITS_LANES } from "./notice-rows.ts";

/** ?1 `[[task key, kind, text, data, subject, platform, channel] …]`, ?2 the view, ?3 where its mark must stand. */
export const WRITE_NOTICES = `INSERT INTO notices (kind, task_id, text, data, subject, at)
SELECT j.value ->> 1, (SELECT id FROM tasks WHERE key = j.value ->> 0), j.value ->> 2, j.value -> 3, j.value ->> 4, :now
FROM json_each(?1) j WHERE ?2 IS NULL OR (SELECT value FROM settings WHERE name = ?2) = ?3
ON CONFLICT (subject) WHERE subject IS NOT NULL
DO UPDATE SET text = excluded.text, data = excluded.data, at = excluded.at, revision = revision + 1
WHERE text <> excluded.text OR data <> excluded.data`;

/** Only where the notice says something the channel has not been told: an unchanged card is not sent again. */
export const WRITE_DELIVERIES = `INSERT INTO deliveries (notice_id, channel_id, revision, due_at)
SELECT n.id, c.id, n.revision, n.at FROM json_each(?1) j CROSS JOIN notices n ON n.subject = j.value ->> 4
CROSS JOIN channels c
WHERE CASE WHEN j.value ->> 5 IS NULL THEN (c.kinds IS NULL OR n.kind IN (SELECT value FROM json_each(c.kinds))) AND ${OF_ITS_LANES}
  ELSE c.platform = j.value ->> 5 AND c.name = j.value ->> 6 END
ON CONFLICT (notice_id, channel_id) DO UPDATE SET ${DUE_AGAIN} WHERE deliveries.revision < excluded.revision`;

export const BEGIN_VIEW = "INSERT OR IGNORE INTO settings (name, value) VALUES (?1, '0')";
export const MOVE_MARK = "UPDATE settings SET value = ?3 WHERE name = ?1 AND value = ?2 RETURNING value";
export const MARK = "SELECT value FROM settings WHERE name = ?1";

const ESCALATED = "n.kind = 'contradiction' AND 'escalated' IN (n.data ->> 'state', n.data ->> 'step')";

/** A muted or quiet channel hears of escalations, and answers to what somebody wrote there; all else waits for its end. */
const AWAKE = `((coalesce(c.muted_until, 0) <= :now AND NOT coalesce(c.quiet_from <= :now AND c.quiet_until > :now, 0))
  OR (${ESCALATED}) OR n.data ->> 'replyTo' IS NOT NULL)`;

/**
 * What may be sent: a first posting waits for the earlier notices of its task in that channel, so that a thread reads
 * in the order things happened, and one that stands below another waits for that. One that nobody can tell about any
 * more holds nothing up. ?1 platforms.
 */
const SENDABLE = `deliveries d JOIN notices n ON n.id = d.notice_id
JOIN channels c ON c.id = d.channel_id AND c.platform IN (SELECT value FROM json_each(?1))
WHERE d.due_at IS NOT NULL AND ${AWAKE} AND (d.anchor IS NOT NULL OR n.task_id IS NULL OR NOT EXISTS (
  SELECT 1 FROM notices e CROSS JOIN deliveries b ON b.notice_id = e.id AND b.channel_id = d.channel_id
  WHERE e.task_id = n.task_id AND e.id < n.id AND b.anchor IS NULL AND b.due_at IS NOT NULL AND b.state <> 'uncertain'))
AND (d.anchor IS NOT NULL OR n.data ->> 'under' IS NULL OR NOT EXISTS (SELECT 1 FROM deliveries u
  WHERE u.notice_id = n.data ->> 'under' AND u.channel_id = d.channel_id AND u.anchor IS NULL AND u.due_at IS NOT NULL
    AND u.state <> 'uncertain'))`;

/** A lease that ran out unsettled leaves a doubt: the worker may have died right after the platform took it. */
export const TAKE = `UPDATE deliveries SET lease_until = :now + ?3, tries = tries + 1, tried_since = coalesce(tried_since, :now),
  state = CASE WHEN anchor IS NULL AND (lease_until IS NOT NULL OR state = 'uncertain') THEN 'uncertain' ELSE 'sending' END
WHERE (notice_id, channel_id) IN (SELECT d.notice_id, d.channel_id FROM ${SENDABLE}
  AND d.due_at <= :now AND coalesce(d.lease_until, 0) <= :now ORDER BY d.due_at, d.notice_id LIMIT ?2)
RETURNING notice_id, channel_id`;

export const TAKEN = `SELECT json_array(n.id, c.id, c.platform, c.name, n.kind, (SELECT key FROM tasks WHERE id = n.task_id), n.text,
  json(n.data), n.revision, d.anchor, d.tries, d.state = 'uncertain', d.tried_since,
  (SELECT u.anchor FROM deliveries u WHERE u.notice_id = n.data ->> 'under' AND u.channel_id = d.channel_id),
  :now - d.failing_since,
  CASE WHEN ${ESCALATED} AND (d.anchor IS NULL OR n.data ->> 'step' IS NOT NULL) THEN c.ping END) AS cells
FROM json_each(?1) j CROSS JOIN deliveries d ON d.notice_id = j.value ->> 0 AND d.channel_id = j.value ->> 1
JOIN notices n ON n.id = d.notice_id JOIN channels c ON c.id = d.channel_id ORDER BY n.id`;

export const DUE = `SELECT max(0, min(max(d.due_at, coalesce(d.lease_until, 0))) - :now) AS due FROM ${SENDABLE}`;

/**
 * ?1 `[[notice, channel, tries, revision, state, anchor, error, retry ms, 1 where it only waits, anchor when taken] …]`. Where the text
 * changed while it was being sent it stays due, whatever became of the old text.
 */
export const SETTLE = `UPDATE deliveries SET lease_until = NULL, error = j.value ->> 6,
  anchor = CASE WHEN anchor IS j.value ->> 9 THEN coalesce(j.value ->> 5, anchor) ELSE anchor END,
  tries = CASE WHEN j.value ->> 4 = 'sent' THEN 0 ELSE tries END,
  tried_since = CASE WHEN j.value ->> 4 = 'uncertain' THEN tried_since END,
  failing_since = CASE WHEN j.value ->> 4 <> 'sent' AND NOT j.value ->> 8 THEN coalesce(failing_since, :now) END,
  state = CASE WHEN revision > j.value ->> 3 AND j.value ->> 4 <> 'uncertain' THEN 'pending' ELSE j.value ->> 4 END,
  due_at = CASE WHEN revision > j.value ->> 3 THEN max(due_at, :now + coalesce(j.value ->> 7, 0))
    ELSE :now + (j.value ->> 7) END
FROM json_each(?1) j
WHERE deliveries.notice_id = j.value ->> 0 AND deliveries.channel_id = j.value ->> 1 AND deliveries.tries = j.value ->> 2`;

export const NOTICES = `SELECT json_array(n.id, n.kind, t.key, n.text, n.at, (SELECT json_group_array(json_object('platform', c.platform,
  'channel', c.name, 'state', d.state, 'error', d.error)) FROM deliveries d JOIN channels c ON c.id = d.channel_id
  WHERE d.notice_id = n.id)) AS cells FROM notices n LEFT JOIN tasks t ON t.id = n.task_id
WHERE n.id > ?1 AND (?3 IS NULL OR n.kind = ?3)`;
export const OF_TASK = " AND n.task_id = (SELECT id FROM tasks WHERE key = ?4)";

export const NEWEST = `SELECT subject, data FROM notices WHERE subject >= ?1 AND subject < ?1 || char(1114111)
ORDER BY subject DESC LIMIT 1`;

/** ?1 subjects. */
export const LIVE =
  "SELECT n.subject AS subject, n.data AS data FROM json_each(?1) j CROSS JOIN notices n ON n.subject = j.value";

export const BY_ANCHOR = `SELECT t.key AS task FROM channels c CROSS JOIN deliveries d ON d.channel_id = c.id AND d.anchor = ?3
JOIN notices n ON n.id = d.notice_id JOIN tasks t ON t.id = n.task_id WHERE c.platform = ?1 AND c.name = ?2`;

/** What is under way is due: ?1 platform, ?2 channel, ?3 when. */
export const UNSETTLED = `SELECT 1 AS found FROM deliveries d CROSS JOIN channels c ON c.id = d.channel_id
WHERE d.due_at IS NOT NULL AND d.tried_since <= ?3 AND c.platform = ?1 AND c.name = ?2 LIMIT 1`;

/** ?1 platform, ?2 limit. */
export const CARDS = `SELECT json_array(c.name, d.anchor, t.key) AS cells FROM notices n
CROSS JOIN tasks t ON t.id = n.task_id AND t.status NOT IN ('done', 'cancelled')
CROSS JOIN deliveries d ON d.notice_id = n.id AND d.anchor IS NOT NULL
CROSS JOIN channels c ON c.id = d.channel_id AND c.platform = ?1
WHERE n.kind = 'task-card' ORDER BY n.id DESC LIMIT ?2`;
export const DATA = "SELECT data FROM notices WHERE id = ?1";

/** A dependency's fate shows on the cards of those that wait for it. */
export const CARDED = `SELECT t.key AS key FROM tasks t WHERE t.id IN (
  SELECT o.id FROM json_each(?1) j CROSS JOIN tasks o ON o.key = j.value
  UNION SELECT d.task_id FROM json_each(?1) j CROSS JOIN tasks o ON o.key = j.value
    CROSS JOIN dependencies d ON d.depends_on = o.id)
AND EXISTS (SELECT 1 FROM notices n WHERE n.subject = ?2 || t.key)`;
