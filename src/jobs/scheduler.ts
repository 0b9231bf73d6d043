import type { House } from "../commands/house.ts";
import { type JobAnswer, runJob } from "../commands/run-job.ts";
import { firingDue, type JobName } from "../core/schedule.ts";
import type { RunResult } from "./loop.ts";

/** One job's work for a firing. */
export interface TimedJob {
  readonly job: JobName;
  /** It changes nothing, so that one under way bars no other. */
  readonly besideOthers?: boolean;
  readonly run: (house: House, firing: number) => Promise<JobAnswer<unknown>>;
}

/**
 * One look at one job: runs it where a firing is due that nobody has taken. Any number of processes may look; one of
 * them wins. What was missed while none ran is made up for by a single run, for the newest firing.
 */
export async function runWhenDue(house: House, { job, besideOthers, run }: TimedJob): Promise<RunResult> {
  const timetable = house.timetables.get(job);
  if (timetable === undefined) return { nextDueMs: null };
  const now = await house.queue.now();
  const due = firingDue(timetable.last(now), await house.jobRuns.lastFiring(job));
  if (due !== null) {
    // Whether another process has it or the run before is still at work: it is on record, and nobody needs to be told.
    await runJob(house, { job, scheduledAt: due, actor: `system:${job}`, besideOthers }, () =>
      run(house, due),
    );
  }
  const next = timetable.next(now);
  return { nextDueMs: next === null ? null : Math.max(0, next - (await house.queue.now())) };
}
