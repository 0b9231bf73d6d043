/** Has what belongs to one channel done one after another, in the order it came; channels do not wait for each other. */
export class InOrder {
  readonly #last = new Map<string, Promise<void>>();

  /** `act` must not reject. */
  add(channel: string, act: () => Promise<void>): void {
    const mine = (this.#last.get(channel) ?? Promise.resolve()).then(act).finally(() => {
      if (this.#last.get(channel) === mine) this.#last.delete(channel);
    });
    this.#last.set(channel, mine);
  }
}
