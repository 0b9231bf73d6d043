import { expect, test } from "vitest";
import { runRace } from "./claims.ts";

// The soak runs the same over 10,000 tasks.
const TASKS = 4000;

test("8 processes work one queue empty: no task is claimed twice, and each is done exactly once", async () => {
  const { reports, audit } = await runRace({ tasks: TASKS, processes: 8, sessions: 16 });
  const claimed = reports.flatMap((report) => report.claimed);
  const keys = claimed.map((attempt) => attempt.split(".")[0]);
  expect(new Set(keys).size).toBe(TASKS);
  expect(claimed).toHaveLength(TASKS);
  expect(reports.flatMap((report) => report.completed).toSorted()).toEqual(claimed.toSorted());
  expect(audit).toMatchObject({ tasks: TASKS, done: TASKS, broken: [], events: TASKS * 5 });
  // A race that one of them won alone would show nothing.
  expect(reports.filter((report) => report.claimed.length > 0).length).toBeGreaterThan(1);
}, 120_000);
