import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

/** How late a job may begin, in milliseconds. */
const LATE_MS = 15 * 60_000;

export const jobMissed = defineCheck({
  rule: "job-missed",
  title: "A job missed its time",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: ({ jobs }, now) =>
    (jobs ?? [])
      .filter(({ dueAt, startedAt }) => now - dueAt > LATE_MS && (startedAt ?? 0) < dueAt)
      .map(({ job, dueAt, startedAt }) => ({
        key: job,
        source: sourceOf({ other: `job:${job}` }),
        detail: `${job} should have run at ${new Date(dueAt).toISOString()} and ${startedAt === null ? "never did" : `last did at ${new Date(startedAt).toISOString()}`}.`,
        data: { job, dueAt, startedAt },
      })),
});
