import type { Route } from "./route.ts";
import type { RouteFacts } from "./route-facts.ts";
import type { Priority, Status } from "./task.ts";
import type { Finding } from "./validation.ts";

/**
 * What one run of the watch looks at: what SQL found worth looking at, read in one snapshot and decided by the checks.
 * Times are milliseconds since 1970 UTC, by the database's clock unless said otherwise; tasks and attempts are keys.
 */
export interface WatchFacts {
  readonly now: number;
  /** The process's own clock right before and right after the snapshot was read. */
  readonly clock: { readonly before: number; readonly after: number };
  /** What queue-validate says of the tasks, lanes and sessions that were suspect, and of the brief. */
  readonly findings: readonly Finding[];
  readonly lanes: readonly WatchedLane[];
  /** Open attempts that may be lapsed, silent or left behind. */
  readonly attempts: readonly WatchedAttempt[];
  /** Beats, and claims that say something of their session, that the gates refused lately; one sort counted together. */
  readonly refusedBeats: readonly RefusedBeat[];
  /** Blocked tasks whose condition may have cleared. */
  readonly cleared: readonly ClearedBlock[];
  /** Tasks that wait, through others, for one that was cancelled. */
  readonly stranded: readonly { readonly task: string; readonly cancelled: string }[];
  /** Tasks whose proof rotted and which are not done again since. */
  readonly rotted: readonly { readonly task: string; readonly at: number; readonly reason: string }[];
  /** Completions somebody claimed in a chat, lately, that the bot did not announce. */
  readonly claims: readonly ChatClaim[];
  /** Proofs that were due long ago, or asked again and again. */
  readonly overdueProofs: readonly OverdueProof[];
  /** Channels with deliveries that did not get through. */
  readonly stuckChannels: readonly StuckChannel[];
  /** Chat platforms of which something was kept, and is not answered for long. */
  readonly stuckInboxes: readonly StuckInbox[];
  /** Open tasks that failed or lapsed before. */
  readonly worn: readonly WornTask[];
  /** The last brief; null where none was ever made. */
  readonly brief: { readonly revision: number; readonly staleBecause: readonly string[] | null } | null;
  /** What was healed, or went away by itself, within a day and since a recurrence of it was last over. */
  readonly endings: readonly Ending[];
  /** Recurrences that stand. */
  readonly recurring: readonly StandingRecurrence[];
  /** Open attempts, and those of which something was seen lately: their routes as required, reported and observed. */
  readonly routes?: readonly RouteFacts[] | undefined;
  /** The last firing of each job that is scheduled; absent where nothing schedules. */
  readonly jobs?: readonly JobFacts[] | undefined;
  /** When the first job began that is on record; null where none ever did. */
  readonly jobsSince: number | null;
}

export interface WatchedLane {
  readonly name: string;
  readonly route: Route;
  readonly capacity: number;
  readonly pausedReason: string | null;
  readonly livingLeases: number;
  /** Of each priority that has one, the task that may be pulled longest. */
  readonly oldest: readonly {
    readonly priority: Priority;
    readonly task: string;
    readonly readyAt: number;
  }[];
  /** The newest claim lately seen, whatever became of it; null where none was. */
  readonly lastClaimAt: number | null;
  /** The claims lately made, of each priority the newest. */
  readonly claims: readonly { readonly priority: Priority; readonly task: string; readonly at: number }[];
}

export interface WatchedAttempt {
  readonly id: string;
  readonly task: string;
  readonly status: Status;
  readonly agent: string;
  readonly lane: string;
  readonly session: string;
  readonly route: Route;
  readonly startedAt: number;
  readonly leaseExpiresAt: number;
  readonly lastHeartbeatAt: number;
  /** How often a beat is expected, in milliseconds. */
  readonly heartbeatMs: number;
  /** How many attempts its agent holds open in this lane, and the one it claimed last. */
  readonly agentHolds: number;
  readonly agentNewest: string;
}

export interface RefusedBeat {
  readonly agent: string;
  /** The task the beat was sent to; null where that is not known. */
  readonly task: string | null;
  readonly lane: string | null;
  readonly code: string;
  /** The field that differed. */
  readonly field: string;
  readonly expected: string;
  readonly got: string;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface ClearedBlock {
  readonly task: string;
  readonly version: number;
  readonly kind: string;
  readonly question: string;
  readonly owner: string;
  readonly since: number;
  readonly notBefore: number | null;
  readonly dependencies: number;
  readonly openDependencies: number;
}

export interface ChatClaim {
  /** `platform:channel:message`. */
  readonly message: string;
  readonly author: string;
  /** The task it names, by key; null where it names none. */
  readonly task: string | null;
  /** How that task stands now; null where the queue does not know it. */
  readonly status: Status | null;
  readonly at: number;
}

export interface OverdueProof {
  readonly task: string;
  readonly status: Status;
  readonly requirement: string;
  readonly kind: string;
  readonly dueAt: number;
  readonly attachedAt: number;
  readonly checks: number;
  readonly reason: string | null;
}

export interface StuckChannel {
  /** `platform:name`. */
  readonly channel: string;
  readonly pending: number;
  readonly uncertain: number;
  readonly failed: number;
  readonly oldestAt: number;
  readonly error: string | null;
}

export interface StuckInbox {
  readonly platform: string;
  readonly waiting: number;
  readonly oldestAt: number;
  readonly error: string | null;
}

export interface WornTask {
  readonly task: string;
  readonly status: Status;
  readonly lane: string | null;
  readonly failures: number;
  readonly maxAttempts: number;
  readonly lapses: number;
  readonly maxLapses: number;
}

/** A contradiction that is over, or a lease that lapsed and was taken back. */
export interface Ending {
  readonly rule: string;
  readonly source: string;
  readonly at: number;
  readonly task: string | null;
  readonly session: string | null;
  readonly healed: boolean;
}

export interface StandingRecurrence {
  readonly rule: string;
  readonly source: string;
  readonly openedAt: number;
  /** When a run last had it stand. */
  readonly lastSeenAt: number;
  /** When its source was last changed: a lane, an agent, or what somebody says was mended elsewhere. */
  readonly changedAt: number | null;
  /** When what it is about was last so; now, where that stands as well. */
  readonly seenAt: number;
  /** What its record tells of so far: how often it came back, in which sessions and on which tasks. */
  readonly times: number;
  readonly sessions: readonly string[];
  readonly tasks: readonly string[];
}

export interface JobFacts {
  readonly job: string;
  /** When it should have run: the newest time of its schedule for which it cannot be late any more. */
  readonly dueAt: number;
  /** When it last began; null where it never did. */
  readonly startedAt: number | null;
}
