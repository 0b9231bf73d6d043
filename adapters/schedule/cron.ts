import { Cron } from "croner";
import type { Timetable } from "../../src/ports/schedule.ts";

/**
 * A timetable from a cron expression of five fields. Where the clocks go forward, a time that does not exist runs at the
 * first one that does; where they go back, a single time of day runs once, and what runs every hour goes on every hour.
 * Throws where the expression is none: the configuration has refused it before.
 */
export function cronTimetable(expression: string, timezone: string): Timetable {
  const cron = new Cron(expression, { timezone, paused: true, mode: "5-part" });
  return {
    next: (after) => cron.nextRun(new Date(after))?.getTime() ?? null,
    // The library looks strictly before its reference, by whole seconds.
    last: (at) => cron.previousRuns(1, new Date(Math.floor(at / 1000) * 1000 + 1000))[0]?.getTime() ?? null,
  };
}
