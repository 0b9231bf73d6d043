// Which task somebody means who is typing: the same answers whether a title waits to be taken into the index or is in it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seedQueue } from "../../bench/seed.ts";
import { databaseClock } from "../../db/clock.ts";
import { Connection } from "../../db/connection.ts";
import { openStore } from "../../db/store.ts";
import { type SearchSizes, taskSearch } from "../../db/task-search.ts";
import { addEpic } from "../../src/commands/add-epic.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { editTask } from "../../src/commands/edit-task.ts";
import { STATUSES, type Status } from "../../src/core/task.ts";
import { fitOf, fitsFor, wordsOf } from "../../src/core/typed-words.ts";
import { indexTitles } from "../../src/jobs/index-titles.ts";
import type { TaskSearch } from "../../src/ports/search.ts";
import { added, claimed, OPERATOR, well } from "../support/story.ts";
import { makeHouse, makePlace, PLACES, type Place } from "./places.ts";

/** Time is no matter of these tests: whoever is patient finds all. */
const patienceMs = 600_000;

async function takeAllIn(search: TaskSearch): Promise<void> {
  while ((await indexTitles(search)).nextDueMs !== null);
}

/** The index holds every title as it stands, and nothing else. */
async function isExact({ outside }: Place): Promise<void> {
  const check = "INSERT INTO title_index (title_index, rank) VALUES ('integrity-check', 1)";
  await expect(outside.write([{ sql: check }])).resolves.toBeDefined();
}

