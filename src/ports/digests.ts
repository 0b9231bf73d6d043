import type { DigestCounts, Window } from "../core/digest.ts";

/** The one place where the figures of a digest are counted, from the event log and the refusals. */
export interface DigestStore {
  /** `lanes` null counts all; what is of no lane counts for each. */
  count(window: Window, lanes: readonly string[] | null): Promise<DigestCounts>;
}
