import type { Attempt } from "../core/attempt.ts";
import type { Change } from "../core/change.ts";
import type { Beat } from "../core/gates/heartbeat-trust.ts";
import type { PullFacts } from "../core/gates/runnable-pull.ts";
import type { Proof, Requirement } from "../core/proof.ts";
import type { Refusal } from "../core/refusal.ts";
import type { SeenCall } from "../core/route-facts.ts";
import type { Lane, Limits, Priority, Status, Task } from "../core/task.ts";

/** Everything a decision about one task needs, read in one snapshot. `now` is the database's clock, in milliseconds. */
export interface TaskFacts {
  readonly now: number;
  readonly task: Task;
  readonly lane: Lane | null;
  /** The attempt asked for; else the open one; else the last; null where nobody ever tried. */
  readonly attempt: Attempt | null;
  /** The current proofs of that attempt, one at most a requirement. */
  readonly proofs: readonly Proof[];
  /** The actor of the task's first event. */
  readonly createdBy: string;
  /** Calls of that attempt that were seen answered; read only where its lane demands observation. */
  readonly observed: readonly SeenCall[];
}

/** What a change became. */
export interface Committed {
  readonly version: number;
  readonly at: number;
  /** The facts right after, where they follow from those the change was decided on: what its holder goes on with. */
  readonly facts: TaskFacts | null;
}

export interface ClaimRequest {
  readonly lane: string;
  readonly agent: string;
  readonly session: string;
  readonly route: { readonly provider: string; readonly model: string };
  readonly requestId?: string | undefined;
}

/** A task as it enters: everything validated, lanes and dependencies resolved by key. */
export interface NewTask {
  readonly epic: string;
  readonly lane: string | null;
  readonly priority: Priority;
  readonly status: "draft" | "queued" | "blocked" | "cancelled" | "done";
  readonly title: string;
  readonly body: string;
  readonly acceptance: string;
  readonly requirements: readonly Requirement[];
  readonly policyHash: string;
  readonly dependencies: readonly string[];
  readonly notBefore: number | null;
  readonly limits: Limits;
  readonly event: { readonly kind: string; readonly actor: string; readonly requestId?: string | undefined };
}

/** Why a lane gives nothing now: a code of the gate runnable-pull, and how many tasks it holds back. */
export interface Skipped {
  readonly code: string;
  readonly count: number;
}

/**
 * The queue: tasks and attempts, changed one guarded batch at a time. All implementations are the same store on another
 * URL, held together by the contract suite in `test/contract/`.
 */
export interface QueueStore {
  task(key: string): Promise<TaskFacts | null>;
  /** By attempt id (`CLIP-12.2`), ended ones as well. */
  attempt(id: string): Promise<TaskFacts | null>;
  /**
   * What this process itself last saw of an open attempt, a few seconds ago at the most. Good for a decision the guard
   * will confirm; never for a refusal, and never shown to anybody.
   */
  remembered(attempt: string): TaskFacts | null;
  /**
   * Null where the guard matched no row: read again, decide again. A twin's refusal comes back as a value. With `before`,
   * the facts it was decided on, what holds afterwards is remembered without a read.
   */
  commit(change: Change, before?: TaskFacts): Promise<Committed | Refusal | null>;
  add(task: NewTask): Promise<string | Refusal>;
  /** The oldest runnable task of the highest priority, leased to this session; null where the guards let nothing through. */
  claim(request: ClaimRequest): Promise<TaskFacts | null>;
  /** What `mayPull` asks about; null where there is no such lane or agent. */
  pullFacts(request: ClaimRequest): Promise<(PullFacts & { readonly now: number }) | null>;
  skipped(lane: string): Promise<readonly Skipped[]>;
  /** Whether any task of the lane stands in the runnable index, whoever asks. */
  hasRunnable(lane: string): Promise<boolean>;
  /** Renews where every field matches and the lease lives: the new expiry and the cadence; null where the guard refused. */
  beat(beat: Beat & { readonly agent: string; readonly note?: string | undefined }): Promise<number | null>;
  /** Open attempts whose lease lapsed, oldest first; verifying ones are left to their verdict. */
  lapsed(limit: number): Promise<readonly string[]>;
  /** Tasks whose not-before has passed become ready; how many. */
  promote(): Promise<number>;
  now(): Promise<number>;
}

export interface TaskFilter {
  readonly status?: Status | undefined;
  readonly lane?: string | undefined;
  readonly epic?: string | undefined;
  readonly runnable?: boolean | undefined;
  readonly text?: string | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}
