// TEST FIXTURE. One writer at a time, first come first served. SQLite's own lock would make the second writer
// fail at once or, with a busy timeout, stop the event loop that the first one needs in order to finish; so
// writers queue here before they reach SQLite. As on libsql-server, a transaction that holds the lock for too
// long loses it, but only when another writer is waiting.

export interface Writer {
  /** Rolls the open transaction back, because another writer was given its lock. */
  takeAway(): void;
}

/** The waiting request's connection was dropped, or the server closed. */
export class Abandoned extends Error {}

interface Waiter<W> {
  writer: W;
  grant: () => void;
}

export class WriteLock<W extends Writer> {
  #holder: { writer: W; sinceMs: number } | undefined;
  #waiting: Waiter<W>[] = [];
  readonly #limitMs: number;
  readonly #now: () => number;
  readonly #onWaiting: () => void;

  constructor(limitMs: number, now: () => number, onWaiting: () => void) {
    this.#limitMs = limitMs;
    this.#now = now;
    this.#onWaiting = onWaiting;
  }

  /** Resolves once `writer` holds the lock; rejects with Abandoned when `signal` fires first. */
  async acquire(writer: W, signal: AbortSignal): Promise<void> {
    if (this.#holder?.writer === writer) return;
    if (signal.aborted) throw new Abandoned();
    if (this.#holder === undefined) {
      this.#give(writer);
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter<W> = { writer, grant: resolve };
    const abandon = () => {
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
      reject(new Abandoned());
    };
    signal.addEventListener("abort", abandon, { once: true });
    this.#waiting.push(waiter);
    this.#onWaiting();
    await promise.finally(() => signal.removeEventListener("abort", abandon));
  }

  release(writer: W): void {
    if (this.#holder?.writer !== writer) return;
    this.#holder = undefined;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#give(next.writer);
    next.grant();
  }

  /** Gives an overdue transaction's lock to the first writer that waits; true when it did. */
  takeOverdue(): boolean {
    const holder = this.#holder;
    if (holder === undefined || this.#waiting.length === 0) return false;
    if (this.#now() - holder.sinceMs < this.#limitMs) return false;
    holder.writer.takeAway();
    this.release(holder.writer);
    return true;
  }

  #give(writer: W): void {
    this.#holder = { writer, sinceMs: this.#now() };
  }
}
