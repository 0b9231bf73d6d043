import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Turns } from "../../src/jobs/turns.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const EVERY_MS = 10;

/** Asks for so many turns at once, and keeps the order in which they come. */
function crowd(turns: Turns, count: number, through: number[], first = 0): void {
  for (let n = first; n < first + count; n += 1) void turns.next().then(() => through.push(n));
}

test("who comes alone never waits", async () => {
  const turns = new Turns({ everyMs: EVERY_MS, atOnce: 1, most: 3 });
  const through: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    crowd(turns, 1, through, n);
    await vi.advanceTimersByTimeAsync(0);
    expect(through).toHaveLength(n + 1);
    await vi.advanceTimersByTimeAsync(EVERY_MS);
  }
});

test("of a crowd so many come at once, and groups of at most so many after them, in the order they came", async () => {
  const turns = new Turns({ everyMs: EVERY_MS, atOnce: 2, most: 3 });
  const through: number[] = [];
  crowd(turns, 9, through);
  const seen: number[] = [];
  for (let group = 0; group < 5; group += 1) {
    await vi.advanceTimersByTimeAsync(group === 0 ? 0 : EVERY_MS - 1);
    const early = through.length;
    await vi.advanceTimersByTimeAsync(group === 0 ? 0 : 1);
    if (group > 0) expect(early).toBe(seen.at(-1));
    seen.push(through.length);
  }
  expect(seen).toEqual([2, 5, 8, 9, 9]);
  expect(through).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("who comes while others wait waits behind them, and after a rest there is room again", async () => {
  const turns = new Turns({ everyMs: EVERY_MS, atOnce: 1, most: 1 });
  const through: number[] = [];
  crowd(turns, 2, through);
  await vi.advanceTimersByTimeAsync(1);
  crowd(turns, 1, through, 2);
  await vi.advanceTimersByTimeAsync(EVERY_MS);
  expect(through).toEqual([0, 1]);
  await vi.advanceTimersByTimeAsync(EVERY_MS);
  expect(through).toEqual([0, 1, 2]);
  await vi.advanceTimersByTimeAsync(2 * EVERY_MS);
  crowd(turns, 1, through, 3);
  await vi.advanceTimersByTimeAsync(0);
  expect(through).toEqual([0, 1, 2, 3]);
});
