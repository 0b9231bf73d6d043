/** How honest a stretch of time was. */
export interface IntegrityFigures {
  /** Tasks that were completed by proof. */
  readonly completed: number;
  /** Completions whose proof did not hold afterwards: each was corrected where it had been announced. */
  readonly corrected: number;
  /** What the four gates refused; of very many the newest are counted. */
  readonly refused: number;
  /** Proofs that were looked at before done and failed. */
  readonly proofsFailed: number;
}

export interface IntegrityStore {
  /** What happened here since then, in milliseconds since 1970 UTC; what was imported happened elsewhere. */
  integrity(since: number): Promise<IntegrityFigures>;
}
