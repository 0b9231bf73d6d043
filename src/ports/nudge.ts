import type { Clock } from "./clock.ts";

/**
 * "Something was written here": wakes the loops and the live pages of this process at once. It carries no data and
 * nothing depends on it: whoever waits also looks again by himself, since other processes write without ringing.
 */
export class Nudge {
  readonly #listeners = new Set<() => void>();

  ring(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Answers with the way to stop listening. A listener returns at once and never throws. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

/** One listener's memory: it rang since it was cleared, or it ends the rest that is under way. */
export class Bell {
  /** Stops listening. */
  readonly unhang: () => void;
  #rang = false;
  #wake: () => void = () => undefined;

  constructor(nudge: Nudge | undefined) {
    this.unhang =
      nudge?.listen(() => {
        this.#rang = true;
        this.#wake();
      }) ?? (() => undefined);
  }

  /** Forgets earlier rings: called before looking, so that none that comes during the look is missed. */
  clear(): void {
    this.#rang = false;
  }

  /** Resolves at a ring since it was cleared, after `ms`, or when the signal aborts. */
  async rest(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (this.#rang || ms <= 0 || signal.aborted) return;
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    this.#wake = wake;
    signal.addEventListener("abort", wake, { once: true });
    await clock.sleep(ms, woken.signal);
    signal.removeEventListener("abort", wake);
    this.#wake = () => undefined;
  }
}
