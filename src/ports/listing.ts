import type { Attempt } from "../core/attempt.ts";
import type { Proof } from "../core/proof.ts";
import type { Priority, Status, Task } from "../core/task.ts";
import type { EventRecord } from "./log.ts";
import type { TaskFilter } from "./queue.ts";

/** A task as a line of a list. Times are milliseconds since 1970 UTC. */
export interface TaskSummary {
  readonly key: string;
  readonly title: string;
  readonly epic: string;
  readonly lane: string | null;
  readonly priority: Priority;
  readonly status: Status;
  readonly version: number;
  /** Nothing of the gate runnable-pull stands against it now, of its own or of its lane's. */
  readonly runnable: boolean;
  readonly openDependencies: number;
  readonly attempts: number;
  readonly notBefore: number | null;
  readonly completion: Task["completion"];
  /** Who has it now: the open attempt. */
  readonly holder: {
    readonly attempt: string;
    readonly agent: string;
    readonly session: string;
    readonly leaseExpiresAt: number;
    readonly lastHeartbeatAt: number;
  } | null;
  readonly block: {
    readonly kind: string;
    readonly reason: string;
    readonly owner: string;
    readonly question: string;
  } | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** `next` goes into the filter's `after` for the page that follows; null where there is none. */
export interface TaskPage {
  readonly tasks: readonly TaskSummary[];
  readonly next: number | null;
}

export interface TaskCount {
  readonly status: Status;
  readonly lane: string | null;
  readonly tasks: number;
}

/** Everything that ever happened to one task: nothing of it is overwritten. */
export interface TaskHistory {
  readonly attempts: readonly Attempt[];
  readonly proofs: readonly (Proof & { readonly superseded: boolean })[];
  /** Oldest first; of a very long history the newest. */
  readonly events: readonly EventRecord[];
}

/** Who waits for a task. Of each count the first keys are named, in the order of creation. */
export interface Dependents {
  /** Not over themselves, at first hand or through others that are not over: what would be stranded with it. */
  readonly waiting: { readonly tasks: number; readonly keys: readonly string[] };
  /** At first hand alone, by their own status. */
  readonly direct: readonly {
    readonly status: Status;
    readonly tasks: number;
    readonly keys: readonly string[];
  }[];
}

/** The read side that people and scripts look at; decisions read `QueueStore.task`. */
export interface TaskListing {
  /**
   * In the order of creation, so that a walk by `next` sees each task once, whatever is added or changed meanwhile.
   * `text` is looked for in key and title, upper and lower case of ASCII letters alike. `limit` is at least 1.
   */
  list(filter: TaskFilter): Promise<TaskPage>;
  /**
   * How many tasks stand in each status of each lane; pairs without a task are absent. Of a queue so deep that counting
   * takes long, as they stood at most twenty times as long ago.
   */
  counts(): Promise<readonly TaskCount[]>;
  /** Null where there is no such task. */
  history(key: string): Promise<TaskHistory | null>;
  /** Nobody where there is no such task. */
  dependents(key: string): Promise<Dependents>;
}
