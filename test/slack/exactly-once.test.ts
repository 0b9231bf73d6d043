import { expect, test } from "vitest";
import { runAnnouncements } from "./exactly-once.ts";

// `npm run soak` does the same with more than two thousand, under seeds of its own.
test("every announcement appears exactly once, whatever breaks and whoever is killed in between", async () => {
  const report = await runAnnouncements({ announcements: 200, kills: 6, seed: 20_261_128 });
  expect(report).toMatchObject({ announced: 200, twice: [], lost: [], stray: [], unsettled: 0 });
  expect(report.kills).toEqual({ beforePost: 3, afterPost: 3 });
  for (const fault of ["rate-limit", "status after accept", "cut after accept", "hang", "error"]) {
    expect(Object.keys(report.faults).some((one) => one.startsWith(fault))).toBe(true);
  }
}, 180_000);

test("an adapter that does not look a doubtful message up is found out", async () => {
  const report = await runAnnouncements({ announcements: 80, kills: 4, seed: 20_261_128, careless: true });
  expect(report.twice.length).toBeGreaterThan(0);
  expect(report).toMatchObject({ lost: [], stray: [] });
}, 180_000);
