import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { allSources } from "../../adapters/source/all.ts";
import { SOURCES } from "../../src/doors/cli/transfer.ts";
import { type Ran, runHere } from "../support/command-line.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";

let opened: TestHouse;
let folder: string;
const gatehouse = (...args: string[]): Promise<Ran> => runHere(opened.house, args);
const file = (name: string, text: string | Uint8Array): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gatehouse-transfer-"));
  opened = await openTestHouse();
  await seedRoster(opened.house);
});
afterAll(async () => {
  await opened.close();
  rmSync(folder, { recursive: true });
});

const ISSUES = [
  {
    id: "bd-1",
    title: "Cut the clip",
    status: "open",
    priority: 1,
    issue_type: "task",
    acceptance_criteria: "it plays",
  },
  { id: "bd-2", title: "Post the clip", status: "closed", priority: 2, issue_type: "task" },
  { id: "bd-3", title: "", status: "open", priority: 2, issue_type: "task" },
];
const issues = () => file("issues.jsonl", `${ISSUES.map((issue) => JSON.stringify(issue)).join("\n")}\n`);

it("offers every source there is", () => {
  expect(Object.keys(SOURCES)).toEqual(allSources.map(({ name }) => name));
});

it("shows first what an import would do, and writes nothing", async () => {
  const before = await opened.house.log.lastEvent();
  const { status, out } = await gatehouse("import", "beads", issues(), "--lane", "builder", "--dry-run");

  expect(status).toBe(0);
  expect(out).toContain("3 rows of beads, as a dry run: nothing was written\n");
  expect(out).toMatch(/^ +2 {2}tasks would be created$/m);
  expect(out).toMatch(/^ +1 {2}refused$/m);
  expect(out).toMatch(/^LINE +ID +FIELD +REFUSED BECAUSE\n3 +bd-3 +title /m);
  expect(await opened.house.log.lastEvent()).toBe(before);
});

it("imports, tells of each mapping, and finds the tasks by the ids they had", async () => {
  const { status, json } = await gatehouse("import", "beads", issues(), "--lane", "builder", "--json");

  expect(status).toBe(0);
  expect(json).toMatchObject({
    rows: 3,
    created: 2,
    unchanged: 0,
    dryRun: false,
    refused: [{ line: 3, id: "bd-3" }],
  });
  const shown = await gatehouse("task", "show", "bd-2", "--json");
  expect(shown.json).toMatchObject({
    title: "Post the clip",
    status: "blocked",
    block: { kind: "unproven" },
  });
});

it("changes nothing when it is run twice", async () => {
  const { json } = await gatehouse("import", "beads", issues(), "--lane", "builder", "--json");

  expect(json).toMatchObject({ created: 0, unchanged: 2 });
});

it("takes what closed rows claim on somebody's word alone, and shows it as attested", async () => {
  const path = file("vouched.md", "# Vouched\n\n- [x] Old work\n- [ ] New work\n");
  const { status } = await gatehouse(
    "import",
    "markdown",
    path,
    "--lane",
    "builder",
    "--attest-closed-by",
    "kim",
  );
  const { json } = await gatehouse("task", "list", "--text", "Old work", "--json");

  expect(status).toBe(0);
  expect(json.tasks).toMatchObject([{ status: "done", completion: "attested" }]);
});

it("ends with 1 where no row could be taken", async () => {
  const { status, out } = await gatehouse("import", "jsonl", file("odd.jsonl", "not json\nnor this\n"));

  expect(status).toBe(1);
  expect(out).toMatch(/^ +2 {2}refused$/m);
});

it("refuses a lane that is not there", async () => {
  const { status, err } = await gatehouse("import", "beads", issues(), "--lane", "nowhere");

  expect(status).toBe(1);
  expect(err).toContain("  field     lane\n");
});

it("says of a file that is not there that it is not there", async () => {
  const missing = await gatehouse("import", "beads", join(folder, "none.jsonl"));

  expect(missing.status).toBe(2);
  expect(missing.err).toBe(`error: ${join(folder, "none.jsonl")} cannot be read: there is no such file.\n`);
  expect((await gatehouse("import", "beads", folder)).err).toContain("it is a folder");
});

it("shows how far a long import is where somebody looks, and nowhere else", async () => {
  const lines = Array.from({ length: 1200 }, (_, index) => `- [ ] Task ${index}`);
  const path = file("long.md", `# Long\n\n${lines.join("\n")}\n`);
  const seen: string[] = [];
  const terminal = {
    out: () => undefined,
    err: (text: string) => void seen.push(text),
    drained: () => Promise.resolve(),
    errIsTty: true,
  };
  await runHere(opened.house, ["import", "markdown", path, "--lane", "builder"], { terminal });

  expect(seen[0]).toBe("\r0 of 1200 tasks");
  expect(seen).toContain("\r1200 of 1200 tasks");
  expect(seen.at(-1)).toBe("\r\u001b[K");
  expect((await gatehouse("import", "markdown", path, "--lane", "builder")).err).toBe("");
});

it("exports what another queue imports whole", async () => {
  const exported = await gatehouse("export");
  const other = await openTestHouse();
  try {
    const there = (...args: string[]) => runHere(other.house, args);
    const { status, json } = await there("import", "jsonl", file("queue.jsonl", exported.out), "--json");

    expect(exported.status).toBe(0);
    expect(status).toBe(0);
    expect(json.refused).toEqual([]);
    expect((await there("export")).out).toBe(exported.out);
  } finally {
    await other.close();
  }
});
