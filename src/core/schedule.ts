/** The timed work of the bot, in the order it is best run: what is found first, what is told about it last. */
export const JOBS = [
  "heartbeat",
  "queue-validate",
  "queue-operating-refresh",
  "autonomy-verify-watch",
  "dispatch-ready-work",
  "digest",
] as const;
export type JobName = (typeof JOBS)[number];

/** A cron expression of five fields, or null: this job is run by hand alone. */
export type Schedule = Readonly<Record<JobName, string | null>>;

/** A few minutes apart, so that each finds what the one before it left, and the digest tells of them all. */
export const USUAL_SCHEDULE: Schedule = {
  heartbeat: "*/30 * * * *",
  "queue-validate": "1 * * * *",
  "queue-operating-refresh": "2 * * * *",
  "autonomy-verify-watch": "3 * * * *",
  "dispatch-ready-work": "4 * * * *",
  digest: "5 * * * *",
};

/**
 * `heartbeat=0,20,40 * * * *; digest=off`, or `off` for all of them; what is not named keeps its usual time. Null where a
 * name is unknown, said twice, or has nothing behind it. Whether an expression is one is not looked at here.
 */
export function readSchedule(text: string): Schedule | null {
  if (text.trim() === "off") return Object.fromEntries(JOBS.map((job) => [job, null])) as unknown as Schedule;
  const said = new Map<JobName, string | null>();
  for (const part of text.split(";").filter((each) => each.trim() !== "")) {
    const [name = "", expression = ""] = part.split("=", 2).map((each) => each.trim());
    const job = JOBS.find((each) => each === name);
    if (job === undefined || expression === "" || said.has(job)) return null;
    said.set(job, expression === "off" ? null : expression.replaceAll(/\s+/g, " "));
  }
  return { ...USUAL_SCHEDULE, ...Object.fromEntries(said) };
}

/** What one run of a job came to. `skipped`: the one before it was still at work; `lost`: its process went away. */
export const JOB_OUTCOMES = ["well", "findings", "refused", "failed", "skipped", "lost"] as const;
export type JobOutcome = (typeof JOB_OUTCOMES)[number];

/** What a job says of its own run. */
export interface JobReport {
  readonly outcome: Extract<JobOutcome, "well" | "findings" | "refused">;
  readonly findings: number;
  /** One line for the record. */
  readonly detail: string;
}

/** The firing that is to be run now: the newest that has passed, unless it was taken. Older ones are not made up for. */
export function firingDue(newest: number | null, taken: number | null): number | null {
  return newest === null || (taken !== null && taken >= newest) ? null : newest;
}
