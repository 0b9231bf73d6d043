import { expect, test } from "vitest";
import { runAnnouncements } from "../support/announcements.ts";
import { discordPeer } from "./exactly-once.ts";

// `npm run soak` does the same with more than two thousand, under seeds of its own.
test("every announcement appears exactly once, whatever breaks and whoever is killed in between", async () => {
  const report = await runAnnouncements((now) => discordPeer(now), {
    announcements: 100,
    kills: 4,
    seed: 20_261_128,
  });
  expect(report).toMatchObject({ announced: 100, twice: [], lost: [], stray: [], unsettled: 0 });
  expect(report.kills).toEqual({ beforePost: 2, afterPost: 2 });
  for (const fault of ["rate-limit", "502", "cut after accept", "hang"]) {
    expect(Object.keys(report.faults).some((one) => one.startsWith(fault))).toBe(true);
  }
}, 180_000);

test("an adapter that does not look a doubtful message up is found out", async () => {
  const options = { announcements: 40, kills: 2, seed: 20_261_128 };
  const report = await runAnnouncements((now) => discordPeer(now, true), options);
  // The second one of a pair may say what was announced before it was revised.
  expect(report.twice.length + report.stray.length).toBeGreaterThan(0);
  expect(report.lost).toEqual([]);
}, 180_000);
