import type { JobFiring } from "../../commands/run-job.ts";
import type { JobName } from "../../core/schedule.ts";
import type { Cli } from "./cli.ts";

/** A job run by hand: for no firing, and on record under whoever ran it. */
export function byHand(job: JobName, cli: Cli): JobFiring {
  return { job, scheduledAt: null, actor: cli.caller.actor };
}
