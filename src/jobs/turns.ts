export interface TurnOptions {
  /** From one group to the next, in milliseconds of real time, whatever clock the work is of. */
  readonly everyMs: number;
  /** How many come through right away after a rest; those behind them wait for the next group. */
  readonly atOnce: number;
  /** How many one group takes at the most. */
  readonly most: number;
}

/**
 * Lets through in groups what comes in a crowd: who comes alone never waits, and of a crowd each group meets in one turn
 * of the event loop, where the store writes it as one batch. In between heartbeats have the loop to themselves.
 */
export class Turns {
  readonly #options: TurnOptions;
  readonly #waiting: (() => void)[] = [];
  /** How many more come through before the next group; null while nobody came for a while. */
  #room: number | null = null;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  next(): Promise<void> {
    if (this.#room === null) this.#open(this.#options.atOnce);
    if (this.#room !== null && this.#room > 0) {
      this.#room -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #open(room: number): void {
    this.#room = room;
    setTimeout(() => this.#letThrough(), this.#options.everyMs);
  }

  #letThrough(): void {
    const group = this.#waiting.splice(0, this.#options.most);
    if (group.length === 0) {
      this.#room = null;
      return;
    }
    this.#open(0);
    for (const begin of group) begin();
  }
}
