import type { AttemptOutcome } from "./attempt.ts";
import type { Json } from "./json.ts";
import type { NewNotice } from "./notice.ts";
import type { Requirement, Verdict } from "./proof.ts";
import type { Block, Priority, Status } from "./task.ts";

/** What happened, for the log: one a version of a task. `actor` is `agent:NAME`, `person:PLATFORM:ID` or `system:JOB`. */
export interface NewEvent {
  readonly kind: string;
  readonly actor: string;
  readonly data: { readonly [field: string]: Json };
  /** From an Idempotency-Key, so that a repeated request finds what it did the first time. */
  readonly requestId?: string | undefined;
}

/** Columns of the task's own row. Absent fields stay as they are. */
export interface TaskPatch {
  readonly status?: Status;
  readonly priority?: Priority;
  readonly lane?: number;
  readonly epic?: number;
  readonly epoch?: number;
  readonly failures?: number;
  readonly lapses?: number;
  readonly maxAttempts?: number;
  readonly maxLapses?: number;
  readonly notBefore?: number | null;
  readonly policyHash?: string;
  readonly completion?: "proved" | "attested" | null;
}

export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly reason: string;
}

export interface NewProof {
  readonly requirement: string;
  readonly kind: string;
  readonly uri: string;
  /** The proof of the same requirement that stood until now, by id. */
  readonly supersedes: number | null;
  /** The chat message that attached it, as `platform:channel:message`, to be answered there. */
  readonly replyTo?: string | undefined;
}

/**
 * One state change, decided by core and written by the store as one batch: the guard, the row, its side rows, exactly
 * one event, and what is to be announced. Where the guard matches no row, nothing at all is written.
 */
export interface Change {
  readonly task: number;
  /** queue-truth: the version the decision was based on. */
  readonly version: number;
  /** The attempt the change is about, by number. */
  readonly attempt?: number;
  /** heartbeat-trust: asked again by the database's clock at the moment of writing. */
  readonly lease?: "living" | "lapsed";
  readonly set: TaskPatch;
  readonly event: NewEvent;
  readonly end?: AttemptEnd;
  /** At submit: what the attempt stands on. */
  readonly proofSetHash?: string;
  readonly addProofs?: readonly NewProof[];
  /** A person's word on a requirement of kind human, for the proofs as they stand. */
  readonly approval?: {
    readonly requirement: string;
    readonly proofSetHash: string;
    readonly person: string;
  };
  /** A verifier's finding on one proof. */
  readonly verdict?: { readonly proof: number } & Verdict;
  /** Proofs of this attempt that are to be checked (again), by id. */
  readonly verify?: readonly number[];
  readonly texts?: { readonly title: string; readonly body: string; readonly acceptance: string };
  readonly requirements?: readonly Requirement[];
  readonly dependencies?: readonly number[];
  /** A block that is only changed keeps since when it has stood. */
  readonly block?: (Omit<Block, "since"> & { readonly since?: number }) | null;
  readonly notices?: readonly NewNotice[];
}
