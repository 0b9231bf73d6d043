import { expect, test } from "vitest";
import { clockText, hourStart, momentText, quietSpell, readQuietHours } from "../../src/core/local-time.ts";

const at = (iso: string): number => Date.parse(iso);
const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
const spell = (now: string, zone: string, hours = "22:00-07:00") => {
  const quiet = readQuietHours(hours);
  if (quiet === null) throw new Error(hours);
  const { from, until } = quietSpell(quiet, at(now), zone);
  return [iso(from), iso(until)];
};

test("an hour begins where its people see it begin", () => {
  expect(iso(hourStart(at("2026-03-30T09:59:59.999Z"), "Europe/Berlin"))).toBe("2026-03-30T09:00");
  expect(iso(hourStart(at("2026-03-30T09:10:00Z"), "Asia/Kolkata"))).toBe("2026-03-30T08:30");
  expect(clockText(at("2026-03-30T09:05:00Z"), "Europe/Berlin")).toBe("11:05");
  expect(momentText(at("2026-03-29T23:30:00Z"), at("2026-03-30T09:00:00Z"), "UTC")).toBe("29 Mar 23:30");
  expect(momentText(at("2026-03-29T23:30:00Z"), at("2026-03-30T09:00:00Z"), "Europe/Berlin")).toBe("01:30");
});

test("quiet hours are told as the spell that goes on, else as the next", () => {
  expect(spell("2026-03-25T23:00:00Z", "UTC")).toEqual(["2026-03-25T22:00", "2026-03-26T07:00"]);
  expect(spell("2026-03-26T06:59:59Z", "UTC")).toEqual(["2026-03-25T22:00", "2026-03-26T07:00"]);
  expect(spell("2026-03-26T07:00:00Z", "UTC")).toEqual(["2026-03-26T22:00", "2026-03-27T07:00"]);
  expect(spell("2026-03-26T12:30:00Z", "UTC", "12:00-13:00")).toEqual([
    "2026-03-26T12:00",
    "2026-03-26T13:00",
  ]);
  expect(spell("2026-03-26T13:00:00Z", "UTC", "12:00-13:00")).toEqual([
    "2026-03-27T12:00",
    "2026-03-27T13:00",
  ]);
});

test("a quiet night ends when the wall clock says so, the night the clocks change too", () => {
  expect(spell("2026-03-28T22:00:00Z", "Europe/Berlin")).toEqual(["2026-03-28T21:00", "2026-03-29T05:00"]);
  expect(spell("2026-10-24T22:00:00Z", "Europe/Berlin")).toEqual(["2026-10-24T20:00", "2026-10-25T06:00"]);
  expect(spell("2026-03-08T05:00:00Z", "America/New_York")).toEqual(["2026-03-08T03:00", "2026-03-08T11:00"]);
  expect(spell("2026-11-01T05:00:00Z", "America/New_York")).toEqual(["2026-11-01T02:00", "2026-11-01T12:00"]);
});

test("quiet hours that would never end are none", () => {
  for (const wrong of ["22:00-22:00", "22-7", "24:00-07:00", "22:00", ""])
    expect(readQuietHours(wrong)).toBeNull();
});
