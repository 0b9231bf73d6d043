import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { markdown } from "../../adapters/source/markdown.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, TRUE_COMMAND } from "../support/story.ts";
import { exported, imported, mappedFrom, refusedAt } from "./support.ts";

const LIST = `# House

Things to mend before winter.

## Roof & gutters

- [ ] Order slates (P1)
  Ask for the grey ones,
    four hundred of them.

  They must match.
  Acceptance: The slates are in the yard.
- [ ] Lay the slates [P0]
  Depends: Order slates
  Acceptance: No rain in the attic.
- [x] Clean the gutters
- a bullet that is no task

## Garden

1. [ ] Prune the vine
   * [ ] Sharpen the shears
     Depends: GATE-1, the weather
   Only after the frost.

## Сад

- [ ] Water the roses
`;

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
});
afterEach(() => open.close());

async function byTitle(title: string) {
  const { tasks } = await open.house.listing.list({ limit: 100 });
  const found = tasks.find((task) => task.title === title);
  const facts = found && (await open.house.queue.task(found.key));
  if (facts == null) throw new Error(`there is no task "${title}"`);
  return facts.task;
}

describe("a task list", () => {
  it("becomes tasks under the epics its headings name", async () => {
    await added(open.house);
    const report = await imported(open.house, "markdown", LIST, {
      lane: "builder",
      requirements: [TRUE_COMMAND],
    });
    expect(report).toMatchObject({
      rows: 8,
      created: 6,
      epics: 3,
      dependencies: 2,
      links: 2,
      byStatus: { queued: 2, draft: 3, blocked: 1 },
    });
    expect(await byTitle("Order slates")).toMatchObject({
      key: "ROOFGUTTERS-1",
      priority: "P1",
      status: "queued",
      acceptance: "The slates are in the yard.",
      body: "Ask for the grey ones,\n  four hundred of them.\n\nThey must match.",
    });
    expect(await byTitle("Lay the slates")).toMatchObject({
      priority: "P0",
      dependencies: [{ key: "ROOFGUTTERS-1", status: "queued" }],
      readyAt: null,
    });
    expect(await byTitle("Clean the gutters")).toMatchObject({
      status: "blocked",
      block: { kind: "unproven" },
    });
    expect(await byTitle("Prune the vine")).toMatchObject({
      key: "GARDEN-1",
      status: "draft",
      body: "Only after the frost.",
    });
    expect((await byTitle("Sharpen the shears")).dependencies.map(({ key }) => key)).toEqual(["GATE-1"]);
    expect((await open.house.roster.epic("ROOFGUTTERS"))?.title).toBe("Roof & gutters");
    expect((await byTitle("Water the roses")).epic).toMatch(/^E[0-9A-F]{6}$/);
    expect(mappedFrom(report, "depends")).toEqual({ dependency: 2, "link dangling:depends": 1 });
    expect(mappedFrom(report, "priority missing")).toEqual({ P2: 4 });
  });

  it("has every line reported that was not understood", async () => {
    const report = await imported(open.house, "markdown", LIST);
    expect(report.refused.map(({ line }) => line)).toEqual([3, 17]);
    expect(refusedAt(report, 17)).toMatchObject({
      expected: "- [ ] title",
      got: "- a bullet that is no task",
    });
  });

  it("changes nothing when it comes again, and tells what was ticked since", async () => {
    await imported(open.house, "markdown", LIST);
    const before = await exported(open.house);
    expect(await imported(open.house, "markdown", LIST)).toMatchObject({
      created: 0,
      unchanged: 6,
      epics: 0,
    });
    const ticked = LIST.replace("- [ ] Order slates", "- [x] Order slates");
    expect(await imported(open.house, "markdown", ticked)).toMatchObject({
      created: 0,
      unchanged: 5,
      changed: 1,
    });
    expect(await exported(open.house)).toEqual(before);
  });

  it("gives headings of one name keys of their own, and tasks before any heading an epic too", () => {
    const { records } = markdown.parse(
      "- [ ] Loose\n# Launch\n- [ ] A\n# Launch!\n- [ ] A\n# 2026\n- [ ] B\n",
    );
    expect(records.map(({ epic }) => epic?.key ?? null)).toEqual([null, "LAUNCH", "LAUNCH2", "E2026"]);
    expect(new Set(records.map(({ id }) => id)).size).toBe(4);
  });
});
