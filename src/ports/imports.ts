import type { ArchivedRoster, ArchivedTask } from "../core/archive.ts";
import type { Arrival, EpicOrder, Here, Question } from "../core/import/arrival.ts";
import type { Refusal } from "../core/refusal.ts";

/** The way in and out of the queue in bulk. What stands is never changed by it. */
export interface ImportStore {
  look(question: Question): Promise<Here>;
  /** The key of the task an external id became, whatever the source; null where none did. */
  byExternalId(id: string): Promise<string | null>;
  /**
   * Adds the epics that are missing and sets numbers aside, so that keys follow the order of the source whatever order
   * the tasks are written in. Answers the last number before those set aside, by epic.
   */
  reserve(epics: readonly EpicOrder[], actor: string): Promise<ReadonlyMap<string, number>>;
  /** Adds lanes, epics, agents and events of an archive where they are missing; what is here stays as it is. */
  furnish(roster: ArchivedRoster): Promise<void>;
  /**
   * Writes up to some hundreds of tasks as one batch; what they wait for is here or among them. Null where they stand; where
   * anything forbids one of them, nothing is written and the refusal says what.
   */
  admit(arrivals: readonly Arrival[]): Promise<Refusal | null>;
  roster(): Promise<ArchivedRoster>;
  /** Tasks with a key after this one, in the order of keys, each with its history, in one snapshot. */
  tasks(after: string, limit: number): Promise<readonly ArchivedTask[]>;
}
