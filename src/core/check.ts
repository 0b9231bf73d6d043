import type { RuleFacts, Sighting } from "./contradiction.ts";
import type { WatchFacts } from "./watch-facts.ts";

/** What the watch may do by itself, each a guarded command that people use as well. */
export const HEALINGS = ["reclaim", "unblock", "refresh-brief", "verify-again"] as const;
export type Healing = (typeof HEALINGS)[number];

/** One rule of the watch: a file in `src/checks/` and a line in its `all.ts`. */
export interface Check extends RuleFacts {
  /** Stable, kebab-case: records and events are kept under it. */
  readonly rule: string;
  /** A few words, for the head of a message. */
  readonly title: string;
  /** What mends it, where that is safe; null: a person does. */
  readonly healing: Healing | null;
  /** It ends by itself and comes back, so each end counts towards recurrence although nobody healed it. */
  readonly returns?: true;
  /** Pure: the same facts at the same time give the same sightings, in the same order. */
  readonly look: (facts: WatchFacts, now: number) => readonly Sighting[];
}

/** A check from its definition; sightings need not repeat the rule's name. */
export function defineCheck(
  definition: Omit<Check, "look"> & {
    readonly look: (facts: WatchFacts, now: number) => readonly Omit<Sighting, "rule">[];
  },
): Check {
  const { rule, look } = definition;
  return { ...definition, look: (facts, now) => look(facts, now).map((seen) => ({ rule, ...seen })) };
}
