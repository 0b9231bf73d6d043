import type { Maintenance } from "../ports/maintenance.ts";
import type { RunResult } from "./loop.ts";

const MIB = 1_048_576;
/** Moved beside the work after every 8 MiB (db/checkpointer.ts): a log beyond this may hold what came since, or what readers kept from it. */
export const PASSIVE_ABOVE_BYTES = 16 * MIB;
/** And beyond this, what was checkpointed is not enough: the file itself must shrink. */
export const TRUNCATE_ABOVE_BYTES = 64 * MIB;
const EVERY_MS = 15_000;

export interface CheckpointReport {
  readonly mode: "passive" | "truncate";
  readonly beforeBytes: number;
  readonly afterBytes: number;
  /** False where somebody held a part back: it is tried again. */
  readonly complete: boolean;
}

/**
 * Keeps the write-ahead log from growing without end, and forgets answers of yesterday's requests. `report` is told of
 * each checkpoint; a log that does not shrink in spite of them means a reader that never lets go.
 */
export async function checkpoint(
  maintenance: Maintenance,
  report: (report: CheckpointReport) => void,
): Promise<RunResult> {
  await maintenance.forgetAnswers();
  const beforeBytes = await maintenance.walBytes();
  if (beforeBytes !== null && beforeBytes > PASSIVE_ABOVE_BYTES) {
    const mode = beforeBytes > TRUNCATE_ABOVE_BYTES ? "truncate" : "passive";
    const { complete, walBytes } = await maintenance.checkpoint(mode);
    report({ mode, beforeBytes, afterBytes: walBytes, complete });
  }
  return { nextDueMs: EVERY_MS };
}
