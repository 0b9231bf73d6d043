import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { approveTask } from "../../src/commands/approve-task.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, type RawConnection, wouldRaw } from "../support/raw.ts";
import { added, claimed, completed, holder, OPERATOR, proved, submitted, well } from "../support/story.ts";
import { trustTwins } from "./trust-twins.ts";
import { drop, proofTwins } from "./twins.ts";
import { takenOut } from "./without.ts";

/**
 * The twins of the gates of proof and of trust in the database, dropped one by one, or a condition of one taken out of its text: what hand-written SQL was
 * refused a moment before, by that twin's own code, then goes through. Every statement is undone again.
 */
let open: TestHouse;
let raw: RawConnection;
const keys: Record<string, string> = {};

const PROVED = ["built", "tested"].map((name) => ({ name, kind: "command", argv: ["true"] }));
const REVIEW = { name: "review", kind: "human", approvers: 1 };

beforeAll(async () => {
  open = await openTestHouse({ startAt: Date.UTC(2026, 2, 30, 9) });
  raw = await openRaw(open.url);
  await seedRoster(open.house);
  const { house } = open;
  const bring = async (held: Awaited<ReturnType<typeof claimed>>) => {
    for (const { name } of PROVED) await proved(house, held, `command:${name}`);
  };
  // Two that are done, and one each that is submitted, submitted and approved, held for the second time, and nobody's.
  await added(house);
  keys["done"] = await completed(house, "s-1");
  await added(house);
  keys["also done"] = await completed(house, "s-2");
  keys["submitted"] = await added(house, { requirements: PROVED });
  const one = await claimed(house, "s-3");
  await bring(one);
  await submitted(house, one);
  keys["reviewed"] = await added(house, { requirements: [...PROVED, REVIEW] });
  const two = await claimed(house, "s-4");
  await bring(two);
  await submitted(house, two);
  well(await approveTask(house, { key: two.task.key, role: "operator" }, { actor: "person:test:grace" }));
  keys["again"] = await added(house, { requirements: PROVED });
  const first = await claimed(house, "s-5");
  await bring(first);
  well(await releaseAttempt(house, { ...holder(first), reason: "later" }, OPERATOR));
  open.clock.advance(3_600_000);
  const second = await claimed(house, "s-6");
  await bring(second);
  await submitted(house, second);
  keys["queued"] = await added(house, { requirements: PROVED });
});
afterAll(async () => {
  await raw.close();
  await open.close();
});

const TWINS = [...proofTwins, ...trustTwins];

/** Each statement with the task's key where it asks for one. */
const about = (key: string, statements: readonly string[]) =>
  statements.map((sql) => (sql.includes("?") ? ([sql, key] as const) : sql));

describe("the database's own", () => {
  test.each(TWINS)("$rule", async ({ trigger, code, condition, task, before = [], bad }) => {
    const key = keys[task] ?? "";
    const first = about(key, before);
    const then = about(key, bad);
    expect(await wouldRaw(raw, ...first, ...then)).toMatchObject({ code });
    const [[row] = []] = await raw.read([
      { sql: "SELECT sql FROM sqlite_schema WHERE name = ?", args: [trigger] },
    ]);
    const text = String(row?.["sql"]);
    const softer =
      condition === undefined
        ? []
        : [takenOut(text, { file: trigger, check: condition[0], without: condition[1] })];
    expect(await wouldRaw(raw, ...first, drop(trigger), ...softer, ...then)).toBeNull();
  });

  test("are all among them", async () => {
    const [rows = []] = await raw.read([
      {
        sql: "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND (name GLOB 'proof_before_done*' OR name GLOB 'heartbeat_trust*')",
      },
    ]);
    const named = [...new Set(TWINS.map(({ trigger }) => trigger))];
    expect(rows.map(({ name }) => String(name)).toSorted()).toEqual(named.toSorted());
  });
});
