import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { editTask } from "../../src/commands/edit-task.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import { queueTruth } from "../../src/core/gates/queue-truth.ts";
import { mayMove, STATUSES } from "../../src/core/task.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, type RawConnection, tryRaw, wouldRaw } from "../support/raw.ts";
import { added, OPERATOR, well } from "../support/story.ts";

let open: TestHouse;
let raw: RawConnection;

beforeAll(async () => {
  open = await openTestHouse({ startAt: Date.UTC(2026, 2, 30, 9) });
  raw = await openRaw(open.url);
  await seedRoster(open.house);
  await added(open.house);
});
afterAll(async () => {
  await raw.close();
  await open.close();
});

const EVENT =
  "INSERT INTO events (task_id, version, change_id, kind, actor, at, data) SELECT 1, version + 1, 'x', 'x', 'x', 1, '{}' FROM tasks WHERE id = 1";

describe("a change based on a version that has passed", () => {
  test("is refused with the version that stands, and changes nothing", async () => {
    const key = await added(open.house);
    well(await prioritizeTask(open.house, { key, version: 1, priority: "P0" }, OPERATOR));
    const outcome = await prioritizeTask(open.house, { key, version: 1, priority: "P4" }, OPERATOR);
    expect(outcome).toMatchObject({
      ok: false,
      refusal: { gate: "queue-truth", code: "stale-version", field: "version", expected: 2, got: 1 },
    });
    expect((await open.house.queue.task(key))?.task).toMatchObject({ priority: "P0", version: 2 });
  });

  test("of two people who both read version 1, exactly one is heard", async () => {
    const key = await added(open.house);
    const outcomes = await Promise.all(
      (["P0", "P1", "P3", "P4"] as const).map((priority) =>
        prioritizeTask(open.house, { key, version: 1, priority }, OPERATOR),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect((await open.house.queue.task(key))?.task.version).toBe(2);
    expect(await open.house.log.events({ after: 0, task: key, limit: 10 })).toHaveLength(2);
  });
});

describe("the twin in the database", () => {
  test.each([
    ["a version that does not rise", "UPDATE tasks SET priority = 0 WHERE id = 1"],
    ["a version that jumps", "UPDATE tasks SET priority = 0, version = version + 2 WHERE id = 1"],
    ["a change without its event", "UPDATE tasks SET priority = 0, version = version + 1 WHERE id = 1"],
    ["a deleted task", "DELETE FROM tasks WHERE id = 1"],
    ["another key", "UPDATE tasks SET key = 'GATE-99' WHERE id = 1"],
    ["an event rewritten", "UPDATE events SET actor = 'nobody'"],
    ["an event deleted", "DELETE FROM events"],
    [
      "a task born active",
      "INSERT INTO tasks (key, epic_id, lane_id, priority, status, version, created_at, updated_at) VALUES ('GATE-98', 1, 1, 2, 'active', 1, 1, 1)",
    ],
    [
      "a task born done and proved",
      "INSERT INTO tasks (key, epic_id, lane_id, priority, status, version, completion, created_at, updated_at) VALUES ('GATE-98', 1, 1, 2, 'done', 1, 'proved', 1, 1)",
    ],
  ])("refuses %s", async (_, sql) => {
    expect(await tryRaw(raw, sql)).toMatchObject({ gate: "queue-truth" });
  });

  test("takes a change that raises the version by one and wrote its event first", async () => {
    expect(
      await wouldRaw(raw, EVENT, "UPDATE tasks SET priority = 0, version = version + 1 WHERE id = 1"),
    ).toBeNull();
  });

  test("knows exactly the edges the state machine has", async () => {
    const sql = String(
      (
        await raw.read([
          {
            sql: "SELECT group_concat(sql) AS sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'tasks'",
          },
        ])
      )[0]?.[0]?.["sql"],
    );
    const edges = [...sql.matchAll(/'([a-z]+)>([a-z]+)'/g)]
      .map((match) => `${match[1]}>${match[2]}`)
      .toSorted();
    const machine = STATUSES.flatMap((from) =>
      STATUSES.filter((to) => mayMove(from, to)).map((to) => `${from}>${to}`),
    ).toSorted();
    expect(edges).toEqual(machine);
  });
});

test("the gate refuses every edge the machine does not have, by name", () => {
  for (const from of STATUSES) {
    for (const to of STATUSES) {
      const refusal = queueTruth({ task: { key: "GATE-1", status: from, version: 1 }, to });
      expect(refusal === null, `${from} to ${to}`).toBe(mayMove(from, to));
      if (refusal) expect(refusal).toMatchObject({ code: "transition", field: "status", got: from });
    }
  }
});

describe("dependencies", () => {
  test("a task cannot wait for itself", async () => {
    const key = await added(open.house);
    const outcome = await editTask(open.house, { key, version: 1, dependsOn: [key] }, OPERATOR);
    expect(outcome).toMatchObject({ ok: false, refusal: { code: "dependency-cycle", field: "dependsOn" } });
  });

  test("a cycle through others is refused when it is written, and nothing changes", async () => {
    const a = await added(open.house);
    const b = await added(open.house, { dependsOn: [a] });
    const c = await added(open.house, { dependsOn: [b] });
    const outcome = await editTask(open.house, { key: a, version: 1, dependsOn: [c] }, OPERATOR);
    expect(outcome).toMatchObject({ ok: false, refusal: { gate: "queue-truth", code: "dependency-cycle" } });
    expect((await open.house.queue.task(a))?.task).toMatchObject({ version: 1, dependencies: [] });
  });

  test("of two edges that would close a cycle together, written at once, one is refused", async () => {
    const [a, b] = [await added(open.house), await added(open.house)];
    const outcomes = await Promise.all([
      editTask(open.house, { key: a, version: 1, dependsOn: [b] }, OPERATOR),
      editTask(open.house, { key: b, version: 1, dependsOn: [a] }, OPERATOR),
    ]);
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
  });
});

test("a cancelled task stays cancelled", async () => {
  const key = await added(open.house);
  well(await cancelTask(open.house, { key, reason: "not wanted" }, OPERATOR));
  const again = await cancelTask(open.house, { key, reason: "not wanted" }, OPERATOR);
  expect(again).toMatchObject({
    ok: false,
    refusal: { gate: "queue-truth", code: "transition", got: "cancelled" },
  });
});