describe.each(PLACES)("a task that is meant, in a %s", (kind) => {
  describe.each(["waits for the index", "is in the index"])("whose title %s", (where) => {
    let place: Awaited<ReturnType<typeof makeHouse>>;
    let connection: Connection;
    let search: TaskSearch;

    beforeAll(async () => {
      place = await makeHouse(kind);
      connection = await Connection.open({ url: place.url });
      search = taskSearch(connection, databaseClock, { patienceMs, atOnce: 1 });
      await theTasks();
      if (where === "is in the index") await takeAllIn(search);
    });
    afterAll(async () => {
      await connection.close();
      await place.remove();
    });

    async function theTasks(): Promise<void> {
      const { house } = place.at;
      well(await addEpic(house, { key: "CLIP", title: "Clips" }, OPERATOR));
      for (let number = 1; number <= 12; number += 1)
        await added(house, { epic: "CLIP", title: `Scene ${"abcdefghijkl"[number - 1]}` });
      for (const title of [
        "Fix login for Safari",
        "Login page in São Paulo",
        "Fixing the logout button",
        'The login’s "quotes" AND (OR) NOT NEAR fix',
        "ユーザー登録画面を直す",
        "Ship 🚀 on Friday",
      ])
        await added(house, { title });
      const over = await added(house, { title: "Fix login quickly" });
      well(await cancelTask(house, { key: over, reason: "not needed" }, OPERATOR));
    }

    const find = async (text: string, statuses: readonly Status[] = STATUSES, limit = 25) =>
      (await search.find({ text, statuses, limit })).map(({ key, title }) =>
        key.startsWith("CLIP") ? key : title.replace(/ .*? /u, " "),
      );
    const SAFARI = "Fix for Safari";
    const PAULO = "Login in São Paulo";
    const LOGOUT = "Fixing logout button";
    const QUOTES = 'The "quotes" AND (OR) NOT NEAR fix';
    const JAPANESE = "ユーザー登録画面を直す";
    const SHIP = "Ship on Friday";
    const CANCELLED = "Fix quickly";

    test.each<[string, readonly string[]]>([
      // All the words, in any order; what is over comes last.
      ["fix login", [QUOTES, SAFARI, CANCELLED]],
      ["login fix", [QUOTES, SAFARI, CANCELLED]],
      ["LOGIN  safari", [SAFARI]],
      ["login nowhere", []],
      // Whole words, then the last one half typed, then any of them.
      ["fix log", [QUOTES, SAFARI, LOGOUT, CANCELLED]],
      ["lo", [QUOTES, LOGOUT, PAULO, SAFARI, CANCELLED]],
      ["gin", []],
      // Without accents, and with others.
      ["sao paulo", [PAULO]],
      ["SÃO", [PAULO]],
      ["sa\u0303o", [PAULO]],
      ["fïx logïn safari", [SAFARI]],
      // Nothing typed is more than words.
      ['"quotes" AND', [QUOTES]],
      ["NEAR(fix", [QUOTES]],
      ["login*", [QUOTES, PAULO, SAFARI, CANCELLED]],
      ["title:login", []],
      ["login) OR (safari", []],
      ["fix' --; DROP TABLE tasks", []],
      ['"', []],
      ["-", []],
      ["()", []],
      ["fix\0login safari", [SAFARI]],
      // What words do not say.
      ["登録", [JAPANESE]],
      ["ユーザー", [JAPANESE]],
      ["🚀", [SHIP]],
      ["ship 🚀", [SHIP]],
      ["🔥", []],
    ])("is found by %j", async (typed, titles) => {
      expect(await find(typed)).toEqual(titles);
    });

    test.each<[string, readonly string[]]>([
      ["clip-1", ["CLIP-1", "CLIP-10", "CLIP-11", "CLIP-12"]],
      ["CLIP-12", ["CLIP-12"]],
      ["CLIP-13", []],
      ["clip 12", ["CLIP-12"]],
      ["12", ["CLIP-12"]],
      ["#11", ["CLIP-11"]],
      ["clip-", Array.from({ length: 12 }, (_, index) => `CLIP-${12 - index}`)],
      ["cl", Array.from({ length: 12 }, (_, index) => `CLIP-${12 - index}`)],
      ["clips-", []],
    ])("is found by its key, typed as %j", async (typed, keys) => {
      expect(await find(typed)).toEqual(keys);
    });

    test("is one of those in the statuses asked for, and of those asked for at the most", async () => {
      expect(await find("fix login", ["cancelled", "done"])).toEqual([CANCELLED]);
      expect(await find("fix login", ["draft"])).toEqual([]);
      expect(await find("12", ["draft"])).toEqual([]);
      expect(await find("scene", STATUSES, 3)).toEqual(["CLIP-12", "CLIP-11", "CLIP-10"]);
      expect(await find("clip", STATUSES, 3)).toEqual(["CLIP-12", "CLIP-11", "CLIP-10"]);
      expect(await find("fix".repeat(10_000))).toEqual([]);
      expect(await find("fix ".repeat(10_000), ["queued"])).toEqual([QUOTES, SAFARI, LOGOUT]);
    });

    test("is, where nothing was typed, of the first status, and the next to be pulled of what is queued", async () => {
      const { house } = place.at;
      const first = await added(house, { title: "Urgent", priority: "P0" });
      const blocked = await added(house, { title: "Unclear" });
      well(await blockTask(house, { key: blocked, kind: "question", reason: "Which?" }, OPERATOR));
      expect((await find("", ["blocked", "queued"], 3)).slice(0, 3)).toEqual(["Unclear", "Urgent", "CLIP-1"]);
      const active = await claimed(house);
      expect(active.task.key).toBe(first);
      expect(await find("", ["active", "cancelled", "queued"], 3)).toEqual(["Urgent", CANCELLED, "CLIP-1"]);
      expect(await find("", ["done"], 3)).toEqual([]);
    });

    test("is found by its new title, not by the old one, and no more once its text is gone", async () => {
      const key = await added(place.at.house, { title: "Walnut" });
      if (where === "is in the index") await takeAllIn(search);
      expect(await find("walnut")).toEqual(["Walnut"]);
      well(await editTask(place.at.house, { key, version: 1, title: "Hazelnut" }, OPERATOR));
      expect(await find("walnut")).toEqual([]);
      expect(await find("hazel")).toEqual(["Hazelnut"]);
      well(await editTask(place.at.house, { key, version: 2, body: "A nut" }, OPERATOR));
      expect(await find("hazelnut")).toEqual(["Hazelnut"]);
      await place.outside.write([{ sql: "DELETE FROM task_texts WHERE title = 'Hazelnut'" }]);
      expect(await find("hazelnut")).toEqual([]);
      if (where === "is in the index") await isExact(place);
    });

    test("is found by the id it had where it came from", async () => {
      const sql =
        "INSERT INTO origins (source, external_id, task_id) SELECT 'beads', 'bd-a1', id FROM tasks WHERE key = 'CLIP-7'";
      await place.outside.write([{ sql }]);
      expect(await find("bd-a1")).toEqual(["CLIP-7"]);
    });
  });
});

