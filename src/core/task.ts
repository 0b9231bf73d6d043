import type { Dispatch } from "./dispatch.ts";
import type { Requirement } from "./proof.ts";
import type { Route } from "./route.ts";
import type { Observe } from "./route-facts.ts";

export const STATUSES = [
  "draft",
  "queued",
  "offered",
  "active",
  "verifying",
  "blocked",
  "done",
  "dead",
  "cancelled",
] as const;
export type Status = (typeof STATUSES)[number];

/** Offered, active and verifying tasks have exactly one open attempt; all others none. */
export const IN_FLIGHT: readonly Status[] = ["offered", "active", "verifying"];

export const PRIORITIES = ["P0", "P1", "P2", "P3", "P4"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What a task may still cost. Counted apart: a failure is the work's own, a lapse is lost infrastructure. */
export interface Limits {
  readonly maxAttempts: number;
  readonly maxLapses: number;
}
export const DEFAULT_LIMITS: Limits = { maxAttempts: 3, maxLapses: 10 };

/** Why a blocked task waits for a person, and the one question that would free it. */
export interface Block {
  readonly kind: string;
  readonly reason: string;
  readonly owner: string;
  readonly question: string;
  readonly choices: readonly string[];
  readonly since: number;
}

export interface Task {
  readonly id: number;
  readonly key: string;
  readonly epic: string;
  readonly lane: string | null;
  readonly priority: Priority;
  readonly status: Status;
  readonly version: number;
  /** The fencing token: raised by each claim and each reclaim. */
  readonly epoch: number;
  /** How many attempts were ever opened. */
  readonly attempts: number;
  readonly failures: number;
  readonly lapses: number;
  readonly limits: Limits;
  readonly notBefore: number | null;
  /** Since when it may be pulled; null while it waits for a time or a dependency. Derived by the store. */
  readonly readyAt: number | null;
  readonly policyHash: string;
  readonly completion: "proved" | "attested" | null;
  readonly title: string;
  readonly body: string;
  readonly acceptance: string;
  readonly block: Block | null;
  readonly requirements: readonly Requirement[];
  readonly dependencies: readonly Dependency[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Dependency {
  readonly key: string;
  readonly status: Status;
}

export interface Lane {
  readonly id: number;
  readonly name: string;
  readonly route: Route;
  readonly capacity: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly dispatch: Dispatch;
  readonly pausedReason: string | null;
  readonly version: number;
  /** Whether its attempts must be seen by an instrument before they can be done. */
  readonly observe: Observe;
  /** Other names the provider gives its model, spelled out one by one. */
  readonly routeAliases: readonly string[];
}

export interface Epic {
  readonly id: number;
  readonly key: string;
  readonly title: string;
  readonly goal: string;
}

/** One edge of the state machine: who walks it and under which condition. `docs/state-machine.md` draws this table. */
export interface Transition {
  readonly from: Status;
  readonly to: Status;
  readonly guard: string;
}

const OPEN: readonly Status[] = ["draft", "queued", "offered", "active", "verifying", "blocked", "dead"];

export const TRANSITIONS: readonly Transition[] = [
  { from: "draft", to: "queued", guard: "fields valid, acceptance present, policy has a requirement" },
  { from: "queued", to: "draft", guard: "a person takes it back" },
  {
    from: "queued",
    to: "offered",
    guard: "dispatch only; an offer lapses unless a first heartbeat comes in time",
  },
  { from: "queued", to: "active", guard: "one guarded statement: epoch + 1, attempt row, lease" },
  { from: "offered", to: "active", guard: "the first heartbeat of that attempt" },
  { from: "active", to: "verifying", guard: "current epoch, living lease, a proof for every requirement" },
  {
    from: "verifying",
    to: "done",
    guard: "the system alone: every requirement passed on this attempt, same policy and proof set",
  },
  { from: "verifying", to: "active", guard: "a proof failed and the holder's lease lives" },
  { from: "verifying", to: "queued", guard: "a proof failed and the lease is gone; epoch + 1" },
  { from: "verifying", to: "dead", guard: "a proof failed, the lease is gone and attempts are used up" },
  { from: "offered", to: "queued", guard: "released, or the offer lapsed; epoch + 1" },
  { from: "active", to: "queued", guard: "released, or the lease lapsed; epoch + 1" },
  { from: "active", to: "dead", guard: "attempts used up: dead letter" },
  { from: "queued", to: "blocked", guard: "a kind, a reason, an owner and one question" },
  { from: "active", to: "blocked", guard: "a kind, a reason, an owner and one question; the attempt ends" },
  {
    from: "blocked",
    to: "queued",
    guard: "a person unblocks or answers, or the condition clears; fields valid",
  },
  { from: "dead", to: "queued", guard: "a person requeues" },
  { from: "done", to: "queued", guard: "proof rotted, or a person reopens" },
  ...OPEN.map((from): Transition => ({ from, to: "cancelled", guard: "a person, with a reason" })),
];

export function mayMove(from: Status, to: Status): boolean {
  return TRANSITIONS.some((edge) => edge.from === from && edge.to === to);
}

/** How long a task rests after its n-th failed or lapsed attempt, in milliseconds: 1 s, 2 s, 4 s … at most 10 minutes. */
export function backoffMs(tries: number): number {
  return Math.min(1000 * 2 ** Math.max(0, Math.min(tries - 1, 20)), 600_000);
}

/** An epic's key: `CLIP`. A task's key is its epic's, a dash and a number: `CLIP-12`. */
export const EPIC_KEY = /^[A-Z][A-Z0-9]{0,23}$/;
export const TASK_KEY = /^[A-Z][A-Z0-9]{0,23}-[1-9][0-9]{0,8}$/;
/** The epic of tasks that name none. */
export const DEFAULT_EPIC = "GATE";
