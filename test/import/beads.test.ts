import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validateQueue } from "../../src/commands/validate-queue.ts";
import type { ImportReport } from "../../src/core/import/report.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { TRUE_COMMAND } from "../support/story.ts";
import { eventsOf, exported, imported, mappedFrom, PODCAST, refusedAt, taskOf } from "./support.ts";

let open: TestHouse;
let report: ImportReport;

async function linksOf(id: string): Promise<string[]> {
  const { key } = await taskOf(open.house, id);
  const line = (await exported(open.house)).find((one) => one.startsWith(`{"record":"task","key":"${key}",`));
  const { links } = JSON.parse(line ?? "{}") as { links: { kind: string; target: string }[] };
  return links.map(({ kind, target }) => `${kind} ${target}`);
}

beforeAll(async () => {
  open = await openTestHouse();
  report = await imported(open.house, "beads", PODCAST);
});
afterAll(() => open.close());

describe("the report of a beads import", () => {
  it("accounts for every row", () => {
    expect(report).toMatchObject({
      source: "beads",
      dryRun: false,
      rows: 40,
      created: 32,
      unchanged: 0,
      changed: 0,
      epics: 4,
      dependencies: 10,
      links: 18,
      byStatus: { draft: 25, blocked: 6, cancelled: 1 },
    });
    expect(report.created + report.refused.length).toBe(report.rows);
  });

  it("names line, field, what was expected and what came where a row is refused", () => {
    expect(report.refused.map(({ line }) => line)).toEqual([30, 32, 33, 35, 36, 37, 38, 39]);
    expect(refusedAt(report, 35)).toMatchObject({ field: "line", expected: "a JSON object" });
    expect(refusedAt(report, 36)).toMatchObject({ field: "id", expected: "string", got: null });
    expect(refusedAt(report, 37)).toMatchObject({
      id: "pod-30",
      field: "title",
      expected: "string",
      got: 42,
    });
    expect(refusedAt(report, 38)).toMatchObject({ id: "pod-31", field: "dependencies", expected: "array" });
    expect(refusedAt(report, 39)).toMatchObject({ expected: "a JSON object", got: "a list" });
  });

  it("takes the newest of several rows with one id, and the later of equally new ones", async () => {
    expect((await taskOf(open.house, "pod-27")).title).toBe("New words");
    expect((await taskOf(open.house, "pod-28")).title).toBe("Written last");
    expect(refusedAt(report, 30)?.why).toBe(
      "Line 31 has the same id and was changed later: that one counts.",
    );
    expect(refusedAt(report, 32)?.why).toBe(
      "Line 31 has the same id and was changed later: that one counts.",
    );
    expect(refusedAt(report, 33)?.why).toBe("Line 34 has the same id and comes later: that one counts.");
  });

  it("counts what became of statuses, priorities, types and fields", () => {
    expect(mappedFrom(report, "status closed")).toEqual({ "blocked (unproven)": 5 });
    expect(mappedFrom(report, "status tombstone")).toEqual({ cancelled: 1 });
    expect(mappedFrom(report, "status in_progress")).toEqual({ draft: 2 });
    expect(mappedFrom(report, "status blocked")).toEqual({ "blocked (imported)": 1 });
    expect(mappedFrom(report, "status deferred")).toEqual({ draft: 1 });
    expect(mappedFrom(report, "priority missing")).toEqual({ P2: 1 });
    expect(mappedFrom(report, "priority 9")).toEqual({ P2: 1 });
    expect(mappedFrom(report, "type spike")).toEqual({ labels: 1 });
    expect(mappedFrom(report, "type epic")).toEqual({ "an epic and a task": 3 });
    expect(mappedFrom(report, "field notes")).toEqual({ "body, under a heading": 2 });
    expect(mappedFrom(report, "field close_reason")).toEqual({ labels: 2 });
  });
});

