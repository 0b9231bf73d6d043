// The bare statements both engines run: a queue of one table, with a partial index in the order of the claim.
export const JOBS = [
  `CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, status TEXT NOT NULL, priority INTEGER NOT NULL,
    ready_at INTEGER NOT NULL, holder TEXT, updated_at INTEGER, payload TEXT NOT NULL) STRICT`,
  "CREATE INDEX IF NOT EXISTS jobs_ready ON jobs (priority, ready_at, id) WHERE status = 'queued'",
];

export const PAYLOAD = "Mend the step of the release that ends well and writes nothing";

/** Takes priority, ready at, payload. */
export const INSERT = "INSERT INTO jobs (status, priority, ready_at, payload) VALUES ('queued', ?, ?, ?)";

/** Takes the holder, now, and how many. */
export const CLAIM = `UPDATE jobs SET status = 'active', holder = ?, updated_at = ? WHERE id IN (
  SELECT id FROM jobs WHERE status = 'queued' ORDER BY priority, ready_at, id LIMIT ?) RETURNING id, payload`;

/** Takes now, the job, and its holder. */
export const COMPLETE =
  "UPDATE jobs SET status = 'done', updated_at = ? WHERE id = ? AND holder = ? AND status = 'active'";

/** Takes how many in all, every how many-th is in flight, its holder, and the payload: a queue as deep as ours. */
export const FILL = `INSERT INTO jobs (id, status, priority, ready_at, holder, updated_at, payload)
  WITH RECURSIVE p(tasks, every, holder, payload) AS (VALUES (?, ?, ?, ?)),
    n(id) AS (SELECT 1 UNION ALL SELECT n.id + 1 FROM n, p WHERE n.id < p.tasks)
  SELECT n.id, iif(n.id % p.every = 0, 'active', 'queued'), n.id % 5, n.id, iif(n.id % p.every = 0, p.holder, NULL), 0,
    p.payload FROM n, p`;

/** Takes now, the job and its holder: what a heartbeat is at the least. */
export const TOUCH = "UPDATE jobs SET updated_at = ? WHERE id = ? AND holder = ? AND status = 'active'";

/** The same for many at once; takes now, the holder and a JSON array of ids. */
export const COMPLETE_MANY = `UPDATE jobs SET status = 'done', updated_at = ? WHERE holder = ? AND status = 'active'
  AND id IN (SELECT value FROM json_each(?))`;

/** Takes a JSON array of [priority, ready at, payload]. */
export const INSERT_MANY = `INSERT INTO jobs (status, priority, ready_at, payload)
  SELECT 'queued', j.value ->> 0, j.value ->> 1, j.value ->> 2 FROM json_each(?) j`;
