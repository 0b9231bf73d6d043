/** One test as a report tells it. `names` are all the ways a policy may call it. */
export interface ReportedTest {
  readonly names: readonly string[];
  readonly outcome: "passed" | "failed" | "skipped";
}

/** What a report says, whatever its format. */
export interface Report {
  readonly tests: readonly ReportedTest[];
  /** Failures that belong to no single test: a suite that did not load, a plan not kept, a bail out. */
  readonly faults: readonly string[];
  /** When the run began, where the format says so in a way that can be compared. */
  readonly startedAt?: number;
}

/** The report is not in its format, or uses what we refuse to read. The message is a sentence for people. */
export class UnreadableReport extends Error {
  override readonly name = "UnreadableReport";
}

/** More than any honest run; each test costs memory. */
export const MAX_TESTS = 200_000;
