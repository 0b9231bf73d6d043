import { describe, expect, test } from "vitest";
import { cronTimetable } from "../../adapters/schedule/cron.ts";
import { firingDue, JOBS, readSchedule, USUAL_SCHEDULE } from "../../src/core/schedule.ts";

const at = (iso: string): number => Date.parse(iso);

/** Every firing after `from`, up to and with `to`. */
function firings(expression: string, zone: string, from: string, to: string): readonly string[] {
  const table = cronTimetable(expression, zone);
  const found: string[] = [];
  for (let next = table.next(at(from)); next !== null && next <= at(to); next = table.next(next)) {
    found.push(new Date(next).toISOString().slice(5, 16));
    expect(table.last(next)).toBe(next);
    expect(table.last(next + 59_999)).toBe(next);
  }
  return found;
}

describe("the hour that does not exist", () => {
  test("an hourly job goes on every hour, in Berlin and in New York", () => {
    expect(firings("0 * * * *", "Europe/Berlin", "2026-03-28T23:30:00Z", "2026-03-29T03:00:00Z")).toEqual([
      "03-29T00:00",
      "03-29T01:00",
      "03-29T02:00",
      "03-29T03:00",
    ]);
    expect(firings("0 * * * *", "America/New_York", "2026-03-08T05:30:00Z", "2026-03-08T09:00:00Z")).toEqual([
      "03-08T06:00",
      "03-08T07:00",
      "03-08T08:00",
      "03-08T09:00",
    ]);
  });

  test("a daily job whose time is left out runs once, at the first time there is", () => {
    expect(firings("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z")).toEqual([
      "03-29T01:00",
      "03-30T00:30",
    ]);
    expect(firings("30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", "2026-03-09T12:00:00Z")).toEqual(
      ["03-08T07:00", "03-09T06:30"],
    );
  });
});

describe("the hour that happens twice", () => {
  test("an hourly job runs in both of them", () => {
    expect(firings("0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", "2026-10-25T03:00:00Z")).toEqual([
      "10-25T00:00",
      "10-25T01:00",
      "10-25T02:00",
      "10-25T03:00",
    ]);
    expect(
      firings("*/30 * * * *", "America/New_York", "2026-11-01T04:45:00Z", "2026-11-01T06:30:00Z"),
    ).toEqual(["11-01T05:00", "11-01T05:30", "11-01T06:00", "11-01T06:30"]);
  });

  test("a daily job runs once", () => {
    expect(firings("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z")).toEqual([
      "10-25T00:30",
      "10-26T01:30",
    ]);
    expect(firings("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-02T12:00:00Z")).toEqual(
      ["11-01T05:30", "11-02T06:30"],
    );
  });
});

test("a firing is there at its very millisecond and not one before", () => {
  const table = cronTimetable("0 * * * *", "UTC");
  expect(table.last(at("2026-03-30T08:59:59.999Z"))).toBe(at("2026-03-30T08:00:00Z"));
  expect(table.last(at("2026-03-30T09:00:00.000Z"))).toBe(at("2026-03-30T09:00:00Z"));
  expect(table.next(at("2026-03-30T08:59:59.999Z"))).toBe(at("2026-03-30T09:00:00Z"));
  expect(table.next(at("2026-03-30T09:00:00.000Z"))).toBe(at("2026-03-30T10:00:00Z"));
});

test("a half-hour zone's hours begin where its people see them begin", () => {
  expect(firings("0 * * * *", "Asia/Kolkata", "2026-03-30T08:00:00Z", "2026-03-30T10:00:00Z")).toEqual([
    "03-30T08:30",
    "03-30T09:30",
  ]);
});

test("a schedule names what differs, and a wrong word is no schedule", () => {
  expect(readSchedule("heartbeat=*/10  * * * * ; digest = off;")).toEqual({
    ...USUAL_SCHEDULE,
    heartbeat: "*/10 * * * *",
    digest: null,
  });
  expect(Object.values(readSchedule("off") ?? {})).toEqual(JOBS.map(() => null));
  for (const wrong of ["hartbeat=off", "digest", "digest=", "digest=off;digest=off"])
    expect(readSchedule(wrong)).toBeNull();
});

test("only the newest firing is made up for, and none that was taken", () => {
  expect(firingDue(100, null)).toBe(100);
  expect(firingDue(100, 40)).toBe(100);
  expect(firingDue(100, 100)).toBeNull();
  expect(firingDue(null, null)).toBeNull();
});
