// The watch from the command line: what it prints, how it ends, and what people say of what it found.
import { afterEach, beforeEach, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import { type Ran, runHere } from "../support/command-line.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, completed, OPERATOR, well } from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
let open: TestHouse;
const gatehouse = (...args: string[]): Promise<Ran> => runHere(open.house, args);

beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
});
afterEach(() => open.close());

async function silent(): Promise<void> {
  await added(open.house);
  await claimed(open.house);
  open.clock.advance(12 * 60_000);
}

test("a healthy queue ends with 0, a contradiction with 1, and both are on record as runs of the job", async () => {
  await added(open.house);
  expect(await gatehouse("autonomy-verify-watch")).toMatchObject({
    status: 0,
    out: "0 contradictions stand: 0 opened, 0 healed, 0 escalated, 0 resolved\n",
  });
  await claimed(open.house);
  open.clock.advance(12 * 60_000);
  const found = await gatehouse("autonomy-verify-watch", "--json");
  expect(found.status).toBe(1);
  expect(found.json).toMatchObject({
    opened: 1,
    contradictions: [{ id: 1, rule: "silent-attempt", state: "open", openedAt: "2026-03-30T09:12:00.000Z" }],
  });
  const runs = await open.house.jobRuns.runs({ job: "autonomy-verify-watch", limit: 9 });
  expect(runs.map(({ outcome, findings, actor }) => [outcome, findings, actor])).toEqual([
    ["findings", 1, "person:cli:tess"],
    ["well", 0, "person:cli:tess"],
  ]);
});

test("a contradiction is listed, acknowledged and snoozed", async () => {
  await silent();
  await gatehouse("autonomy-verify-watch");
  expect((await gatehouse("contradiction", "list")).out).toMatch(/1 +open +silent-attempt +GATE-1 /u);
  expect(await gatehouse("contradiction", "ack", "1", "--note", "restarting")).toMatchObject({ status: 0 });
  expect((await gatehouse("contradiction", "list", "--state", "acknowledged", "--json")).json).toMatchObject({
    contradictions: [{ id: 1, acknowledgedBy: "person:cli:tess", remark: "restarting" }],
  });
  expect(await gatehouse("contradiction", "snooze", "1", "8d")).toMatchObject({ status: 1 });
  expect((await gatehouse("contradiction", "snooze", "1", "2h")).out).toBe(
    "#1 is silent until 2026-03-30T11:12:00.000Z\n",
  );
  expect(await gatehouse("contradiction", "ack", "77")).toMatchObject({ status: 1 });
  for (const wrong of [
    ["ack", "first"],
    ["snooze", "1", "forever"],
    ["list", "--state", "gone"],
  ]) {
    expect(await gatehouse("contradiction", ...wrong)).toMatchObject({ status: 2 });
  }
});

test("what was mended is listed, and taken back where that is possible", async () => {
  const first = await added(open.house);
  const second = await added(open.house, { dependsOn: [first] });
  well(await blockTask(open.house, { key: second, kind: "dependency", reason: "waits" }, OPERATOR));
  await completed(open.house);
  open.clock.advance(60_000);
  expect((await gatehouse("autonomy-verify-watch", "--json")).json).toMatchObject({ healed: 1 });
  expect((await gatehouse("contradiction", "healings", "--json")).json).toMatchObject({
    healings: [{ id: 1, healing: "unblock", task: second, undoneAt: null }],
  });
  expect((await gatehouse("contradiction", "undo", "1")).out).toBe(`Healing 1 of ${second} was taken back\n`);
  expect(await gatehouse("contradiction", "undo", "1")).toMatchObject({ status: 1 });
  expect((await gatehouse("contradiction", "healings")).out).toContain("person:cli:tess");
});