describe("a row of beads", () => {
  it("belongs to the nearest epic up its parents, numbered in the order of the file", async () => {
    const keys = await Promise.all(
      [
        "pod-e1",
        "pod-01",
        "pod-02",
        "pod-03",
        "pod-04",
        "pod-05",
        "pod-e2",
        "pod-e2.1",
        "pod-06",
        "pod-07",
      ].map(async (id) => (await taskOf(open.house, id)).key),
    );
    expect(keys).toEqual([
      "PODE1-1",
      "PODE1-2",
      "PODE1-3",
      "PODE1-4",
      "PODE1-5",
      "PODE1-6",
      "PODE2-1",
      "PODE21-1",
      "PODE2-2",
      "PODE21-2",
    ]);
    expect((await taskOf(open.house, "pod-12")).epic).toBe("POD");
    expect((await open.house.roster.epic("PODE1"))?.title).toBe("Season two of the podcast");
    expect((await open.house.roster.epic("POD"))?.title).toBe("Imported from beads");
  });

  it("that claims to be in progress is never active", async () => {
    const task = await taskOf(open.house, "pod-02");
    expect(task).toMatchObject({
      status: "draft",
      priority: "P0",
      attempts: 0,
      acceptance: expect.stringContaining("clipping"),
    });
    const why = report.mapped.find(({ from }) => from === "status in_progress")?.why;
    expect(why).toContain("claimed to be in progress; nobody here holds it");
  });

  it("that was closed waits for a person with one question", async () => {
    expect(await taskOf(open.house, "pod-01")).toMatchObject({
      status: "blocked",
      completion: null,
      block: {
        kind: "unproven",
        reason: "closed in beads without proof",
        owner: "zoe",
        question: "Was this really done? Attach proof through an attempt, or have a person attest it.",
      },
    });
  });

  it("has one event, and nothing is announced", async () => {
    const { key } = await taskOf(open.house, "pod-33");
    const events = await eventsOf(open.house, key);
    expect(events.map(({ kind, version, actor }) => [kind, version, actor])).toEqual([
      ["task.imported", 1, "person:local:zoe"],
    ]);
    expect(events[0]?.data).toMatchObject({
      source: "beads",
      id: "pod-33",
      was: "closed",
      status: "blocked",
    });
    expect(await open.house.outbox.notices({ after: 0, limit: 10 })).toEqual([]);
  });

  it("waits for what it waited for, cycles and gaps kept as links", async () => {
    expect((await taskOf(open.house, "pod-05")).dependencies.map(({ key }) => key)).toEqual([
      "PODE1-4",
      "PODE1-5",
    ]);
    expect((await taskOf(open.house, "pod-20")).dependencies).toEqual([]);
    expect(await linksOf("pod-20")).toEqual([`cycle:blocks ${(await taskOf(open.house, "pod-18")).key}`]);
    const self = (await taskOf(open.house, "pod-21")).key;
    expect(await linksOf("pod-21")).toEqual([`cycle:blocks ${self}`]);
    expect(await linksOf("pod-22")).toEqual(["absent:related pod-98", "dangling:blocks pod-99"]);
    expect(report.mapped).toContainEqual({
      from: "blocks",
      to: "dependency",
      count: 1,
      why: "it waits for what was deleted there: stranded until somebody edits it",
    });
    expect(mappedFrom(report, "blocks")["nothing more"]).toBe(1);
  });

  it("keeps what has no place of its own", async () => {
    const { body } = await taskOf(open.house, "pod-12");
    expect(body).toBe(
      "Since the storm.\n\n## Design\n\nLift the ground on the mixer.\n\n## Notes\n\nSeen twice.",
    );
    const line = (await exported(open.house)).find((one) => one.includes('"externalId":"pod-09"'));
    const [origin] = (JSON.parse(line ?? "{}") as { origins: { labels: Record<string, any> }[] }).origins;
    expect(origin?.labels).toMatchObject({
      status: "open",
      type: "chore",
      fields: {
        labels: ["studio", "cheap"],
        dependencies: [
          { depends_on_id: "pod-08", type: "parent-child", created_by: "mira" },
          { type: "discovered-from" },
        ],
      },
    });
  });

  it("loses what would deceive, and shows the rest", async () => {
    expect((await taskOf(open.house, "pod-24")).title).toBe("Invoice gnp.exe");
    expect((await taskOf(open.house, "pod-24")).body).toBe("Line one\nline  two");
    expect((await taskOf(open.house, "pod-26")).title).toBe("🎙️ Jingle für die Pause — עברית");
    const long = await taskOf(open.house, "pod-25");
    expect(long.title).toHaveLength(300);
    expect(long.title.endsWith("…")).toBe(true);
    expect(long.body).toMatch(/^A title that goes on and on: (and on ){59}and on \n\nShort body\.$/);
  });
});

