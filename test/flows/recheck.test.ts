import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allPlatforms } from "../../adapters/chat/all.ts";
import { approveTask } from "../../src/commands/approve-task.ts";
import { rotProof } from "../../src/commands/rot-proof.ts";
import { validateQueue } from "../../src/commands/validate-queue.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { recheckPool } from "../../src/jobs/recheck-proofs.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw } from "../support/raw.ts";
import {
  added,
  claimed,
  completed,
  proved,
  submitted,
  TRUE_COMMAND,
  verified,
  well,
} from "../support/story.ts";

const HOUR = 3_600_000;
const DAYS = [HOUR, 24 * HOUR, 7 * 24 * HOUR];
const FILE = { name: "report", kind: "file", path: "report.txt" } as const;
const DAY = Date.UTC(2026, 2, 30, 9);

let open: TestHouse;

beforeEach(async () => {
  open = await openTestHouse({ startAt: DAY });
  await seedRoster(open.house);
});
afterEach(() => open.close());

async function done(house = open.house): Promise<void> {
  writeFileSync(join(open.proofs, "report.txt"), "12 passed");
  await added(house, { requirements: [FILE] });
  const held = await claimed(house);
  await proved(house, held, "file:report.txt");
  await submitted(house, held);
  await verified(house);
  expect(await status()).toBe("done");
}

/** Looks again until nothing is due. */
async function recheck(house = open.house, delays = DAYS): Promise<void> {
  const pool = recheckPool(house, delays, new AbortController().signal);
  do {
    await pool.run();
    await pool.idle();
  } while ((await house.rechecks.due(1)).length > 0);
}

async function status(key = "GATE-1") {
  return (await open.house.queue.task(key))?.task.status;
}

async function proofNow() {
  const [proof] = (await open.house.queue.attempt("GATE-1.1"))?.proofs ?? [];
  return proof;
}

async function eventsOf(kind: string) {
  const events = await open.house.log.events({ after: 0, limit: 1000 });
  return events.filter((event) => event.kind === kind);
}

