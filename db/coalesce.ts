import { Trouble } from "../src/ports/trouble.ts";

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export interface CoalesceOptions<Request> {
  /** How many requests one run takes at the most. */
  readonly max: number;
  /** Requests of the same key never share a run: the later one must see what the earlier one wrote. */
  readonly key?: (request: Request) => string | number;
}

/**
 * Group commit: what arrives in one tick, and while a run is under way, becomes the next run. One run fails for all its
 * requests or for none, so after an error each request runs once more by itself and only the guilty one fails. Trouble
 * with the database is nobody's own: it is told to all at once, as each would only run into it again.
 */
export function coalesce<Request, Answer>(
  run: (requests: readonly Request[]) => Promise<readonly Answer[]>,
  options: CoalesceOptions<Request>,
): (request: Request) => Promise<Answer> {
  let waiting: Waiting<Request, Answer>[] = [];
  let running = false;

  const take = (): Waiting<Request, Answer>[] => {
    const taken: Waiting<Request, Answer>[] = [];
    const left: Waiting<Request, Answer>[] = [];
    const keys = new Set<string | number>();
    for (const one of waiting) {
      const key = options.key?.(one.request);
      if (taken.length >= options.max || (key !== undefined && keys.has(key))) left.push(one);
      else {
        if (key !== undefined) keys.add(key);
        taken.push(one);
      }
    }
    waiting = left;
    return taken;
  };

  const settle = async (group: readonly Waiting<Request, Answer>[]): Promise<void> => {
    try {
      const answers = await run(group.map((one) => one.request));
      for (const [index, one] of group.entries()) one.resolve(answers[index] as Answer);
    } catch (error) {
      if (group.length === 1 || error instanceof Trouble) for (const one of group) one.reject(error);
      else for (const one of group) await settle([one]);
    }
  };

  const drain = async (): Promise<void> => {
    running = true;
    // One turn of the event loop: requests parsed from sockets in this tick join the run.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (waiting.length > 0) await settle(take());
    running = false;
  };

  return (request) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ request, resolve, reject });
      if (!running) void drain();
    });
}
