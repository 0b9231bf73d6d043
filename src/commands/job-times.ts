import { JOBS, type JobName } from "../core/schedule.ts";
import type { JobFacts } from "../core/watch-facts.ts";
import type { JobRun } from "../ports/job-runs.ts";
import type { House } from "./house.ts";

/** One job as it stands. Times are milliseconds since 1970 UTC; `next` null where it is run by hand alone. */
export interface JobTimes {
  readonly job: JobName;
  readonly next: number | null;
  readonly last: JobRun | null;
}

/** Every job, whether it is scheduled or not, with its last run and its next. */
export async function jobTimes(house: House): Promise<readonly JobTimes[]> {
  const [now, latest] = await Promise.all([house.queue.now(), house.jobRuns.latest()]);
  return JOBS.map((job) => ({
    job,
    next: house.timetables.get(job)?.next(now) ?? null,
    last: latest.find((run) => run.job === job) ?? null,
  }));
}

/** How late a job may begin, in milliseconds. */
const LATE_MS = 15 * 60_000;

/** How many runs back is looked for the schedule being kept: some hours of all jobs. */
const LOOK_BACK = 100;
/** What began in the last minutes may be making up for a time when no process ran. */
const MAKING_UP_MS = 5 * 60_000;

/**
 * For the check on jobs that missed their time: of each that is scheduled, the newest time at which it was due and for
 * which it cannot merely be late, and when it last began. A process that has just come back makes up for what was due
 * while there was none: until it had the time to, that is not told of.
 */
export async function jobFacts(house: House): Promise<readonly JobFacts[]> {
  const [now, latest, runs] = await Promise.all([
    house.queue.now(),
    house.jobRuns.latest(),
    house.jobRuns.runs({ limit: LOOK_BACK }),
  ]);
  const begun = runs.filter(({ scheduledAt }) => scheduledAt !== null).map(({ startedAt }) => startedAt);
  const lately = begun.some((at) => at > now - MAKING_UP_MS);
  const before = Math.max(0, ...begun.filter((at) => at <= now - MAKING_UP_MS));
  return [...house.timetables].flatMap(([job, timetable]) => {
    const dueAt = timetable.last(now - LATE_MS);
    const startedAt = latest.find((run) => run.job === job)?.startedAt ?? null;
    if (dueAt === null || (lately && before < dueAt && (startedAt ?? 0) < dueAt)) return [];
    return [{ job, dueAt, startedAt }];
  });
}
