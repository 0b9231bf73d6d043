// TEST FIXTURE. Faults that a test asks for in advance, each striking one pipeline request.
import { EventEmitter, once } from "node:events";

export type Fault =
  /** The connection ends and nothing was executed. */
  | "drop-before-execute"
  /** Everything was executed, and the caller never hears of it: the doubtful answer. */
  | "drop-after-execute"
  /** A gateway answered 502 in the server's place; nothing was executed. */
  | "bad-gateway"
  /** A gateway answered 502 although everything was executed. */
  | "bad-gateway-after-execute"
  /** The request waits before it is executed. */
  | { delayMs: number }
  | { until: Promise<unknown> };

export class Faults {
  readonly #planned: { fault: Fault; matching: RegExp | undefined }[] = [];
  readonly #struck = new EventEmitter();
  readonly #expireStreams: () => void;

  constructor(expireStreams: () => void) {
    this.#expireStreams = expireStreams;
  }

  /**
   * The next pipeline request suffers this fault, or the next one whose JSON text matches. Calls queue up, so
   * asking twice spoils two requests.
   */
  next(fault: Fault, matching?: RegExp): void {
    this.#planned.push({ fault, matching });
  }

  /** Ends every idle stream now, as ten seconds of silence would. */
  expireStreams(): void {
    this.#expireStreams();
  }

  /** Faults asked for that no request has met yet; a test that ends above zero proved less than it says. */
  get pending(): number {
    return this.#planned.length;
  }

  /** Resolves when a fault next strikes. */
  async struck(): Promise<void> {
    await once(this.#struck, "struck");
  }

  /** For the server: the fault that this request suffers. */
  take(requestText: string): Fault | undefined {
    const index = this.#planned.findIndex(({ matching }) => matching?.test(requestText) ?? true);
    if (index < 0) return undefined;
    const [planned] = this.#planned.splice(index, 1);
    this.#struck.emit("struck");
    return planned?.fault;
  }
}