describe("after done", () => {
  test("a proof that still holds is looked at after an hour, a day and a week, and no version is spent", async () => {
    await done();
    const before = await open.house.queue.task("GATE-1");
    const looks: number[] = [];
    let at = DAY;
    for (const wait of [HOUR - 1, 1, 23 * HOUR - 1, 1, 6 * 24 * HOUR - 1, 1, 30 * 24 * HOUR]) {
      open.clock.advance(wait);
      at += wait;
      await recheck();
      if ((await proofNow())?.checkedAt === at) looks.push(at - DAY);
    }
    expect(looks).toEqual(DAYS);
    expect(await open.house.queue.task("GATE-1")).toMatchObject({
      task: { version: before?.task.version, status: "done" },
    });
  });

  test("many that still hold are each noted once, by however few writes", async () => {
    for (let at = 1; at <= 12; at += 1) {
      await added(open.house);
      await completed(open.house, `s-${at}`);
    }
    open.clock.advance(24 * HOUR);
    const raw = await openRaw(open.url);
    const list = () => raw.read([{ sql: "SELECT rechecks, checked_at AS at FROM proofs" }]);
    // Both delays are due by now: the second one's look is the one that counts, the first has run out.
    await recheck();
    const [rows = []] = await list();
    expect(rows).toHaveLength(12);
    expect(rows.map(({ rechecks, at }) => [rechecks, at])).toEqual(rows.map(() => [1, DAY + 24 * HOUR]));
    expect(await raw.read([{ sql: "SELECT count(*) AS n FROM rechecks" }])).toEqual([[{ n: 0 }]]);
    await raw.close();
  });

  test("one that rotted reopens the task, keeps what was seen, and is corrected once, below its announcement", async () => {
    await done();
    const platforms = allPlatforms(open.house);
    await deliverOutbox(open.house, platforms);
    open.clock.advance(HOUR);
    await recheck();
    expect(await status()).toBe("done");
    rmSync(join(open.proofs, "report.txt"));
    open.clock.advance(23 * HOUR);
    await Promise.all([recheck(), recheck()]);
    expect(await status()).toBe("queued");
    expect(await proofNow()).toMatchObject({
      verdict: "failed",
      evidence: expect.stringContaining("file:local:sha256:"),
    });
    expect(await eventsOf("proof.rotted")).toMatchObject([
      { task: "GATE-1", attempt: "GATE-1.1", actor: "system:recheck-proofs" },
    ]);
    await deliverOutbox(open.house, platforms);
    await deliverOutbox(open.house, platforms);
    const channel = await open.house.localChat.page("gatehouse", { limit: 20 });
    const head = channel.find(({ kind }) => kind === "auto-complete");
    expect(channel.filter(({ kind }) => kind === "correction")).toEqual([]);
    expect(await open.house.localChat.thread("gatehouse", head?.id ?? 0, 20)).toMatchObject([
      { kind: "correction", task: "GATE-1", text: expect.stringContaining("CORRECTION GATE-1") },
    ]);
    open.clock.advance(7 * 24 * HOUR);
    await recheck();
    expect(await eventsOf("proof.rotted")).toHaveLength(1);
    expect(await open.house.integrity.integrity(DAY)).toMatchObject({ completed: 1, corrected: 1 });
    expect(await open.house.integrity.integrity(DAY + 25 * HOUR)).toMatchObject({
      completed: 0,
      corrected: 0,
    });
    expect((await validateQueue(open.house)).findings).toEqual([]);
  });

  test("a reopened task can be proved again, and what waits for it waits meanwhile", async () => {
    await done();
    await added(open.house, { title: "After it", dependsOn: ["GATE-1"] });
    expect((await open.house.queue.task("GATE-2"))?.task.readyAt).not.toBeNull();
    rmSync(join(open.proofs, "report.txt"));
    open.clock.advance(HOUR);
    await recheck();
    expect((await open.house.queue.task("GATE-2"))?.task.readyAt).toBeNull();
    writeFileSync(join(open.proofs, "report.txt"), "12 passed");
    const held = await claimed(open.house);
    expect(held.task.key).toBe("GATE-1");
    await proved(open.house, held, "file:report.txt");
    await submitted(open.house, held);
    await verified(open.house);
    expect(await status()).toBe("done");
    expect((await open.house.queue.task("GATE-2"))?.task.readyAt).not.toBeNull();
    // The rotten proof of the first attempt is nobody's question any more; the second one's is asked from its own time.
    open.clock.advance(23 * HOUR);
    await recheck();
    expect(await status()).toBe("done");
  });

  test("a process that dies between the look and the write leaves it to the next, and it is corrected once", async () => {
    await done();
    rmSync(join(open.proofs, "report.txt"));
    open.clock.advance(HOUR);
    const dying = {
      ...open.house,
      queue: { ...open.house.queue, commit: () => Promise.reject(new Error("killed")) },
    };
    const first = recheckPool(dying, DAYS, new AbortController().signal);
    await first.run();
    await first.idle();
    expect(await status()).toBe("done");
    await recheck();
    expect(await status()).toBe("done");
    open.clock.advance(60_000);
    await recheck();
    expect(await status()).toBe("queued");
    // And after the write, before it was taken off the list.
    const proof = await proofNow();
    if (proof === undefined) throw new Error("no proof");
    const again = { proof, taskKey: "GATE-1", announcement: null };
    expect(await rotProof(open.house, again, { verdict: "failed", reason: "gone" })).toEqual({
      ok: true,
      value: "moot",
    });
    expect(await eventsOf("proof.rotted")).toHaveLength(1);
    const notices = await open.house.outbox.notices({ kind: "correction", after: 0, limit: 10 });
    expect(notices).toHaveLength(1);
  });

  test("people's approval is not asked for again, and commands are run again", async () => {
    await added(open.house, { requirements: [TRUE_COMMAND, { name: "review", kind: "human" }] });
    await completed(open.house);
    well(await approveTask(open.house, { key: "GATE-1", role: "admin" }, { actor: "person:test:grace" }));
    await verified(open.house);
    expect(await status()).toBe("done");
    open.clock.advance(HOUR);
    await recheck();
    const proofs = (await open.house.queue.attempt("GATE-1.1"))?.proofs ?? [];
    expect(proofs.map(({ kind, checkedAt }) => [kind, checkedAt])).toEqual([
      ["command", DAY + HOUR],
      ["human", DAY],
    ]);
  });

  test("the delays are the installation's, and what came too late for one is left to the next", async () => {
    await done();
    open.clock.advance(30 * 24 * HOUR);
    await recheck();
    expect((await proofNow())?.checkedAt).toBe(DAY);
    await recheck(open.house, [40 * 24 * HOUR]);
    open.clock.advance(10 * 24 * HOUR);
    await recheck(open.house, [40 * 24 * HOUR]);
    expect((await proofNow())?.checkedAt).toBe(DAY + 40 * 24 * HOUR);
  });
});

test("an inconclusive look is repeated with backoff, given up at the next delay, and decides nothing", async () => {
  const asked: number[] = [];
  let away = false;
  const verifier: Verifier = {
    kind: "file",
    check: () => [],
    matches: () => true,
    verify: () => {
      asked.push(open.clock.now - DAY);
      return Promise.resolve(
        away
          ? { verdict: "inconclusive", reason: "away" }
          : { verdict: "passed", reason: "there", evidence: "file:local:x" },
      );
    },
  };
  await open.close();
  open = await openTestHouse({ startAt: DAY, verifiers: [verifier] });
  await seedRoster(open.house);
  await done();
  away = true;
  asked.length = 0;
  for (let minutes = 0; minutes < 24 * 60; minutes += minutes < 80 ? 1 : 10) {
    open.clock.advance(minutes < 80 ? 60_000 : 600_000);
    await recheck();
  }
  const minutes = asked.map((ms) => ms / 60_000);
  expect(minutes.slice(0, 5)).toEqual([60, 61, 63, 67, 75]);
  expect(minutes.length).toBeLessThan(20);
  expect(await status()).toBe("done");
  open.clock.advance(HOUR);
  asked.length = 0;
  away = false;
  await recheck();
  // Of both delays only the later one still asks.
  expect(asked).toHaveLength(1);
  expect(await open.house.rechecks.due(10)).toEqual([]);
});
