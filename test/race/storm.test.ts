import { describe, expect, test } from "vitest";
import { runStorm, type StormOutcome } from "./storm.ts";

const sum = (outcome: StormOutcome, field: "acknowledged" | "refused"): number =>
  outcome.reports.reduce((total, report) => total + report[field], 0);

describe("three processes that write to one file and never wait for its lock", () => {
  test("lose nothing and are refused nothing: acknowledged is stored", async () => {
    const storm = await runStorm({ processes: 3, ms: 2000, reconnect: true });
    expect(sum(storm, "acknowledged")).toBeGreaterThan(100);
    expect(storm.stored).toBe(sum(storm, "acknowledged"));
    expect(storm.audit).toMatchObject({ acknowledged: storm.stored, lost: [], broken: [] });
    expect(sum(storm, "refused")).toBe(0);
    for (const { files } of storm.reports) expect(files ?? 0).toBeLessThan(500);
  }, 60_000);

  test("are soon refused everything when the reconnect is taken out: this store is what the reconnect saves us from", async () => {
    const storm = await runStorm({ processes: 3, ms: 2000, reconnect: false });
    expect(sum(storm, "refused")).toBeGreaterThan(0);
    expect(new Set(storm.reports.flatMap(({ codes }) => codes))).toEqual(new Set(["locked"]));
    // Batches fail loudly: even so, nothing is acknowledged that is not there.
    expect(storm.audit).toMatchObject({ lost: [], broken: [] });
    expect(storm.stored).toBe(sum(storm, "acknowledged"));
  }, 60_000);
});
