import type { Check } from "../core/check.ts";
import { activeWithoutLease } from "./active-without-lease.ts";
import { agentInTwoPlaces } from "./agent-in-two-places.ts";
import { attemptsRunningOut } from "./attempts-running-out.ts";
import { beatOfAnother } from "./beat-of-another.ts";
import { blockedThoughCleared } from "./blocked-though-cleared.ts";
import { blockedWithoutQuestion } from "./blocked-without-question.ts";
import { briefStale } from "./brief-stale.ts";
import { claimInChat } from "./claim-in-chat.ts";
import { clockSkew } from "./clock-skew.ts";
import { dependencyBroken } from "./dependency-broken.ts";
import { doneWithoutProof } from "./done-without-proof.ts";
import { idleLane } from "./idle-lane.ts";
import { inboxStuck } from "./inbox-stuck.ts";
import { jobMissed } from "./job-missed.ts";
import { leaseLapsed } from "./lease-lapsed.ts";
import { outboxStuck } from "./outbox-stuck.ts";
import { overCapacity } from "./over-capacity.ts";
import { proofRotted } from "./proof-rotted.ts";
import { recurrence } from "./recurrence.ts";
import { routeDrift } from "./route-drift.ts";
import { routeErrorAsBilling } from "./route-error-as-billing.ts";
import { silentAttempt } from "./silent-attempt.ts";
import { starvedPriority } from "./starved-priority.ts";
import { strandedTask } from "./stranded-task.ts";
import { taintedAttempt } from "./tainted-attempt.ts";
import { verificationStuck } from "./verification-stuck.ts";

/** Every rule of the watch. A new one is one file here and one line below. */
export const allChecks: readonly Check[] = [
  activeWithoutLease,
  leaseLapsed,
  silentAttempt,
  beatOfAnother,
  routeDrift,
  taintedAttempt,
  routeErrorAsBilling,
  doneWithoutProof,
  proofRotted,
  claimInChat,
  blockedWithoutQuestion,
  blockedThoughCleared,
  dependencyBroken,
  strandedTask,
  overCapacity,
  agentInTwoPlaces,
  idleLane,
  starvedPriority,
  briefStale,
  jobMissed,
  outboxStuck,
  inboxStuck,
  verificationStuck,
  clockSkew,
  attemptsRunningOut,
  recurrence,
];
