import { dispatchReadyWork } from "../commands/dispatch-ready-work.ts";
import { refreshing, validating, watching } from "../commands/job-work.ts";
import { postDigests } from "../commands/post-digests.ts";
import { postHeartbeats } from "../commands/post-heartbeats.ts";
import type { TimedJob } from "./scheduler.ts";

/** What the schedule runs. A job is a line here, beside its name in `core/schedule.ts`. */
export const timedJobs: readonly TimedJob[] = [
  { job: "heartbeat", run: (house) => postHeartbeats(house) },
  { job: "queue-validate", besideOthers: true, run: (house) => validating(house) },
  {
    job: "queue-operating-refresh",
    run: (house) => refreshing(house, { actor: "system:queue-operating-refresh" }),
  },
  { job: "autonomy-verify-watch", run: (house) => watching(house) },
  { job: "dispatch-ready-work", run: (house) => dispatchReadyWork(house) },
  { job: "digest", run: (house) => postDigests(house) },
];
