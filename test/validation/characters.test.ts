// SQL knows characters by lists of its own; they may never hold fewer than what the code trims and refuses.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BLANK } from "../../db/suspicions.ts";
import { textFault } from "../../src/core/task-fields.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";
import { openRaw, type RawConnection } from "../support/raw.ts";

/** Every character but surrogates, which are halves of one, up to beyond the first astral planes. */
const POINTS = Array.from({ length: 0x1_1000 }, (_, point) => point).filter(
  (point) => point < 0xd800 || point > 0xdfff,
);

describe("what SQL takes for blank or unfit", () => {
  let open: TestHouse;
  let raw: RawConnection;
  beforeAll(async () => {
    open = await openTestHouse();
    raw = await openRaw(open.url);
    const [[table] = []] = await raw.read([
      { sql: "SELECT sql FROM sqlite_schema WHERE name = 'task_texts' AND type = 'table'" },
    ]);
    // The real columns on a table of their own, so that no tasks are needed.
    const probe = String(table?.["sql"])
      .replace("CREATE TABLE task_texts", "CREATE TABLE probe")
      .replace(/ REFERENCES tasks\(id\)/, "");
    await raw.write([
      { sql: probe },
      {
        sql: `INSERT INTO probe (task_id, title, acceptance) SELECT j.value, 'a' || char(j.value) || 'b', char(j.value)
          FROM json_each(?1) j`,
        args: [JSON.stringify(POINTS)],
      },
    ]);
  });
  afterAll(async () => {
    await raw.close();
    await open.close();
  });

  const where = async (condition: string): Promise<readonly number[]> => {
    const [rows = []] = await raw.read([
      { sql: `SELECT task_id AS point FROM probe WHERE ${condition} ORDER BY task_id` },
    ]);
    return rows.map((row) => Number(row["point"]));
  };

  it("as a title, is what textFault refuses, character by character", async () => {
    const refused = POINTS.filter(
      (point) => textFault({ title: `a${String.fromCodePoint(point)}b`, body: "", acceptance: "" }) !== null,
    );
    expect(refused.length).toBeGreaterThan(70);
    expect(await where("title_unfit")).toEqual(refused);
  });

  it("as an acceptance, is what the gate calls blank", async () => {
    const blank = POINTS.filter((point) => String.fromCodePoint(point).trim() === "");
    expect(blank).toHaveLength(25);
    expect(await where("acceptance_blank")).toEqual(blank);
  });

  it("as a block's words, is the same", async () => {
    const blank = POINTS.filter((point) => String.fromCodePoint(point).trim() === "");
    expect(await where(`trim(acceptance, ${BLANK}) = ''`)).toEqual(blank);
  });
});
