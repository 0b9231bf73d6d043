import type { Json } from "../json.ts";
import type { Proof, Requirement } from "../proof.ts";
import type { Task } from "../task.ts";

/**
 * One task with all that hangs on it, read in one snapshot and believed in nothing: a hand may have written any of it.
 * Times are milliseconds since 1970 UTC.
 */
export interface TaskRecord {
  readonly now: number;
  /** `status` may be a word that is no status; `priority` is undefined where the number is none. */
  readonly task: Task;
  /** As it stands in the row. */
  readonly priorityNumber: number;
  /** The derived column, to be held against `task.dependencies`. */
  readonly openDependencies: number;
  /** The current proofs of the last attempt. */
  readonly proofs: readonly Proof[];
  /** How many of them are due to be verified, now or later. */
  readonly proofsDue: number;
  readonly openAttempts: readonly OpenAttempt[];
  readonly events: {
    readonly count: number;
    /** Null where there is no event at all. */
    readonly first: number | null;
    readonly last: number | null;
  };
  /** Its `task.completed` events. `attempt` null: none was named. */
  readonly completions: readonly { readonly event: number; readonly attempt: number | null }[];
  /** Its AUTO-COMPLETE notices. */
  readonly announcements: readonly { readonly notice: number; readonly event: number | null }[];
  /** Keys of what it waits for in a source, and what is not here. */
  readonly dangling: readonly string[];
}

interface OpenAttempt {
  readonly id: string;
  readonly epoch: number;
  readonly session: string;
  readonly leaseExpiresAt: number;
  readonly policyHash: string;
}

/** What is wrong with one requirement of a policy, by the verifier of its kind; null where it may stand. */
export type RequirementFinding =
  | { readonly unknown: true; readonly known: readonly string[] }
  | { readonly unknown: false; readonly field: string; readonly expected: string; readonly got: Json };

export type JudgeRequirement = (requirement: Requirement) => RequirementFinding | null;

export interface LaneRecord {
  readonly name: string;
  readonly capacity: number;
  readonly pausedReason: string | null;
  readonly livingLeases: number;
  /** When the newest of the living leases was claimed; null where there is none. */
  readonly newestClaimAt: number | null;
  readonly changedAt: number;
  /** Queued tasks of priority P0. */
  readonly urgent: number;
}

/** A session and the attempts it holds open, by id. */
export interface SessionRecord {
  readonly session: string;
  readonly attempts: readonly string[];
}

/** Triggers and indexes that the schema has, and the database has not, or has otherwise. */
export interface GuardRecord {
  readonly name: string;
  readonly state: "missing" | "altered";
}
