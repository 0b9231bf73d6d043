import { type JobTimes, jobTimes } from "../../commands/job-times.ts";
import type { JobRun } from "../../ports/job-runs.ts";
import type { VerbGroup } from "./cli.ts";
import { isoTime, printJson, printTable } from "./print.ts";

export const jobVerbs: VerbGroup = (program, cli) => {
  program
    .command("job")
    .description("look at the timed jobs")
    .command("list")
    .description("list the jobs: when each runs next, and what its last run came to")
    .option("--json", "print JSON: {jobs}")
    .action(({ json }: { readonly json?: boolean }) =>
      cli.inHouse(async (house) => {
        const jobs = await jobTimes(house);
        if (json === true) printJson(cli, { jobs: jobs.map(jobJson) });
        else printTable(cli, ["JOB", "NEXT", "LAST", "TOOK", "OUTCOME", "DETAIL"], jobs.map(jobRow));
        return 0;
      }),
    );
};

function jobRow({ job, next, last }: JobTimes) {
  const took = tookMs(last);
  return [
    job,
    isoTime(next) ?? "by hand",
    last === null ? null : `${isoTime(last.startedAt)}${last.scheduledAt === null ? " by hand" : ""}`,
    took === null ? null : `${took} ms`,
    last === null ? null : (last.outcome ?? "at work"),
    last?.detail,
  ];
}

function jobJson({ job, next, last }: JobTimes) {
  return { job, next: isoTime(next), last: last === null ? null : runJson(last) };
}

function runJson(run: JobRun) {
  return {
    scheduledAt: isoTime(run.scheduledAt),
    byHand: run.scheduledAt === null,
    actor: run.actor,
    startedAt: isoTime(run.startedAt),
    endedAt: isoTime(run.endedAt),
    durationMs: tookMs(run),
    outcome: run.outcome,
    findings: run.findings,
    detail: run.detail,
  };
}

function tookMs(run: JobRun | null): number | null {
  return run === null || run.endedAt === null ? null : run.endedAt - run.startedAt;
}
