import type { FloorFacts } from "../core/floor.ts";
import type { Needs } from "../core/need.ts";

export interface FloorFilter {
  /** Only these lanes; null for all. What is of no lane is in every answer. */
  readonly lanes: readonly string[] | null;
  /** How many of each list. */
  readonly limit: number;
}

/** What goes on and who is needed, each answer from one snapshot. */
export interface FloorStore {
  needs(filter: FloorFilter): Promise<Needs>;
  floor(filter: FloorFilter): Promise<FloorFacts>;
}
