import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseClock } from "../../db/clock.ts";
import { Connection } from "../../db/connection.ts";
import { taskListing } from "../../db/task-list.ts";
import type { TaskListing } from "../../src/ports/listing.ts";
import type { TaskFilter } from "../../src/ports/queue.ts";
import { added, claimed } from "../support/story.ts";
import { openDoor, type TestDoor } from "./support/door.ts";

let door: TestDoor;
let database: Connection;
beforeAll(async () => {
  door = await openDoor();
  database = await Connection.open({ url: door.url });
  for (let index = 0; index < 60; index += 1) {
    await added(door.house, {
      title: index % 9 === 0 ? `Rare ${index}` : `Plain ${index}`,
      lane: index % 3 === 0 ? "ops" : "builder",
      ...(index % 5 === 4 ? { dependsOn: [`GATE-${index}`] } : {}),
      ...(index % 7 === 6 ? { draft: true } : {}),
      ...(index === 50 ? { notBefore: Date.parse("2999-01-01T00:00:00Z") } : {}),
    });
  }
  await claimed(door.house, "s-1");
});
afterAll(async () => {
  await database.close();
  await door.close();
});

async function walk(listing: TaskListing, filter: Partial<TaskFilter>, limit: number) {
  const keys: string[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: Awaited<ReturnType<TaskListing["list"]>> = await listing.list({ ...filter, after, limit });
    expect(page.tasks.length).toBeLessThanOrEqual(limit);
    keys.push(...page.tasks.map((task) => task.key));
    after = page.next;
  }
  return keys;
}

test.each<[Partial<TaskFilter>, number]>([
  [{}, 60],
  [{ status: "draft" }, 8],
  [{ status: "active" }, 1],
  [{ status: "done" }, 0],
  [{ lane: "ops" }, 20],
  [{ text: "rare" }, 7],
  [{ text: "gate-1" }, 11],
  [{ epic: "GATE", lane: "builder", status: "draft" }, 5],
  [{ epic: "NONE" }, 0],
  [{ runnable: true }, 39],
  [{ runnable: false }, 21],
])(
  "%j finds the same tasks however few ids one look goes through and however small a page is",
  async (filter, count) => {
    const whole = await walk(door.house.listing, filter, 200);
    expect(whole).toHaveLength(count);
    for (const span of [1, 7, 59, 60, 61]) {
      const listing = taskListing(database, databaseClock, span);
      for (const limit of [1, 5, 60]) expect(await walk(listing, filter, limit)).toEqual(whole);
    }
  },
);

test("counts add up the same over any span", async () => {
  const sorted = async (listing: TaskListing) =>
    (await listing.counts()).map(({ status, lane, tasks }) => `${status} ${lane} ${tasks}`).toSorted();
  const whole = await sorted(door.house.listing);
  expect(whole).toContain("active builder 1");
  expect(await sorted(taskListing(database, databaseClock, 7))).toEqual(whole);
});
