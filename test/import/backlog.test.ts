// The whole public backlog, where it lies beside the checkout: exact counts, counted apart from this code.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ImportReport } from "../../src/core/import/report.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";
import { eventsOf, exported, imported, mappedFrom, taskOf } from "./support.ts";

const FILE = join(import.meta.dirname, "../../../shared/data/beads-backlog.jsonl");

describe.skipIf(!existsSync(FILE))("the thousand rows of the shared backlog", () => {
  let open: TestHouse;
  let report: ImportReport;
  let milliseconds: number;
  const progress: [number, number][] = [];

  beforeAll(async () => {
    open = await openTestHouse();
    const started = performance.now();
    report = await imported(open.house, "beads", readFileSync(FILE), {
      progress: (done, total) => void progress.push([done, total]),
    });
    milliseconds = performance.now() - started;
  });
  afterAll(() => open?.close());

  it("come in with exactly these counts", () => {
    expect(report).toMatchObject({
      rows: 1000,
      created: 987,
      unchanged: 0,
      changed: 0,
      epics: 59,
      dependencies: 183,
      links: 184,
      byStatus: { blocked: 780, draft: 117, cancelled: 90 },
    });
    expect(report.refused.map(({ line }) => line)).toEqual([
      184, 258, 259, 261, 262, 263, 357, 609, 610, 611, 612, 613, 615,
    ]);
    expect(mappedFrom(report, "status closed")).toEqual({ "blocked (unproven)": 780 });
    expect(mappedFrom(report, "status open")).toEqual({ draft: 106 });
    expect(mappedFrom(report, "status in_progress")).toEqual({ draft: 11 });
    expect(mappedFrom(report, "status tombstone")).toEqual({ cancelled: 90 });
    expect(mappedFrom(report, "priority missing")).toEqual({ P2: 89 });
    expect(mappedFrom(report, "type epic")).toEqual({ "an epic and a task": 58 });
    expect(mappedFrom(report, "parent-child")).toEqual({
      "epic, and link parent-child": 137,
      "link parent-child": 5,
    });
    expect(mappedFrom(report, "discovered-from")).toEqual({ "link discovered-from": 39 });
    expect(mappedFrom(report, "blocks")).toEqual({ dependency: 183 });
    expect(mappedFrom(report, "field notes")).toEqual({ "body, under a heading": 74 });
  });

  it("come in within two seconds, in batches of which each is told", () => {
    expect(milliseconds).toBeLessThan(2000);
    expect(progress).toEqual([
      [0, 987],
      [500, 987],
      [987, 987],
    ]);
  });

  it("are found by their own ids", async () => {
    const task = await taskOf(open.house, "bd-0088");
    expect(task).toMatchObject({
      title: "Create npm package structure for bd-wasm",
      epic: "BD44D0",
      priority: "P1",
    });
    expect(await eventsOf(open.house, task.key)).toHaveLength(1);
    expect(await open.house.imports.byExternalId("bd-nothing")).toBeNull();
  });

  it("change nothing when they come again", async () => {
    const before = await exported(open.house);
    const again = await imported(open.house, "beads", readFileSync(FILE));
    expect(again).toMatchObject({
      created: 0,
      unchanged: 987,
      changed: 0,
      epics: 0,
      mapped: [],
      byStatus: {},
    });
    expect(again.refused).toHaveLength(13);
    expect(await exported(open.house)).toEqual(before);
  });

  it("attested, are done and still prove nothing", async () => {
    const other = await openTestHouse();
    try {
      const attested = await imported(other.house, "beads", readFileSync(FILE), { attestClosedBy: "Steve" });
      expect(attested.byStatus).toEqual({ done: 780, draft: 117, cancelled: 90 });
      expect(await other.house.outbox.notices({ after: 0, limit: 1 })).toEqual([]);
      const events = await other.house.log.events({ after: 0, limit: 2000 });
      expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(["epic.added", "task.imported"]));
      const counts = await other.house.listing.counts();
      expect(counts.find(({ status }) => status === "done")?.tasks).toBe(780);
    } finally {
      await other.close();
    }
  });

  it("go out and come back byte for byte", async () => {
    const lines = await exported(open.house);
    const other = await openTestHouse();
    try {
      const back = await imported(other.house, "jsonl", lines.join("\n"));
      expect(back).toMatchObject({
        created: 987,
        refused: [],
        mapped: [],
        epics: 59,
        dependencies: 183,
        links: 184,
      });
      expect(await exported(other.house)).toEqual(lines);
    } finally {
      await other.close();
    }
  });
});
