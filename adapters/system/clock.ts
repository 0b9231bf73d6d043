import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../../src/ports/clock.ts";

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    // An aborted sleep is a sleep that is over: whoever slept looks at the signal itself.
    await wait(Math.max(0, ms), undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  },
};
