import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

/** Nobody expects a job at a time when none had ever run yet: only a house that was at work can miss one. */
export const jobMissed = defineCheck({
  rule: "job-missed",
  title: "A job missed its time",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: ({ jobs = [], jobsSince }) =>
    jobs
      .filter(({ dueAt, startedAt }) => jobsSince !== null && dueAt > jobsSince && (startedAt ?? 0) < dueAt)
      .map(({ job, dueAt, startedAt }) => ({
        key: job,
        source: sourceOf({ other: `job:${job}` }),
        detail: `${job} should have run at ${new Date(dueAt).toISOString()} and ${startedAt === null ? "never did" : `last did at ${new Date(startedAt).toISOString()}`}.`,
        data: { job, dueAt, startedAt },
      })),
});
