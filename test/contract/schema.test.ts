import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestHouse, type TestHouse } from "../support/house.ts";
import { openRaw, type RawConnection } from "../support/raw.ts";

let open: TestHouse;
let raw: RawConnection;

beforeAll(async () => {
  open = await openTestHouse();
  raw = await openRaw(open.url);
});
afterAll(async () => {
  await raw.close();
  await open.close();
});

test("drizzle's tables are the tables the migrations made, every one and every column", async () => {
  expect(await open.store.maintenance.drift()).toEqual([]);
  const schema = await import("../../db/schema.ts");
  const [rows = []] = await raw.read([
    // What an index of words keeps for itself is nobody's table.
    {
      sql: "SELECT count(*) AS tables FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    },
  ]);
  expect(Object.keys(schema)).toHaveLength(Number(rows[0]?.["tables"]));
});

test("a twin that was dropped or rewritten and a table that was altered are told", async () => {
  await raw.write([
    { sql: "DROP TRIGGER proof_before_done" },
    { sql: "DROP TRIGGER queue_truth_delete" },
    { sql: "CREATE TRIGGER queue_truth_delete BEFORE DELETE ON tasks BEGIN SELECT 1; END" },
    { sql: "ALTER TABLE lanes ADD COLUMN secret TEXT" },
    { sql: "ALTER TABLE epics DROP COLUMN goal" },
  ]);
  expect(await open.store.maintenance.drift()).toEqual([
    "column lanes.secret was added",
    "column epics.goal is missing",
    "trigger queue_truth_delete was rewritten",
    "trigger proof_before_done is missing",
  ]);
});