describe("of thousands of tasks", () => {
  const TASKS = 3000;
  let place: Place;
  let tasks: readonly {
    readonly id: number;
    readonly key: string;
    readonly status: Status;
    readonly title: string;
  }[];

  beforeAll(async () => {
    place = await makePlace("file");
    await (await openStore({ url: place.url, synchronous: "normal" })).close();
    await seedQueue(place.outside, { tasks: TASKS });
    const [rows = []] = await place.outside.read([
      { sql: "SELECT id, key, status, title FROM tasks JOIN task_texts ON task_id = id" },
    ]);
    tasks = rows as unknown as typeof tasks;
  });
  afterAll(() => place.remove());

  const searching = (sizes: Partial<SearchSizes>) =>
    taskSearch(place.outside, databaseClock, { patienceMs, ...sizes });

  /** The rule itself, on every task there is. */
  function best(text: string, statuses: readonly Status[]): readonly string[] {
    const words = wordsOf(text);
    const fitHere = fitOf(words);
    const rankOf = (title: string): number => [null, ...fitsFor(words)].indexOf(fitHere(title));
    const isOver = (status: Status): number => (status === "done" || status === "cancelled" ? 1 : 0);
    return tasks
      .filter(({ status }) => statuses.includes(status))
      .map((task) => ({ ...task, rank: rankOf(task.title) }))
      .filter(({ rank }) => rank > 0)
      .toSorted((a, b) => isOver(a.status) - isOver(b.status) || a.rank - b.rank || b.id - a.id)
      .slice(0, 25)
      .map(({ key }) => key);
  }

  const TYPED = [
    "step",
    "mend",
    "m",
    "login safari",
    "login saf",
    "mig the",
    "the",
    "step 17",
    "zürich",
    "au",
    "a",
    "xy",
  ];
  const WANTED: readonly (readonly Status[])[] = [
    STATUSES,
    ["verifying"],
    ["blocked", "draft"],
    ["dead", "done"],
    ["queued", "cancelled"],
    ["cancelled"],
  ];

  async function findsTheBest(search: TaskSearch): Promise<void> {
    for (const statuses of WANTED) {
      for (const text of TYPED) {
        const found = await search.find({ text, statuses, limit: 25 });
        // An answer is told apart by its question.
        expect([text, statuses, found.map(({ key }) => key)]).toEqual([text, statuses, best(text, statuses)]);
      }
    }
  }

  test("the very best are found before any is in the index, and take their turn into it", async () => {
    const search = searching({ beyond: TASKS });
    await findsTheBest(search);
    const [newest] = best("step", ["queued"]);
    expect(
      (await searching({ beyond: 20 }).find({ text: "step", statuses: ["queued"], limit: 9 }))[0]?.key,
    ).toBe(newest);
    expect(await search.takeIn()).toBe(true);
    await findsTheBest(search);
    await takeAllIn(search);
  });

  test.each<[string, Partial<SearchSizes>]>([
    ["as it is", {}],
    ["in small looks", { firstLooks: [7, 9], nextLooks: [13, 50] }],
    ["among the few, all of them read", { firstLooks: [3], few: TASKS }],
    ["among the ids of what stands", { firstLooks: [3], nextLooks: [40], few: 0, lookAmong: 60 }],
    ["down the matches, however many stand", { firstLooks: [3], nextLooks: [40], few: 0, many: 0 }],
  ])("the very best are found in the index, %s", async (_, sizes) => {
    await findsTheBest(searching(sizes));
  });

  test("those that were there before the index are taken into it, by several at once", async () => {
    const [triggers = []] = await place.outside.read([
      { sql: "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB 'title_index_*'" },
    ]);
    await place.outside.write([
      ...triggers.map(({ name }) => ({ sql: `DROP TRIGGER ${String(name)}` })),
      { sql: "DROP TABLE title_index" },
      { sql: "DROP TABLE title_index_reach" },
      { sql: "DROP INDEX proofs_superseded" },
      { sql: "DELETE FROM schema_migrations WHERE version = 60" },
    ]);
    const stores = await Promise.all(
      [1, 2, 3].map(() => openStore({ url: place.url, synchronous: "normal" })),
    );
    expect(await stores[0]?.maintenance.drift()).toEqual([]);
    await Promise.all(stores.map(({ search }) => takeAllIn(search)));
    const [[row] = []] = await place.outside.read([{ sql: "SELECT indexed_to FROM title_index_reach" }]);
    expect(row?.["indexed_to"]).toBe(TASKS);
    await isExact(place);
    const found = await stores[0]?.search.find({ text: "migrate log", statuses: STATUSES, limit: 25 });
    expect(found?.map(({ key }) => key)).toEqual(best("migrate log", STATUSES));
    await Promise.all(stores.map((store) => store.close()));
  });
});
