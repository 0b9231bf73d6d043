import { agentVerbs } from "./agent.ts";
import { auditVerbs } from "./audit.ts";
import type { VerbGroup } from "./cli.ts";
import { digestVerb } from "./digest.ts";
import { discordVerbs } from "./discord.ts";
import { dispatchVerb } from "./dispatch.ts";
import { doctorVerb } from "./doctor.ts";
import { epicVerbs } from "./epic.ts";
import { heartbeatVerb } from "./heartbeat.ts";
import { initVerb } from "./init.ts";
import { jobVerbs } from "./job.ts";
import { laneVerbs } from "./lane.ts";
import { policyVerbs } from "./policy.ts";
import { queueVerbs } from "./queue.ts";
import { roleVerbs } from "./role.ts";
import { routeVerbs } from "./route.ts";
import { serveVerb } from "./serve.ts";
import { slackVerbs } from "./slack.ts";
import { taskVerbs } from "./task.ts";
import { transferVerbs } from "./transfer.ts";
import { watchVerbs } from "./watch.ts";

/** Every verb of the command line, in the order help lists them. A new group is one file here and one line below. */
export const verbGroups: readonly VerbGroup[] = [
  serveVerb,
  initVerb,
  doctorVerb,
  taskVerbs,
  epicVerbs,
  laneVerbs,
  policyVerbs,
  agentVerbs,
  roleVerbs,
  routeVerbs,
  transferVerbs,
  queueVerbs,
  watchVerbs,
  jobVerbs,
  heartbeatVerb,
  digestVerb,
  dispatchVerb,
  auditVerbs,
  slackVerbs,
  discordVerbs,
];
