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
