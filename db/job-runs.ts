import type { JobName, JobOutcome } from "../src/core/schedule.ts";
import type { Firing, JobRun, JobRunStore, TakenRun } from "../src/ports/job-runs.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row, SqlValue } from "./connection.ts";
import { writeOnce } from "./once.ts";
import { newToken } from "./token.ts";

const KEPT_MS = 30 * 86_400_000;

const LOSE = `UPDATE job_runs SET ended_at = max(lease_until, started_at), lease_until = NULL, outcome = 'lost',
  detail = 'its process went away before it ended'
WHERE job = ?1 AND ended_at IS NULL AND lease_until <= :now`;

/** ?1 job, ?2 firing, ?3 token, ?4 actor, ?5 lease, ?6 whether one under way bars it. */
const TAKE = `INSERT INTO job_runs (job, scheduled_at, token, actor, started_at, lease_until, ended_at, outcome, detail)
SELECT ?1, ?2, ?3, ?4, :now, iif(b.busy, NULL, :now + ?5), iif(b.busy, :now, NULL), iif(b.busy, 'skipped', NULL),
  iif(b.busy, 'the run before it is still at work', NULL)
FROM (SELECT ?6 AND EXISTS (SELECT 1 FROM job_runs WHERE job = ?1 AND ended_at IS NULL) AS busy) b WHERE true
ON CONFLICT (job, scheduled_at) WHERE scheduled_at IS NOT NULL DO NOTHING`;
const TAKEN = "SELECT started_at, outcome FROM job_runs WHERE token = ?1";

const RENEW = "UPDATE job_runs SET lease_until = :now + ?2 WHERE token = ?1 AND ended_at IS NULL";
const END = `UPDATE job_runs SET ended_at = :now, lease_until = NULL, outcome = ?2, findings = ?3, detail = ?4
WHERE token = ?1 AND ended_at IS NULL`;
const FORGET = `DELETE FROM job_runs WHERE started_at < :now - ${KEPT_MS}
  AND id NOT IN (SELECT max(id) FROM job_runs GROUP BY job)`;

const LAST_FIRING =
  "SELECT max(scheduled_at) AS at FROM job_runs WHERE job = ?1 AND scheduled_at IS NOT NULL";
const RUN =
  "json_array(r.id, r.job, r.scheduled_at, r.actor, r.started_at, r.ended_at, r.outcome, r.findings, r.detail)";
const LATEST = `SELECT ${RUN} AS cells FROM job_runs r
WHERE r.id IN (SELECT max(id) FROM job_runs WHERE outcome IS NOT 'skipped' GROUP BY job) ORDER BY r.id`;
const RUNS = `SELECT ${RUN} AS cells FROM job_runs r WHERE (?1 IS NULL OR r.job = ?1) ORDER BY r.id DESC LIMIT ?2`;

export function jobRunStore(connection: Connection, clock: QueueClock): JobRunStore {
  const read = async (sql: string, args: readonly SqlValue[] = []): Promise<readonly Row[]> =>
    (await connection.read([{ sql, args }]))[0] ?? [];
  return {
    take: (firing) => take(connection, clock, firing),
    async renew(token, leaseMs) {
      await connection.writeRepeatable([{ sql: clock.sql(RENEW), args: [token, leaseMs] }]);
    },
    async end(token, report) {
      const findings = "findings" in report ? report.findings : null;
      await connection.writeRepeatable([
        { sql: clock.sql(END), args: [token, report.outcome, findings, report.detail] },
        { sql: clock.sql(FORGET) },
      ]);
    },
    async lastFiring(job) {
      const at = (await read(LAST_FIRING, [job]))[0]?.["at"] ?? null;
      return at === null ? null : Number(at);
    },
    latest: async () => (await read(LATEST)).map(readRun),
    runs: async ({ job, limit }) => (await read(RUNS, [job ?? null, limit])).map(readRun),
  };
}

async function take(
  connection: Connection,
  clock: QueueClock,
  { job, scheduledAt, actor, leaseMs, besideOthers }: Firing,
): Promise<TakenRun | "taken" | "skipped"> {
  const token = newToken();
  const args = [job, scheduledAt, token, actor, leaseMs, besideOthers ? 0 : 1];
  const found = { sql: TAKEN, args: [token] };
  const readTaken = ([row]: readonly Row[] = []): TakenRun | "skipped" | null => {
    if (row === undefined) return null;
    return row["outcome"] === "skipped" ? "skipped" : { token, startedAt: Number(row["started_at"]) };
  };
  const batch = [{ sql: clock.sql(LOSE), args: [job] }, { sql: clock.sql(TAKE), args }, found];
  const taken = await writeOnce(
    async () => readTaken((await connection.write(batch))[2]),
    async () => readTaken((await connection.read([found]))[0]),
  );
  return taken ?? "taken";
}

function readRun(row: Row): JobRun {
  const cells = JSON.parse(String(row["cells"])) as readonly unknown[];
  return {
    id: cells[0] as number,
    job: cells[1] as JobName,
    scheduledAt: cells[2] as number | null,
    actor: cells[3] as string,
    startedAt: cells[4] as number,
    endedAt: cells[5] as number | null,
    outcome: cells[6] as JobOutcome | null,
    findings: cells[7] as number | null,
    detail: cells[8] as string | null,
  };
}
