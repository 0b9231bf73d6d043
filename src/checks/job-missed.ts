import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

/** Told of a house where some job runs: where none ever did, nobody expects one. */
export const jobMissed = defineCheck({
  rule: "job-missed",
  title: "A job missed its time",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: ({ jobs = [] }) =>
    jobs
      .filter(
        ({ dueAt, startedAt }) => (startedAt ?? 0) < dueAt && jobs.some((one) => one.startedAt !== null),
      )
      .map(({ job, dueAt, startedAt }) => ({
        key: job,
        source: sourceOf({ other: `job:${job}` }),
        detail: `${job} should have run at ${new Date(dueAt).toISOString()} and ${startedAt === null ? "never did" : `last did at ${new Date(startedAt).toISOString()}`}.`,
        data: { job, dueAt, startedAt },
      })),
});
