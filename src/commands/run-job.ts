import { done, type Outcome, refuse, refused } from "../core/refusal.ts";
import type { JobName, JobReport } from "../core/schedule.ts";
import type { House } from "./house.ts";

/** A run that shows no life for so long is lost; it is renewed while it goes on. */
const LEASE_MS = 60_000;
const RENEW_MS = 20_000;

export interface JobFiring {
  readonly job: JobName;
  /** The time it was due; null where somebody runs it by hand. */
  readonly scheduledAt: number | null;
  readonly actor: string;
  /** It changes nothing, so that one under way bars no other. */
  readonly besideOthers?: boolean | undefined;
}

/** What a job has done: an answer for whoever asked, and one line for the record. */
export interface JobAnswer<T> {
  readonly value: T;
  readonly report: JobReport;
}

type HouseOfJobs = Pick<House, "jobRuns" | "clock">;

/**
 * One run of a job, on record from its first moment. Refused with `job-taken` where another process has this firing and
 * with `job-running` where the run before it is still at work. What the work throws is put on record and thrown on.
 */
export async function runJob<T>(
  { jobRuns, clock }: HouseOfJobs,
  { besideOthers = false, ...firing }: JobFiring,
  work: () => Promise<JobAnswer<T>>,
): Promise<Outcome<T>> {
  const run = await jobRuns.take({ ...firing, besideOthers, leaseMs: LEASE_MS });
  if (typeof run === "string") {
    const running = run === "skipped";
    return refused(
      refuse("queue-truth", running ? "job-running" : "job-taken", {
        field: "job",
        expected: running ? "no run under way" : "a firing nobody has taken",
        got: firing.job,
        hint: running
          ? `${firing.job} is still at work: wait for its end, \`gatehouse job list\` shows it.`
          : `Another process runs ${firing.job} for this time already.`,
      }),
    );
  }
  const over = new AbortController();
  const renewed = keepAlive({ jobRuns, clock }, run.token, over.signal);
  try {
    const { value, report } = await work();
    await jobRuns.end(run.token, report);
    return done(value);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    // Where the database itself is the trouble, the lease runs out and the run counts as lost.
    await jobRuns.end(run.token, { outcome: "failed", detail }).catch(() => undefined);
    throw error;
  } finally {
    over.abort();
    await renewed;
  }
}

/** A renewal that fails is not the run's failure: the next one may come through, and else the lease tells. */
async function keepAlive({ jobRuns, clock }: HouseOfJobs, token: string, over: AbortSignal): Promise<void> {
  for (;;) {
    await clock.sleep(RENEW_MS, over);
    if (over.aborted) return;
    await jobRuns.renew(token, LEASE_MS).catch(() => undefined);
  }
}
