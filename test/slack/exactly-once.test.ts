import { expect, test } from "vitest";
import { runAnnouncements } from "../support/announcements.ts";
import { slackPeer } from "./exactly-once.ts";

// `npm run soak` does the same with more than two thousand, under seeds of its own.
test("every announcement appears exactly once, whatever breaks and whoever is killed in between", async () => {
  const options = { announcements: 200, kills: 6, seed: 20_261_128 };
  const report = await runAnnouncements((now) => slackPeer(now), options);
  expect(report).toMatchObject({ announced: 200, twice: [], lost: [], stray: [], unsettled: 0 });
  expect(report.kills).toEqual({ beforePost: 3, afterPost: 3 });
  for (const fault of ["rate-limit", "502", "cut after accept", "hang"]) {
    expect(Object.keys(report.faults).some((one) => one.startsWith(fault))).toBe(true);
  }
}, 180_000);

test("an adapter that does not look a doubtful message up is found out", async () => {
  const options = { announcements: 80, kills: 4, seed: 20_261_128 };
  const report = await runAnnouncements((now) => slackPeer(now, true), options);
  // One that was revised in between stands twice in two wordings.
  expect(report.twice.length + report.stray.length).toBeGreaterThan(0);
  expect(report.lost).toEqual([]);
}, 180_000);
