import type { GuardRecord, LaneRecord, SessionRecord, TaskRecord } from "../core/validation/record.ts";

/** Where the walk begins and ends. Ids ascend and are never given again. */
export interface QueueExtent {
  /** By the database's clock, in milliseconds since 1970 UTC. */
  readonly now: number;
  readonly tasks: number;
  /** The highest id; 0 where there is no task. */
  readonly lastId: number;
}

export interface Stretch {
  /** From and to this id, both included. */
  readonly first: number;
  readonly last: number;
}

export interface StretchOptions extends Stretch {
  /** Requirements already found fit, as their JSON text: they are not answered again. */
  readonly fit: readonly string[];
  /** Trust no unique index: the guards are not what they should be. */
  readonly thorough: boolean;
}

/** Tasks that rules may have something to say about, from one snapshot. */
export interface Suspects {
  /** Codes of rules, by task id. */
  readonly tasks: readonly Suspect[];
  /** Requirements of tasks that may yet be verified, as JSON text, without those already found fit. May repeat. */
  readonly requirements: readonly string[];
  /** Dependencies on a later task: without one there is no cycle. */
  readonly forward: number;
}

export interface Suspect {
  readonly id: number;
  readonly codes: readonly string[];
}

/**
 * The whole queue, in stretches: SQL narrows, core decides. A stretch is one snapshot, the walk is not; what is
 * suspected is read again whole before it is judged, so that no finding is made of two moments.
 */
export interface ValidationStore {
  extent(): Promise<QueueExtent>;
  /** Never misses a task that core has a finding about; may name more. Lets the event loop turn before it reads. */
  suspects(options: StretchOptions): Promise<Suspects>;
  /** Tasks of the stretch with one of these requirements, given as JSON text. */
  tasksRequiring(stretch: Stretch, requirements: readonly string[]): Promise<readonly number[]>;
  /** In the order of ids; what is not there is left out. */
  records(ids: readonly number[]): Promise<readonly TaskRecord[]>;
  lanes(): Promise<readonly LaneRecord[]>;
  /** Sessions that hold more than one attempt open. */
  sessions(): Promise<readonly SessionRecord[]>;
  /** AUTO-COMPLETE notices that are about no task, by id. */
  strayAnnouncements(): Promise<readonly number[]>;
  /** Pairs of task and what it depends on, laid flat. */
  dependencies(stretch: Stretch): Promise<readonly number[]>;
  /** The same among these tasks alone, in one snapshot, with their keys. */
  dependenciesAmong(
    ids: readonly number[],
  ): Promise<{ readonly edges: readonly number[]; readonly keys: ReadonlyMap<number, string> }>;
  /** Triggers and indexes that are not as the migrations left them. */
  guards(): Promise<readonly GuardRecord[]>;
}
