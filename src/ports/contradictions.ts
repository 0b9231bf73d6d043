import type { Healing } from "../core/check.ts";
import type { Contradiction, ContradictionState, Reconciled } from "../core/contradiction.ts";
import type { Json } from "../core/json.ts";

/** What was mended, as it was before and after, and whether somebody took that back. Times are milliseconds since 1970 UTC. */
export interface HealingRecord {
  readonly id: number;
  readonly contradiction: number;
  readonly rule: string;
  readonly source: string;
  readonly task: string | null;
  readonly healing: Healing;
  readonly at: number;
  readonly before: { readonly [field: string]: Json };
  readonly after: { readonly [field: string]: Json };
  readonly undoneAt: number | null;
  readonly undoneBy: string | null;
}

/** Contradictions, their lives, and what was mended: all of it kept, nothing overwritten once it is over. */
export interface ContradictionStore {
  /** Those that are not over, oldest first. */
  standing(): Promise<readonly Contradiction[]>;
  /** In the order of their ids, after the id given. */
  list(filter: {
    readonly states: readonly ContradictionState[];
    readonly after: number;
    readonly limit: number;
  }): Promise<readonly Contradiction[]>;
  get(id: number): Promise<Contradiction | null>;
  /**
   * Opens and moves, in bounded batches, one event each where the log keeps it. What somebody else opened or moved
   * meanwhile is left as it is, and what was ended since `lookedAt` is not opened. Answers the records that were
   * written, as they now stand. A `requestId` is for one move alone: it goes onto its event, which the log takes once.
   */
  apply(
    steps: Reconciled,
    actor: string,
    lookedAt: number,
    requestId?: string,
  ): Promise<readonly Contradiction[]>;
  /** Records about which there is something people have not been told. */
  untold(limit: number): Promise<readonly Contradiction[]>;
  /** `told` false: nothing was said of it, and nothing need be. Where it moved meanwhile it stays untold. */
  told(
    records: readonly { readonly id: number; readonly revision: number; readonly told: boolean }[],
  ): Promise<void>;
  /** The notice each of these became, by the contradiction's id. */
  notices(ids: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** Keeps what was mended; a second entry for the same contradiction changes nothing. */
  journal(
    entry: Pick<HealingRecord, "contradiction" | "task" | "healing" | "before" | "after">,
  ): Promise<void>;
  /** The newest first. */
  healings(limit: number): Promise<readonly HealingRecord[]>;
  healing(id: number): Promise<HealingRecord | null>;
  /** By the contradiction's id: of each that was mended, what was done. */
  healingsOf(contradictions: readonly number[]): Promise<ReadonlyMap<number, HealingRecord>>;
  /** Marks it as taken back; false where it was so already. */
  undone(id: number, by: string): Promise<boolean>;
  /** Conditions, as `conditionOf` names them, whose mending a person took back within a week: hands off. */
  undoneConditions(): Promise<ReadonlySet<string>>;
  /** Keeps a message that announces a completion. The same message twice is one. */
  claimed(claim: {
    readonly message: string;
    readonly author: string;
    readonly task: string | null;
  }): Promise<void>;
  /** Notes that a source was changed where this product cannot see it, such as in an agent's own settings. */
  sourceChanged(source: string, note: string, actor: string, requestId?: string): Promise<void>;
}
