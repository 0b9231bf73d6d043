/** Why a fetch is not waited for any longer. */
export type Ended = "time is up" | "called off";

/**
 * The end of one fetch, over all its hops: after so many milliseconds, or when the caller calls it off. It says what an
 * AbortSignal of a time-out and a signal would say, costs a fraction of it, and leaves no timer behind.
 */
export class Deadline {
  #ended: Ended | null = null;
  #stop: () => void = () => undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly #calledOff = (): void => this.#end("called off");

  constructor(ms: number, signal: AbortSignal | undefined) {
    this.#timer = setTimeout(() => this.#end("time is up"), ms);
    this.#timer.unref();
    this.#signal = signal;
    signal?.addEventListener("abort", this.#calledOff);
    if (signal?.aborted === true) this.#calledOff();
  }

  get ended(): Ended | null {
    return this.#ended;
  }

  /** What ends the hop under way, in place of the one before: called when it is time, or at once where it was. */
  stopBy(stop: () => void): void {
    this.#stop = stop;
    if (this.#ended !== null) stop();
  }

  /** The fetch is over: nothing is waited for any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#calledOff);
  }

  #end(how: Ended): void {
    this.#ended ??= how;
    this.#stop();
  }
}
