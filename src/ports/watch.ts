import type { WatchFacts } from "../core/watch-facts.ts";
import type { Stretch } from "./validation.ts";

/** One snapshot of what the watch looks at, and the tasks that are to be judged whole. */
export interface WatchLook extends Omit<WatchFacts, "clock" | "findings"> {
  /** Ids of tasks that queue-validate may have something to say about, in rising order. */
  readonly suspects: readonly number[];
  /** The highest id of a task; 0 where there is none. */
  readonly lastTask: number;
  /** Dependencies on a later task: without one there is no circle. */
  readonly forward: number;
}

/** Where the watch looks: through indexes at what may be wrong. Never misses what a check would see, up to a bound a rule. */
export interface WatchStore {
  /** `returning`: the rules whose every end counts towards recurrence. */
  look(returning: readonly string[]): Promise<WatchLook>;
  /** Done tasks of the stretch that lack a proof or the record of their completion. Lets the event loop turn first. */
  unproved(stretch: Stretch): Promise<readonly number[]>;
}
