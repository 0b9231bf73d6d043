import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type LoopFailure, startLoop } from "../../src/jobs/loop.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { Nudge } from "../../src/ports/nudge.ts";
import { Trouble } from "../../src/ports/trouble.ts";

/** Writes down every rest. A rest longer than `realMs` passes at once; shorter ones really wait for their signal. */
function recordingClock(pass: (ms: number) => boolean): Clock & { readonly rests: number[] } {
  const rests: number[] = [];
  return {
    rests,
    now: () => 0,
    sleep: (ms, signal) => {
      rests.push(ms);
      if (pass(ms)) return Promise.resolve();
      return sleep(600_000, undefined, { signal }).then(
        () => undefined,
        () => undefined,
      );
    },
  };
}

const silent = (): void => undefined;

test("a loop rests until the next due time, but never longer than a second", async () => {
  const stop = new AbortController();
  const clock = recordingClock(() => true);
  const dues = [300, null, 5000, 0];
  await startLoop(
    "job",
    async () => {
      const nextDueMs = dues.shift() ?? null;
      if (dues.length === 0) stop.abort();
      return { nextDueMs };
    },
    { clock, signal: stop.signal, log: silent },
  );
  expect(clock.rests).toEqual([20, 280, 20, 980, 20, 980, 0]);
});

test("a ring ends the rest, and a ring during a run is not lost", async () => {
  const stop = new AbortController();
  const nudge = new Nudge();
  const clock = recordingClock((ms) => ms <= 20);
  let runs = 0;
  const resting = Promise.withResolvers<void>();
  const loop = startLoop(
    "job",
    async () => {
      runs += 1;
      if (runs === 1) nudge.ring();
      if (runs === 2) setImmediate(() => resting.resolve());
      if (runs === 3) stop.abort();
      return { nextDueMs: null };
    },
    { clock, signal: stop.signal, nudge, log: silent },
  );
  await resting.promise;
  expect(runs).toBe(2);
  nudge.ring();
  await loop;
  expect(runs).toBe(3);
});

test("a run that throws is told, and tried again with backoff that no ring cuts short", async () => {
  const stop = new AbortController();
  const nudge = new Nudge();
  const clock = recordingClock(() => true);
  const told: LoopFailure[] = [];
  const errors = [new Error("first"), new Error("second"), new Trouble("rate-limited", "Wait.", 9000)];
  await startLoop(
    "job",
    async () => {
      const error = errors.shift();
      nudge.ring();
      if (error !== undefined) throw error;
      stop.abort();
      return { nextDueMs: 0 };
    },
    { clock, signal: stop.signal, nudge, log: (failure) => told.push(failure) },
  );
  expect(told.map(({ loop, failures, retryMs }) => [loop, failures, retryMs])).toEqual([
    ["job", 1, 250],
    ["job", 2, 500],
    ["job", 3, 9000],
  ]);
  expect(clock.rests.slice(0, 3)).toEqual([250, 500, 9000]);
});

test("aborting wakes a resting loop and ends it", async () => {
  const stop = new AbortController();
  const clock = recordingClock((ms) => ms <= 20);
  const loop = startLoop("job", async () => ({ nextDueMs: null }), {
    clock,
    signal: stop.signal,
    log: silent,
  });
  setImmediate(() => stop.abort());
  await loop;
  expect(clock.rests).toEqual([20, 980]);
});
