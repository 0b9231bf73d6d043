// The way in and out on a server, answers lost on the way included: the same as in a file.
import { afterEach, beforeEach, expect, it } from "vitest";
import { makePlace, type Place } from "../contract/places.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { completedTask, given } from "./busy-queue.ts";
import { exported, imported, PODCAST } from "./support.ts";

const START = Date.UTC(2026, 0, 1);
let place: Place;
let at: TestHouse;
beforeEach(async () => {
  place = await makePlace("server");
  at = await place.open({ startAt: START, verifiers: [given] });
});
afterEach(() => place.remove());

it("rows come in, come again and go out the same on a server", async () => {
  const here = await openTestHouse({ startAt: START, verifiers: [given] });
  try {
    expect(await imported(at.house, "beads", PODCAST)).toEqual(await imported(here.house, "beads", PODCAST));
    // Tokens are random, and everything else is not.
    const plain = (lines: readonly string[]) => lines.map((line) => line.replace(/"change":"[^"]*"/, ""));
    expect(plain(await exported(at.house))).toEqual(plain(await exported(here.house)));
    expect(await imported(at.house, "beads", PODCAST)).toMatchObject({ created: 0, unchanged: 32 });
  } finally {
    await here.close();
  }
});

it("an answer that is lost after the write is found again: nothing comes in twice", async () => {
  place.server?.faults.next("drop-after-execute", /INSERT INTO tasks/);
  place.server?.faults.next("drop-after-execute", /UPDATE epics SET last_number = last_number/);
  const report = await imported(at.house, "beads", PODCAST);
  expect(place.server?.faults.pending).toBe(0);
  expect(report).toMatchObject({ created: 32, epics: 4 });
  const tasks = (await exported(at.house)).filter((line) => line.startsWith('{"record":"task"'));
  expect(tasks).toHaveLength(32);
});

it("a history is believed on a server as in a file", async () => {
  const here = await openTestHouse({ startAt: START, verifiers: [given] });
  try {
    await seedRoster(here.house);
    await completedTask(here.house, "s-1", [{ name: "checks", kind: "given" }]);
    const lines = await exported(here.house);
    place.server?.faults.next("drop-after-execute", /INSERT INTO agents/);
    place.server?.faults.next("drop-before-execute", /INSERT INTO proofs/);
    expect(await imported(at.house, "jsonl", lines.join("\n"))).toMatchObject({ created: 1, refused: [] });
    expect(place.server?.faults.pending).toBe(0);
    expect(await exported(at.house)).toEqual(lines);
    const forged = lines
      .filter((line) => !line.startsWith('{"record":"proof"'))
      .map((line) => line.replaceAll("GATE-1", "GATE-2"));
    const refused = (await imported(at.house, "jsonl", forged.join("\n"))).refused;
    expect(refused).toEqual([
      expect.objectContaining({ id: "GATE-2", why: expect.stringContaining("proof-missing") }),
    ]);
  } finally {
    await here.close();
  }
});
