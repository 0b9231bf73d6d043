// A server that is gone, silent, locked or a stranger: said in a sentence and in bounded time, and then all is well again.

import Database from "libsql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore, type Store } from "../../db/store.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { startHranaServer } from "../remote/hrana-server.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, holder, ROUTE } from "../support/story.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { makePlace, type Place } from "./places.ts";

const ANSWER_MS = 1000;

let place: Place;
let gateway: Gateway;
let open: TestHouse;
beforeEach(async () => {
  place = await makePlace("server");
  gateway = await startGateway(place.url);
  const near = await place.open();
  await seedRoster(near.house);
  await added(near.house);
  open = await openTestHouse({ url: gateway.url, store: { answerTimeoutMs: ANSWER_MS } });
});
afterEach(async () => {
  await open.close();
  await gateway.close();
  await place.remove();
});

/** Everything a process may be doing at one moment. */
const everything = (store: Store): readonly Promise<unknown>[] => [
  store.queue.task("GATE-1"),
  store.queue.claim({ lane: "builder", agent: "ada", session: "s-1", route: ROUTE }),
  store.queue.promote(),
  store.proofWork.nextDue(),
  store.outbox.takeDue(["local"], 9, 1000),
  store.outbox.post({ kind: "digest", text: "t", data: {} }, null),
  store.idempotency.begin({ agent: 1, key: "k", fingerprint: "f" }),
  store.log.lastEvent(),
];

const allTroubled = async (work: readonly Promise<unknown>[], code: string | RegExp): Promise<number> => {
  const began = performance.now();
  for (const answer of await Promise.allSettled(work)) {
    expect(answer).toMatchObject({ status: "rejected", reason: expect.any(Trouble) });
    expect((answer as PromiseRejectedResult).reason.code).toMatch(code);
  }
  return performance.now() - began;
};

describe("a server that is away", () => {
  test("is told as unreachable to everybody within seconds, and is used again when it is back", async () => {
    const before = await place.dump();
    await gateway.leave();
    expect(await allTroubled(everything(open.store), /^unreachable$/)).toBeLessThan(5000);
    expect(await place.dump()).toEqual(before);
    await gateway.comeBack();
    expect((await claimed(open.house)).task.key).toBe("GATE-1");
  });

  test("says where to look, and when to come back", async () => {
    await gateway.leave();
    const trouble = await open.store.queue.now().catch((error: unknown) => error);
    expect(trouble).toMatchObject({
      code: "unreachable",
      retryAfterMs: 1000,
      message: expect.stringMatching(/GATEHOUSE_DB_URL.* \(.*ECONNREFUSED.*\)$/),
    });
    await gateway.comeBack();
  });

  test("is not waited for at the start either", async () => {
    await gateway.leave();
    await expect(openStore({ url: gateway.url })).rejects.toMatchObject({ code: "unreachable" });
    await gateway.comeBack();
  });
});

describe("a server that takes requests and never answers", () => {
  test("is given up after one time-out by all who wait for it, not after one each", async () => {
    gateway.mode = "silent";
    const took = await allTroubled(everything(open.store), /^(unreachable|doubtful)$/);
    expect(took).toBeLessThan(5 * ANSWER_MS);
    gateway.mode = "open";
    expect((await claimed(open.house)).task.key).toBe("GATE-1");
  });
});

test("a server that answers 502 to everything changes nothing and is told as away", async () => {
  const before = await place.dump();
  const refusing = async (): Promise<void> => {
    throw new Error("no");
  };
  gateway.before = refusing;
  expect(await allTroubled(everything(open.store), /^(unreachable|doubtful)$/)).toBeLessThan(15_000);
  gateway.before = async () => undefined;
  expect(await place.dump()).toEqual(before);
});

test("a server that is gone right after it wrote leaves a doubt, and says so: it may or may not have been done", async () => {
  let written = false;
  gateway.before = async (text) => {
    if (written) throw new Error("gone");
    written = /INSERT INTO epics/.test(text);
  };
  place.server?.faults.next("drop-after-execute", /INSERT INTO epics/);
  const epic = { key: "CLIP", title: "Clips", goal: "" };
  await expect(open.store.roster.addEpic(epic, "person:test:op")).rejects.toMatchObject({
    code: "doubtful",
    message: expect.stringContaining("may or may not have been done"),
  });
  gateway.before = async () => undefined;
  expect(await open.store.roster.epic("CLIP")).toMatchObject({ title: "Clips" });
});

describe("a server that turns us away", () => {
  test("for the token is told as that at once", async () => {
    const guarded = await startHranaServer({ file: place.file, token: "open sesame" });
    for (const token of [undefined, "wrong"]) {
      await expect(openStore({ url: guarded.url, token })).rejects.toMatchObject({
        code: "database-token",
        message: expect.stringContaining("GATEHOUSE_DB_TOKEN"),
      });
    }
    await (await openStore({ url: guarded.url, token: "open sesame" })).close();
    await guarded.close();
  });

  test("because it is no libSQL server is told as that", async () => {
    await expect(openStore({ url: `${place.url}/elsewhere/` })).rejects.toMatchObject({
      code: "database-address",
      message: expect.stringContaining("GATEHOUSE_DB_URL"),
    });
  });
});

describe.each(["file", "server"] as const)("a database in a %s that somebody keeps locked", (kind) => {
  test("is told as locked to 64 callers at once, and is used again when it is free", async () => {
    const locked = await makePlace(kind);
    const house = await locked.open({ store: { busyDeadlineMs: 300, busyTimeoutMs: 5 } });
    await seedRoster(house.house);
    await added(house.house);
    const held = await claimed(house.house);
    const holderOfLock = new Database(locked.file);
    holderOfLock.exec("BEGIN IMMEDIATE");
    const before = await locked.dump();
    const beat = {
      ...holder(held),
      lane: "builder",
      task: "GATE-1",
      session: held.attempt.session,
      route: ROUTE,
    };
    const work = Array.from({ length: 64 }, (_, index) =>
      house.store.queue.beat({ ...beat, attempt: `GATE-1.${index + 1}` }),
    );
    const took = await allTroubled([...work, house.store.queue.promote()], /^locked$/);
    expect(took).toBeLessThan(3000);
    // Reading needs no lock.
    expect((await house.store.queue.task("GATE-1"))?.task.status).toBe("active");
    holderOfLock.exec("ROLLBACK");
    holderOfLock.close();
    expect(await locked.dump()).toEqual(before);
    expect(await house.store.queue.beat(beat)).toBeGreaterThan(0);
    expect(await locked.dump()).not.toEqual(before);
    await locked.remove();
  });
});
