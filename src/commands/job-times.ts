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

/**
 * For the check on jobs that missed their time: of each that is scheduled, the newest time at which it was due and for
 * which it cannot merely be late, and when it last began.
 */
export async function jobFacts(house: House): Promise<readonly JobFacts[]> {
  const [now, latest] = await Promise.all([house.queue.now(), house.jobRuns.latest()]);
  return [...house.timetables].flatMap(([job, timetable]) => {
    const dueAt = timetable.last(now - LATE_MS);
    if (dueAt === null) return [];
    return [{ job, dueAt, startedAt: latest.find((run) => run.job === job)?.startedAt ?? null }];
  });
}
