import type { JobName, JobOutcome, JobReport } from "../core/schedule.ts";

/** One run of a job, kept for a month. Times are the database's, in milliseconds since 1970 UTC. */
export interface JobRun {
  readonly id: number;
  readonly job: JobName;
  /** The firing it is for; null where somebody ran it by hand. */
  readonly scheduledAt: number | null;
  readonly actor: string;
  readonly startedAt: number;
  /** Null while it is under way. */
  readonly endedAt: number | null;
  readonly outcome: JobOutcome | null;
  readonly findings: number | null;
  readonly detail: string | null;
}

export interface Firing {
  readonly job: JobName;
  readonly scheduledAt: number | null;
  readonly actor: string;
  /** So long the run counts as alive without being renewed, in milliseconds. */
  readonly leaseMs: number;
  /** Two of them may go on at once: it changes nothing, so one under way does not bar it. */
  readonly besideOthers: boolean;
}

/** A run this process is to do; its token is what it is renewed and ended by. */
export interface TakenRun {
  readonly token: string;
  readonly startedAt: number;
}

/** The record of what ran when, and the one place where a firing is won: an insert that only one process makes. */
export interface JobRunStore {
  /**
   * `skipped` where a run of the job is still at work, which is put on record; `taken` where another process has this
   * firing. Runs whose lease is over are ended as lost first.
   */
  take(firing: Firing): Promise<TakenRun | "taken" | "skipped">;
  renew(token: string, leaseMs: number): Promise<void>;
  /** Ends the run and forgets what is older than a month, the last of each job never. */
  end(
    token: string,
    report: JobReport | { readonly outcome: "failed"; readonly detail: string },
  ): Promise<void>;
  /** The newest firing that was taken; null where none ever was. */
  lastFiring(job: JobName): Promise<number | null>;
  /** Of each job the newest run that began, skipped ones left out. */
  latest(): Promise<readonly JobRun[]>;
  /** Newest first. */
  runs(filter: { readonly job?: JobName | undefined; readonly limit: number }): Promise<readonly JobRun[]>;
}
