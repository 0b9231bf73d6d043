/**
 * Notices and their deliveries, written beside the change that caused them. `source` is a FROM clause that yields the
 * admitting event as `e` and the notice's cells `[…, kind, text, data, subject]` as `j.value`, from place 2 on; `data` as
 * JSON text.
 */
export function insertNotices(source: string): string {
  return `INSERT INTO notices (kind, task_id, event_id, text, data, subject, at)
SELECT j.value ->> 2, e.task_id, e.id, j.value ->> 3, j.value ->> 4, j.value ->> 5, e.at FROM ${source} WHERE true
ON CONFLICT (subject) WHERE subject IS NOT NULL
DO UPDATE SET text = excluded.text, data = excluded.data, at = excluded.at, event_id = excluded.event_id, revision = revision + 1
WHERE text <> excluded.text OR data <> excluded.data`;
}

/** An edit: what may have been sent before stays in doubt, and who is sending it now keeps the lease. */
export const DUE_AGAIN = `revision = excluded.revision, due_at = excluded.due_at,
  state = CASE WHEN state = 'uncertain' THEN 'uncertain' ELSE 'pending' END`;

/** A channel that asked for some lanes alone hears of their tasks only. `n` the notice, `c` the channel. */
export const OF_ITS_LANES = `(c.lanes IS NULL OR n.task_id IS NULL OR (SELECT l.name FROM tasks t JOIN lanes l ON l.id = t.lane_id
  WHERE t.id = n.task_id) IN (SELECT value FROM json_each(c.lanes)))`;

/**
 * Every channel that takes the kind gets a delivery; one that stands already is due again, to be edited in place. Of the
 * notice's cells it needs the kind alone.
 */
export function deliverNotices(source: string): string {
  return `INSERT INTO deliveries (notice_id, channel_id, revision, due_at)
SELECT n.id, c.id, n.revision, n.at FROM ${source} CROSS JOIN notices n ON n.event_id = e.id
  AND n.task_id = e.task_id AND n.kind = j.value ->> 2
CROSS JOIN channels c
WHERE (c.kinds IS NULL OR n.kind IN (SELECT value FROM json_each(c.kinds))) AND ${OF_ITS_LANES}
ON CONFLICT (notice_id, channel_id)
DO UPDATE SET ${DUE_AGAIN}`;
}
