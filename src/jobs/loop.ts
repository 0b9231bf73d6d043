import type { Clock } from "../ports/clock.ts";
import { Bell, type Nudge } from "../ports/nudge.ts";
import { Trouble } from "../ports/trouble.ts";

/** What a run says about the next one. */
export interface RunResult {
  /** In so many milliseconds there is work again; 0: there is more already; null: nothing waits for a time. */
  readonly nextDueMs: number | null;
}

export interface LoopFailure {
  readonly loop: string;
  readonly error: unknown;
  /** In a row, this one included. */
  readonly failures: number;
  /** The next run begins after so many milliseconds. */
  readonly retryMs: number;
}

export interface LoopOptions {
  readonly clock: Clock;
  /** Aborting it ends the loop after the run under way. */
  readonly signal: AbortSignal;
  /** Rung when something was written in this process. */
  readonly nudge?: Nudge;
  /** Told of each run that threw; the loop goes on. */
  readonly log: (failure: LoopFailure) => void;
  /** The longest rest, in milliseconds: other processes write without ringing. */
  readonly pollMs?: number;
  /** The shortest rest between two runs, in milliseconds, so that a storm of rings becomes a few runs. */
  readonly spacingMs?: number;
}

const POLL_MS = 1000;
const SPACING_MS = 20;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 60_000;

/**
 * Repeats a job's run-once until the signal aborts; the promise then resolves and never rejects. A run that throws is
 * told to `log` and tried again with backoff, not earlier than a Trouble's `retryAfterMs`; no ring cuts that short. A
 * ring during a run is not lost: another run follows.
 */
export async function startLoop(
  name: string,
  runOnce: () => Promise<RunResult>,
  options: LoopOptions,
): Promise<void> {
  const { clock, signal, nudge, log, pollMs = POLL_MS, spacingMs = SPACING_MS } = options;
  const bell = new Bell(nudge);
  let failures = 0;
  while (!signal.aborted) {
    bell.clear();
    try {
      const { nextDueMs } = await runOnce();
      failures = 0;
      const restMs = Math.max(0, Math.min(nextDueMs ?? pollMs, pollMs));
      await clock.sleep(Math.min(restMs, spacingMs), signal);
      await bell.rest(restMs - spacingMs, clock, signal);
    } catch (error) {
      failures += 1;
      const retryMs = retryAfter(error, failures);
      log({ loop: name, error, failures, retryMs });
      await clock.sleep(retryMs, signal);
    }
  }
  bell.unhang();
}

/** 0.25 s, 0.5 s, 1 s … at most a minute; longer only where the other side asked for it. */
function retryAfter(error: unknown, failures: number): number {
  const backoffMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20), LAST_RETRY_MS);
  return error instanceof Trouble ? Math.max(backoffMs, error.retryAfterMs ?? 0) : backoffMs;
}