it("validation lists the drafts, and what waits for something that never came or never comes", async () => {
  const { valid, findings } = await validateQueue(open.house);
  expect(valid).toBe(true);
  const counts = Object.fromEntries(
    [...Map.groupBy(findings, ({ rule }) => rule)].map(([rule, all]) => [rule, all.length]),
  );
  expect(counts).toEqual({ "draft-incomplete": 25, "dependency-stranded": 1, "dependency-dangling": 1 });
  expect(findings.find(({ rule }) => rule === "dependency-dangling")?.detail).toMatch(/waiting for pod-99,/);
});

describe("rows that lack what a queued task must have", () => {
  it("are queued where the import gives it, claimed ones too, in the order of their dependencies", async () => {
    const other = await openTestHouse();
    try {
      await seedRoster(other.house);
      const given = { lane: "builder", acceptance: "Somebody heard it", requirements: [TRUE_COMMAND] };
      const full = await imported(other.house, "beads", PODCAST, given);
      expect(full.byStatus).toEqual({ queued: 24, draft: 1, blocked: 6, cancelled: 1 });
      expect(mappedFrom(full, "status in_progress")).toEqual({ queued: 2 });
      const own = await taskOf(other.house, "pod-03");
      expect(own).toMatchObject({ status: "queued", acceptance: "Under forty minutes.", readyAt: null });
      expect((await taskOf(other.house, "pod-12")).acceptance).toBe("Somebody heard it");
      expect((await taskOf(other.house, "pod-12")).readyAt).not.toBeNull();
      // A dependency on what is called closed is open: nobody proved it.
      expect((await taskOf(other.house, "pod-08")).readyAt).toBeNull();
    } finally {
      await other.close();
    }
  });
});

describe("closed rows a person attests", () => {
  it("come in as done, attested by name, satisfy dependencies, and are never announced", async () => {
    const other = await openTestHouse();
    try {
      await seedRoster(other.house);
      const given = { lane: "builder", acceptance: "Somebody heard it", requirements: [TRUE_COMMAND] };
      const full = await imported(other.house, "beads", PODCAST, { ...given, attestClosedBy: "Mira Obi" });
      expect(full.byStatus).toEqual({ queued: 24, draft: 1, done: 5, blocked: 1, cancelled: 1 });
      expect(mappedFrom(full, "status closed")).toEqual({ "done, attested": 5 });
      const task = await taskOf(other.house, "pod-07");
      expect(task).toMatchObject({
        status: "done",
        completion: "attested",
        requirements: [{ name: "attested", kind: "human", approvers: 1, role: "operator" }],
      });
      const [event, ...more] = await eventsOf(other.house, task.key);
      expect(more).toEqual([]);
      expect(event).toMatchObject({
        kind: "task.imported",
        data: { attestedBy: "Mira Obi", status: "done" },
      });
      expect((await taskOf(other.house, "pod-08")).readyAt).not.toBeNull();
      expect(await other.house.outbox.notices({ after: 0, limit: 10 })).toEqual([]);
      const line = (await exported(other.house)).find((one) => one.includes('"externalId":"pod-07"'));
      expect(line).toContain('"attestedBy":"Mira Obi"');
    } finally {
      await other.close();
    }
  });
});
