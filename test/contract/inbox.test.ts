import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Inbox } from "../../src/ports/inbox.ts";
import type { TestHouse } from "../support/house.ts";
import { makePlace, PLACES, type Place, START } from "./places.ts";

const DAY = 86_400_000;
const LEASE = 30_000;

describe.each(PLACES)("the inbox in a %s", (kind) => {
  let place: Place;
  let at: TestHouse;
  let inbox: Inbox;
  beforeAll(async () => {
    place = await makePlace(kind);
    at = await place.open({ startAt: START });
    inbox = at.house.inbox;
  });
  afterAll(() => place.remove());

  let last = 0;
  const arrives = (event: string, thread: string | null = null, platform = `p${last}`) =>
    inbox.receive({ platform, event, thread, payload: { said: event } });
  /** A platform of its own for each test. */
  const fresh = () => {
    last += 1;
    return `p${last}`;
  };

  test("what came is kept before anybody is thanked, and handed out once", async () => {
    const platform = fresh();
    expect(await inbox.lastReceived(platform)).toBeNull();
    expect(await arrives("a")).toBe(true);
    expect(await inbox.lastReceived(platform)).toBe(at.clock.now);
    expect(await inbox.dueInMs([platform])).toBe(0);
    const [entry] = await inbox.take([platform], 10, LEASE);
    expect(entry).toMatchObject({ event: "a", payload: { said: "a" }, tries: 1, receivedAt: at.clock.now });
    expect(await inbox.take([platform], 10, LEASE)).toEqual([]);
    await inbox.handled(entry?.id ?? 0);
    expect(await inbox.dueInMs([platform])).toBeNull();
  });

  test("the same event three times, also at once and also after it was handled, is one", async () => {
    const platform = fresh();
    const known = await Promise.all([arrives("a"), arrives("a"), arrives("a")]);
    expect(known.filter(Boolean)).toHaveLength(1);
    const [entry] = await inbox.take([platform], 10, LEASE);
    await inbox.handled(entry?.id ?? 0);
    expect(await arrives("a")).toBe(false);
    expect(await inbox.dueInMs([platform])).toBeNull();
    expect(await arrives("a", null, fresh())).toBe(true);
  });

  test("a payload is gone once it was handled, and so is its event after two days", async () => {
    const platform = fresh();
    await arrives("a");
    const [entry] = await inbox.take([platform], 10, LEASE);
    await inbox.handled(entry?.id ?? 0);
    const kept = (await place.dump())["inbox"]?.find((row) => row.includes(`"${platform}"`)) ?? "";
    expect(kept).toContain('"payload":null');
    at.clock.advance(2 * DAY + 1);
    await inbox.prune();
    expect(await arrives("a")).toBe(true);
  });

  test("leaves what it is told to leave, and takes the rest", async () => {
    const platform = fresh();
    await arrives("a");
    await arrives("b");
    const taken = await inbox.take([platform], 10, LEASE);
    for (const { id } of taken) await inbox.unhandled(id, "another's", 0);
    const [a, b] = taken.map(({ id }) => id);
    expect((await inbox.take([platform], 10, LEASE, [a ?? 0])).map(({ id }) => id)).toEqual([b]);
    expect((await inbox.take([platform], 10, LEASE)).map(({ id }) => id)).toEqual([a]);
  });

  test("of a thread one is handled at a time, in the order they came; others do not wait for it", async () => {
    const platform = fresh();
    for (const [event, thread] of [
      ["a", "t"],
      ["b", "t"],
      ["c", null],
      ["d", "u"],
    ] as const)
      await arrives(event, thread);
    const first = await inbox.take([platform], 10, LEASE);
    expect(first.map(({ event }) => event)).toEqual(["a", "c", "d"]);
    expect(await inbox.take([platform], 10, LEASE)).toEqual([]);
    for (const { id } of first) await inbox.handled(id);
    expect((await inbox.take([platform], 10, LEASE)).map(({ event }) => event)).toEqual(["b"]);
  });

  test("what a killed process held is taken up again at the very end of its lease, and not before", async () => {
    const platform = fresh();
    await arrives("a");
    const [entry] = await inbox.take([platform], 10, LEASE);
    at.clock.advance(LEASE - 1);
    expect(await inbox.take([platform], 10, LEASE)).toEqual([]);
    await inbox.renew([entry?.id ?? 0], LEASE);
    at.clock.advance(LEASE - 1);
    expect(await inbox.dueInMs([platform])).toBe(1);
    at.clock.advance(1);
    expect(await inbox.take([platform], 10, LEASE)).toMatchObject([{ event: "a", tries: 2 }]);
  });

  test("what could not be handled comes back when it is time, and what was given up does not hold up its thread", async () => {
    const platform = fresh();
    await arrives("a", "t");
    await arrives("b", "t");
    const [entry] = await inbox.take([platform], 10, LEASE);
    await inbox.unhandled(entry?.id ?? 0, "away", 5000);
    expect(await inbox.dueInMs([platform])).toBe(0);
    expect(await inbox.take([platform], 10, LEASE)).toEqual([]);
    at.clock.advance(5000);
    const [again] = await inbox.take([platform], 10, LEASE);
    expect(again).toMatchObject({ event: "a", tries: 2 });
    await inbox.unhandled(again?.id ?? 0, "gone", null);
    expect((await inbox.take([platform], 10, LEASE)).map(({ event }) => event)).toEqual(["b"]);
  });
});
