import type { Json } from "./json.ts";
import type { Requirement } from "./proof.ts";
import { GATES, type Gate } from "./refusal.ts";
import type { Route } from "./route.ts";
import { type Priority, STATUSES, type Status } from "./task.ts";

/** How many tasks of each list a brief names; what is beyond is counted. */
export const BRIEF_LIST = 50;

/** What a brief is made from, read in one look at a valid queue. Times are milliseconds since 1970 UTC. */
export interface BriefFacts {
  /** The last event the queue had. */
  readonly event: number;
  readonly totals: ReadonlyMap<Status, number>;
  readonly lanes: readonly BriefLane[];
  /** Blocked tasks that belong to no lane. */
  readonly unassigned: BriefList<BlockedTask>;
}

/** The first so many, and how many there are. */
export interface BriefList<T> {
  readonly count: number;
  readonly tasks: readonly T[];
}

export interface BriefLane {
  readonly name: string;
  readonly route: Route;
  readonly capacity: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly pausedReason: string | null;
  readonly livingLeases: number;
  /** In the order in which they are pulled. */
  readonly runnable: BriefList<RunnableTask>;
  readonly active: BriefList<ActiveTask>;
  /** Why the others wait: codes of the gate runnable-pull. */
  readonly waiting: readonly { readonly code: string; readonly count: number }[];
  readonly blocked: BriefList<BlockedTask>;
}

export interface RunnableTask {
  readonly key: string;
  readonly priority: Priority;
  readonly title: string;
  readonly acceptance: string;
  readonly requirements: readonly Requirement[];
}

export interface ActiveTask {
  readonly key: string;
  readonly title: string;
  readonly status: Status;
  readonly attempt: string;
  readonly agent: string;
  readonly session: string;
  readonly leaseExpiresAt: number;
}

export interface BlockedTask {
  readonly key: string;
  readonly title: string;
  readonly kind: string;
  readonly reason: string;
  readonly question: string;
  readonly choices: readonly string[];
  readonly owner: string;
  readonly since: number;
}

const OPERATING_RULES: Readonly<Record<Gate, string>> = {
  "queue-truth":
    "The queue is the truth: act on a task's row and version as they stand now, never on memory or on an earlier session.",
  "runnable-pull":
    "Pull only what is runnable: every dependency done, fields valid, not before its time, lane open and free, and your route exactly the lane's.",
  "heartbeat-trust":
    "Beat with exactly your lane, task, session, attempt, epoch and route; almost correct is wrong, and a lapsed lease is another's work.",
  "proof-before-done":
    "Nothing is done before every requirement of its policy has a passed proof of this attempt; effort and conviction prove nothing.",
};

/**
 * What agents read before they work, as plain JSON: the same facts give the same content, and its hash is taken of
 * `canonicalJson` of it. Times are ISO 8601 in UTC, lengths of time are seconds.
 */
export function briefContent(facts: BriefFacts): { readonly [field: string]: Json } {
  return {
    format: 1,
    event: facts.event,
    rules: GATES.map((gate) => ({ gate, rule: OPERATING_RULES[gate] })),
    totals: Object.fromEntries(STATUSES.map((status) => [status, facts.totals.get(status) ?? 0])),
    lanes: facts.lanes.map(laneContent),
    unassigned: { blocked: listContent(facts.unassigned, blockedContent) },
  };
}

function laneContent(lane: BriefLane): Json {
  return {
    name: lane.name,
    route: { provider: lane.route.provider, model: lane.route.model },
    capacity: lane.capacity,
    livingLeases: lane.livingLeases,
    leaseSeconds: lane.leaseMs / 1000,
    heartbeatEverySeconds: lane.heartbeatMs / 1000,
    paused: lane.pausedReason,
    runnable: listContent(lane.runnable, (task) => ({ ...task })),
    active: listContent(lane.active, ({ leaseExpiresAt, ...task }) => ({
      ...task,
      leaseExpiresAt: iso(leaseExpiresAt),
    })),
    waiting: lane.waiting.map(({ code, count }) => ({ code, count })),
    blocked: listContent(lane.blocked, blockedContent),
  };
}

function blockedContent({ since, ...task }: BlockedTask): Json {
  return { ...task, since: iso(since) };
}

function listContent<T>(list: BriefList<T>, content: (task: T) => Json): Json {
  return { count: list.count, tasks: list.tasks.map(content) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** One revision as it was written. Only `staleBecause` changes afterwards. */
export interface BriefRevision {
  readonly revision: number;
  /** Milliseconds since 1970 UTC. */
  readonly generatedAt: number;
  readonly generatedBy: string;
  readonly event: number;
  /** Of `content`, as UTF-8. */
  readonly sha256: string;
  /** Canonical JSON. */
  readonly content: string;
  /** Codes of the findings that kept a newer revision from being made; null where nothing did. */
  readonly staleBecause: readonly string[] | null;
}

/** The file beside the database, to the byte: whatever else stands there was not written by this product. */
export function briefFileText(brief: BriefRevision): string {
  const envelope = {
    revision: brief.revision,
    generatedAt: iso(brief.generatedAt),
    generatedBy: brief.generatedBy,
    sha256: brief.sha256,
    stale: brief.staleBecause !== null,
    ...(brief.staleBecause === null ? {} : { staleBecause: brief.staleBecause }),
    brief: JSON.parse(brief.content) as Json,
  };
  return `${JSON.stringify(envelope, null, 2)}\n`;
}
