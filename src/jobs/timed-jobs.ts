import { refreshing, validating } from "../commands/job-work.ts";
import type { TimedJob } from "./scheduler.ts";

/** What the schedule runs. A job is a line here, beside its name in `core/schedule.ts`. */
export const timedJobs: readonly TimedJob[] = [
  { job: "queue-validate", besideOthers: true, run: (house) => validating(house) },
  {
    job: "queue-operating-refresh",
    run: (house) => refreshing(house, { actor: "system:queue-operating-refresh" }),
  },
];
