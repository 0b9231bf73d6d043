import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventLog } from "../../db/event-log.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { pauseLane, resumeLane } from "../../src/commands/pause-lane.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import type { EventLog } from "../../src/ports/log.ts";
import { added, OPERATOR, well } from "../support/story.ts";
import { makeHouse, PLACES, START } from "./places.ts";

describe.each(PLACES)("the log of a queue in a %s, read backwards", (kind) => {
  let place: Awaited<ReturnType<typeof makeHouse>>;
  beforeEach(async () => {
    place = await makeHouse(kind);
  });
  afterEach(() => place.remove());

  /** All pages of a walk, as ids. */
  async function pages(log: EventLog, filter: Parameters<EventLog["recent"]>[0]) {
    const found: number[][] = [];
    for (let before = filter.before; ; ) {
      const page = await log.recent({ ...filter, before });
      found.push(page.events.map(({ id }) => id));
      if (page.next === null) return found;
      before = page.next;
    }
  }

  it("gives every event once, however the pages and the stretches fall", async () => {
    const { house } = place.at;
    const key = await added(house);
    const other = { actor: "person:test:other" };
    for (let at = 0; at < 20; at += 1) {
      const by = at % 10 === 0 ? other : OPERATOR;
      well(await prioritizeTask(house, { key, priority: at % 2 === 0 ? "P1" : "P2" }, by));
    }
    const last = await house.log.lastEvent();
    const all = Array.from({ length: last }, (_, index) => last - index);
    for (const reach of [
      { span: 1, spans: 1 },
      { span: 4, spans: 2 },
      { span: 7, spans: 100 },
      { span: 1000, spans: 1 },
    ]) {
      const log = eventLog(place.outside, reach);
      for (const limit of [1, 3, 100]) {
        expect((await pages(log, { limit })).flat()).toEqual(all);
        const mine = (await pages(log, { limit, actor: other.actor })).flat();
        expect(mine).toEqual([last - 9, last - 19]);
      }
    }
    const ofTask = (await pages(house.log, { limit: 4, task: key })).flat();
    expect(ofTask).toEqual(all.slice(0, 21));
    expect((await pages(house.log, { limit: 4, before: last - 18 })).flat()).toEqual(all.slice(19));
    expect(await house.log.event(last)).toMatchObject({ id: last, task: key, version: 21 });
    expect(await house.log.event(last + 1)).toBeNull();
  });

  it("ends where the window begins, and does not look further", async () => {
    const { house } = place.at;
    const key = await added(house);
    for (let hour = 0; hour < 5; hour += 1) {
      place.at.clock.advance(3_600_000);
      well(await prioritizeTask(house, { key, priority: "P1" }, OPERATOR));
    }
    const log = eventLog(place.outside, { span: 2, spans: 2 });
    const { events, next } = await log.recent({ limit: 10, since: START + 4 * 3_600_000 });
    expect(events.map(({ at }) => at)).toEqual([START + 5 * 3_600_000, START + 4 * 3_600_000]);
    expect(next).toBeNull();
  });

  it("pauses a lane only as it was left, and puts one request on record once", async () => {
    const { house } = place.at;
    const by = { actor: "person:test:op", requestId: "r-1" };
    well(await pauseLane(house, { name: "builder", reason: "lunch" }, by));
    expect(await house.log.byRequest("r-1")).toMatchObject({ kind: "lane.paused", actor: by.actor });
    expect(well(await resumeLane(house, "builder", OPERATOR, "audit")).pausedReason).toBe("lunch");
    const again = { name: "builder", reason: "audit", from: null };
    expect(well(await pauseLane(house, again, OPERATOR)).pausedReason).toBe("lunch");
    await expect(resumeLane(house, "builder", by)).rejects.toThrow();
    expect((await house.roster.lane("builder"))?.pausedReason).toBe("lunch");
    expect(well(await resumeLane(house, "builder", OPERATOR, "lunch")).pausedReason).toBeNull();
  });

  it("counts who waits for a task, each once, and nobody through what is over", async () => {
    const { house } = place.at;
    const first = await added(house);
    const second = await added(house, { dependsOn: [first] });
    const third = await added(house, { dependsOn: [first, second] });
    const fourth = await added(house, { dependsOn: [third], draft: true });
    expect(await house.listing.dependents(first)).toEqual({
      waiting: { tasks: 3, keys: [second, third, fourth] },
      direct: [{ status: "queued", tasks: 2, keys: [second, third] }],
    });

    well(await cancelTask(house, { key: third, reason: "dropped" }, OPERATOR));
    expect(await house.listing.dependents(first)).toMatchObject({
      waiting: { tasks: 1, keys: [second] },
      direct: [{ status: "queued" }, { status: "cancelled", keys: [third] }],
    });
    expect(await house.listing.dependents("GATE-99")).toEqual({
      waiting: { tasks: 0, keys: [] },
      direct: [],
    });
  });
});
