// Plain lines written by hand, and everything a line can get wrong.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importTasks } from "../../src/commands/import-tasks.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, TRUE_COMMAND } from "../support/story.ts";
import { exported, imported, refusedAt, taskOf, ZOE } from "./support.ts";

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
});
afterEach(() => open.close());

const json = (...rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join("\n");

describe("a plain line", () => {
  it("becomes a new task, queued where it has all it needs", async () => {
    const here = await added(open.house);
    const report = await imported(
      open.house,
      "jsonl",
      json(
        {
          id: "mend",
          title: "Mend the step",
          body: "It ends well, and writes nothing.",
          acceptance: "The report is there",
          lane: "builder",
          priority: "P1",
          dependsOn: [here, "look"],
          policy: { requirements: [TRUE_COMMAND] },
        },
        {
          id: "look",
          title: "Look at the step",
          acceptance: "It is known why",
          lane: "builder",
          policy: { requirements: [TRUE_COMMAND] },
        },
        { title: "Just a thought" },
        {
          title: "Later",
          draft: true,
          acceptance: "x",
          lane: "builder",
          policy: { requirements: [TRUE_COMMAND] },
        },
      ),
    );
    expect(report).toMatchObject({
      rows: 4,
      created: 4,
      dependencies: 2,
      byStatus: { queued: 2, draft: 2 },
      refused: [],
    });
    const task = await taskOf(open.house, "mend");
    expect(task).toMatchObject({
      key: "GATE-2",
      status: "queued",
      priority: "P1",
      requirements: [TRUE_COMMAND],
    });
    expect(task.dependencies.map(({ key }) => key).toSorted()).toEqual([here, "GATE-3"]);
  });

  it("is known again, by its id or by its title", async () => {
    const text = json({ id: "mend", title: "Mend the step" }, { title: "Just a thought" });
    await imported(open.house, "jsonl", text);
    const before = await exported(open.house);
    expect(await imported(open.house, "jsonl", text)).toMatchObject({ created: 0, unchanged: 2 });
    expect(await exported(open.house)).toEqual(before);
  });

  it.each([
    ["no title", { body: "x" }, "title", "string"],
    ["an unknown field", { title: "x", acceptence: "typo" }, "acceptence", "no such field"],
    ["an unknown priority", { title: "x", priority: "high" }, "priority", expect.anything()],
    ["a lane that is not here", { title: "x", lane: "nowhere" }, "lane", "one that exists"],
    ["an epic that is not here", { title: "x", epic: "NOWHERE" }, "epic", "one that exists"],
    [
      "a requirement no verifier knows",
      { title: "x", policy: { requirements: [{ name: "a", kind: "magic" }] } },
      "policy.requirements[0].kind",
      expect.anything(),
    ],
    [
      "two requirements of one name",
      { title: "x", policy: { requirements: [TRUE_COMMAND, TRUE_COMMAND] } },
      "policy.requirements",
      "names that differ",
    ],
    [
      "a time without a zone",
      { title: "x", notBefore: "2026-01-01T00:00:00" },
      "notBefore",
      expect.anything(),
    ],
    [
      "a body as long as a book",
      { title: "x", body: "y".repeat(100_001) },
      "body",
      "at most 100000 characters",
    ],
    ["an id that turns around", { title: "x", id: "a\u202eb" }, "id", "an id without control characters"],
  ])("with %s is refused with its field, and the others come in", async (_, row, field, expected) => {
    const report = await imported(open.house, "jsonl", json({ title: "Before" }, row, { title: "After" }));
    expect(report.created).toBe(2);
    expect(report.refused).toEqual([expect.objectContaining({ line: 2, field, expected })]);
  });
});

describe("hostile input", () => {
  it("ten megabytes in one line are one refused line", async () => {
    const text = `${json({ id: "a", title: "Fine" })}\n{"id":"b","title":"${"x".repeat(10_000_000)}"}\n${json({ id: "c", title: "Fine too" })}`;
    for (const source of ["beads", "jsonl"]) {
      const report = await imported(open.house, source, text, { dryRun: true });
      expect(report).toMatchObject({ created: 2, rows: 3 });
      expect(refusedAt(report, 2)).toMatchObject({ expected: "at most 4000000 characters", got: 10_000_021 });
    }
    const list = await imported(open.house, "markdown", `- [ ] Fine\n- [ ] ${"x".repeat(10_000_000)}\n`, {
      dryRun: true,
    });
    expect(list).toMatchObject({ created: 1, rows: 2 });
  });

  it("lines that are not UTF-8 are named, and no replacement character gets into a title", async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${json({ id: "a", title: "Größe" })}\n{"id":"b","title":"`),
      Buffer.from([0xff, 0xfe, 0xc3]),
      Buffer.from(`"}\r\n${json({ id: "c", title: "Fine" })}`),
    ]);
    const report = await imported(open.house, "beads", bytes);
    expect(report).toMatchObject({ rows: 3, created: 2 });
    expect(refusedAt(report, 2)).toMatchObject({ expected: "UTF-8" });
    expect((await taskOf(open.house, "a")).title).toBe("Größe");
  });

  it("a file of another encoding has every line refused", async () => {
    const report = await imported(
      open.house,
      "beads",
      Buffer.from(`\ufeff${json({ id: "a", title: "x" })}`, "utf16le"),
    );
    expect(report.created).toBe(0);
    expect(report.refused.length).toBeGreaterThan(0);
  });

  it("a byte-order mark is no content", async () => {
    expect(
      await imported(open.house, "beads", Buffer.from(`\ufeff${json({ id: "a", title: "x" })}`)),
    ).toMatchObject({ created: 1 });
  });

  it("nesting without end is a refused line, not a crash", async () => {
    const deep = `{"id":"a","title":"x","comments":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    const report = await imported(open.house, "beads", `${deep}\n${json({ id: "b", title: "y" })}`);
    expect(report.created).toBe(1);
    expect(refusedAt(report, 1)).toBeDefined();
  });

  it("halves of characters and NUL in texts are replaced, in labels kept", async () => {
    const text = `{"id":"a","title":"half \\ud83d","description":"nul \\u0000 here","labels":["\\u0000","\\ud83d"],"__proto__":{"x":1}}`;
    const report = await imported(open.house, "beads", text);
    expect(report.created).toBe(1);
    const task = await taskOf(open.house, "a");
    expect(task).toMatchObject({ title: "half \ufffd", body: "nul   here" });
    const line = (await exported(open.house)).find((one) => one.includes('"externalId":"a"')) ?? "";
    expect(line).toContain(String.raw`"labels":["\u0000","\ud83d"],"__proto__":{"x":1}`);
    const other = await openTestHouse();
    try {
      await imported(other.house, "jsonl", (await exported(open.house)).join("\n"));
      expect(await exported(other.house)).toEqual(await exported(open.house));
    } finally {
      await other.close();
    }
  });

  it("an empty file is an empty report", async () => {
    for (const source of ["beads", "markdown", "jsonl"]) {
      expect(await imported(open.house, source, "\n\n")).toMatchObject({ rows: 0, created: 0, refused: [] });
    }
  });

  it("an archive of a later version, or with records nobody knows, is refused and says so", async () => {
    const later = await imported(
      open.house,
      "jsonl",
      '{"format":"gatehouse","version":2}\n{"record":"task"}',
    );
    expect(later.refused).toEqual([
      expect.objectContaining({ line: 1, field: "version", expected: 1, got: 2 }),
    ]);
    const odd = await imported(
      open.house,
      "jsonl",
      '{"format":"gatehouse","version":1}\n{"record":"spell"}\n{"record":"agent","name":"a b"}',
    );
    expect(odd.refused.map(({ line, field }) => [line, field])).toEqual([
      [2, "record"],
      [3, "name"],
    ]);
    expect(odd.created + later.created).toBe(0);
  });

  it("records of a task that is not in the file are refused one by one", async () => {
    await added(open.house);
    const lines = (await exported(open.house)).filter((line) => !line.startsWith('{"record":"task"'));
    const other = await openTestHouse();
    try {
      const report = await imported(other.house, "jsonl", lines.join("\n"));
      expect(report.created).toBe(0);
      expect(report.refused).toEqual([expect.objectContaining({ id: "GATE-1", field: "task" })]);
    } finally {
      await other.close();
    }
  });
});

describe("wrong settings", () => {
  it("defaults for what an export brings itself are refused", async () => {
    const text = (await exported(open.house)).join("\n");
    const outcome = await importTasks(open.house, { source: "jsonl", text, lane: "builder" }, ZOE);
    expect(outcome).toMatchObject({ ok: false, refusal: { field: "lane" } });
  });

  it.each([
    ["a source nobody knows", { source: "jira" }, "source"],
    ["a lane that is not here", { lane: "nowhere" }, "lane"],
    [
      "a requirement no verifier knows",
      { requirements: [{ name: "a", kind: "magic" }] },
      "policy.requirements[0].kind",
    ],
    ["an acceptance that hides something", { acceptance: "fine\u202e" }, "acceptance"],
    ["nobody to attest", { attestClosedBy: " " }, "attestClosedBy"],
  ])("%s changes nothing", async (_, settings, field) => {
    const before = await exported(open.house);
    const outcome = await importTasks(
      open.house,
      { source: "beads", text: json({ id: "a", title: "x" }), ...settings },
      ZOE,
    );
    expect(outcome).toMatchObject({ ok: false, refusal: { field } });
    expect(await exported(open.house)).toEqual(before);
  });
});
