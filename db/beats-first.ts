/** How long a crowd of beats may keep other work waiting, in milliseconds: then that goes in between. */
const MOST_MS = 10;

/**
 * Lets heartbeats go before work that nobody waits for on the line, such as the verdicts of proofs: a beat that was asked
 * for finds the connection free, where it would have waited for a batch that came in the same turn of the event loop.
 * Nothing waits for beats without end, however many come.
 */
export class BeatsFirst {
  #underWay = 0;
  #parked: (() => void)[] = [];

  /** Counts from the call on, long before its batch is written. */
  async beat<T>(ask: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await ask();
    } finally {
      this.#underWay -= 1;
      // In the next turn: the answers are on their way before what waited holds up the loop.
      if (this.#underWay === 0 && this.#parked.length > 0) setImmediate(() => this.#goOn());
    }
  }

  async behind<T>(work: () => Promise<T>): Promise<T> {
    const late = performance.now() + MOST_MS;
    for (let left = MOST_MS; this.#underWay > 0 && left > 0; left = late - performance.now()) {
      await this.#park(left);
    }
    return work();
  }

  #park(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#parked.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #goOn(): void {
    for (const go of this.#parked.splice(0)) go();
  }
}
