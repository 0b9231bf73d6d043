// Imports that come twice, stop in the middle, or meet others.
import { afterEach, beforeEach, expect, it } from "vitest";
import { importTasks } from "../../src/commands/import-tasks.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";
import { OPERATOR, well } from "../support/story.ts";
import { exported, imported, PODCAST, taskOf, ZOE } from "./support.ts";

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse();
});
afterEach(() => open.close());

it("a second import of the same file changes nothing, not even what was edited here since", async () => {
  await imported(open.house, "beads", PODCAST);
  const task = await taskOf(open.house, "pod-12");
  well(await prioritizeTask(open.house, { key: task.key, priority: "P4" }, OPERATOR));
  const before = await exported(open.house);
  const again = await imported(open.house, "beads", PODCAST);
  expect(again).toMatchObject({
    created: 0,
    unchanged: 32,
    changed: 0,
    epics: 0,
    dependencies: 0,
    links: 0,
    mapped: [],
  });
  expect(again.refused).toHaveLength(8);
  expect(await exported(open.house)).toEqual(before);
});

it("a row that changed in the source since is told, and left as it is", async () => {
  await imported(open.house, "beads", PODCAST);
  const before = await exported(open.house);
  const edited = PODCAST.replace("Buy a second microphone", "Buy a third microphone");
  expect(await imported(open.house, "beads", edited)).toMatchObject({
    created: 0,
    unchanged: 31,
    changed: 1,
  });
  expect(await exported(open.house)).toEqual(before);
});

it("new rows of a longer file join those that are here, waiting for them and numbered after them", async () => {
  await imported(open.house, "beads", PODCAST);
  const row = {
    id: "pod-50",
    title: "Archive the raw files",
    status: "open",
    dependencies: [
      { issue_id: "pod-50", depends_on_id: "pod-02", type: "blocks" },
      { issue_id: "pod-50", depends_on_id: "pod-e1", type: "parent-child" },
    ],
  };
  const report = await imported(open.house, "beads", `${PODCAST}${JSON.stringify(row)}\n`);
  expect(report).toMatchObject({ created: 1, unchanged: 32, epics: 0, dependencies: 1, links: 1 });
  const task = await taskOf(open.house, "pod-50");
  expect(task.key).toBe("PODE1-7");
  expect(task.dependencies).toEqual([{ key: "PODE1-3", status: "draft" }]);
});

it("a dry run writes nothing and reports the same", async () => {
  const before = await exported(open.house);
  const dry = await imported(open.house, "beads", PODCAST, { dryRun: true });
  expect(await exported(open.house)).toEqual(before);
  const wet = await imported(open.house, "beads", PODCAST);
  expect(dry).toEqual({ ...wet, dryRun: true });
});

it("an import that stopped after its first batch is finished by running it again", async () => {
  const rows = Array.from({ length: 1200 }, (_, n) => ({
    id: `x-${n}`,
    title: `Step ${n}`,
    status: "open",
    // Each waits for a later row, so that no batch could be written in the order of the file.
    dependencies: n < 1199 ? [{ issue_id: `x-${n}`, depends_on_id: `x-${n + 1}`, type: "blocks" }] : [],
  }));
  const text = rows.map((row) => JSON.stringify(row)).join("\n");
  let batches = 0;
  const stopping = {
    ...open.house,
    imports: {
      ...open.house.imports,
      admit: (arrivals: Parameters<typeof open.house.imports.admit>[0]) => {
        batches += 1;
        if (batches === 2) throw new Error("the power went");
        return open.house.imports.admit(arrivals);
      },
    },
  };
  await expect(importTasks(stopping, { source: "beads", text }, ZOE)).rejects.toThrow("the power went");
  const half = (await exported(open.house)).filter((line) => line.startsWith('{"record":"task"'));
  expect(half).toHaveLength(500);
  // What stands is whole: everything a task waits for stands as well.
  for (const line of half) {
    const { origins, dependencies } = JSON.parse(line) as {
      origins: { externalId: string }[];
      dependencies: string[];
    };
    expect(dependencies).toHaveLength(origins[0]?.externalId === "x-1199" ? 0 : 1);
  }
  expect(await imported(open.house, "beads", text)).toMatchObject({
    created: 700,
    unchanged: 500,
    dependencies: 700,
  });
  for (const n of [0, 600, 1198]) {
    const next = await taskOf(open.house, `x-${n + 1}`);
    expect((await taskOf(open.house, `x-${n}`)).dependencies.map(({ key }) => key)).toEqual([next.key]);
  }
});

it("two imports of the same file at once bring each row in once", async () => {
  const reports = await Promise.all([1, 2, 3].map(() => imported(open.house, "beads", PODCAST)));
  expect(reports.reduce((sum, { created }) => sum + created, 0)).toBe(32);
  for (const report of reports) expect(report.created + report.unchanged).toBe(32);
  const tasks = (await exported(open.house)).filter((line) => line.startsWith('{"record":"task"'));
  expect(tasks).toHaveLength(32);
});

it("a row the database itself would not take is refused by name, and the rest comes in", async () => {
  // Somebody took the key this row's number leads to, by hand.
  const blocked = {
    ...open.house,
    imports: {
      ...open.house.imports,
      admit: async (arrivals: Parameters<typeof open.house.imports.admit>[0]) =>
        open.house.imports.admit(
          arrivals.map((one) =>
            one.row.title === "Hum on the left channel" ? { ...one, row: { ...one.row, version: 0 } } : one,
          ),
        ),
    },
  };
  const report = well(await importTasks(blocked, { source: "beads", text: PODCAST }, ZOE));
  expect(report.created).toBe(31);
  const refusal = report.refused.find(({ id }) => id === "pod-12");
  expect(refusal).toMatchObject({ line: 15, why: expect.stringContaining("queue-truth: constraint") });
  expect(report.created + report.refused.length).toBe(report.rows);
  expect(await open.house.imports.byExternalId("pod-12")).toBeNull();
});
