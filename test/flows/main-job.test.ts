import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { beat } from "../../src/commands/beat.ts";
import { blockAttempt, blockTask } from "../../src/commands/block-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { reopenTask, requeueTask } from "../../src/commands/requeue-task.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import { unblockTask } from "../../src/commands/unblock-task.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import {
  added,
  claimed,
  completed,
  holder,
  OPERATOR,
  proved,
  ROUTE,
  submitted,
  verified,
  well,
} from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
let open: TestHouse;

beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
});
afterEach(() => open.close());

async function statusOf(key: string) {
  return (await open.house.queue.task(key))?.task.status;
}

describe("the main job", () => {
  test("a task is announced only after its proof was checked", async () => {
    const { house } = open;
    const key = await added(house);
    const held = await claimed(house);
    expect(held.task.key).toBe(key);
    await proved(house, held);
    await submitted(house, held);
    expect(await statusOf(key)).toBe("verifying");
    expect(await house.outbox.notices({ after: 0, limit: 10, kind: "auto-complete" })).toEqual([]);
    await verified(house);
    expect(await statusOf(key)).toBe("done");
    const [notice, ...others] = await house.outbox.notices({ after: 0, limit: 10, kind: "auto-complete" });
    expect(others).toEqual([]);
    expect(notice?.text.startsWith(`🔵🔵🔵 AUTO-COMPLETE ${key}`)).toBe(true);
  });

  test("a submission without a proof for every requirement is refused by proof-before-done", async () => {
    await added(open.house);
    const held = await claimed(open.house);
    const outcome = await submitAttempt(open.house, holder(held), { actor: "agent:ada" });
    expect(outcome).toMatchObject({
      ok: false,
      refusal: { gate: "proof-before-done", code: "proof-missing", field: "checks" },
    });
    expect(await statusOf(held.task.key)).toBe("active");
  });

  test("a failed proof gives the task back to the holder while its lease lives", async () => {
    await added(open.house, { requirements: [{ name: "checks", kind: "command", argv: ["false"] }] });
    const held = await claimed(open.house);
    await proved(open.house, held);
    await submitted(open.house, held);
    await verified(open.house);
    const facts = await open.house.queue.task(held.task.key);
    expect(facts?.task).toMatchObject({ status: "active", failures: 0, epoch: held.task.epoch });
    expect(facts?.proofs[0]).toMatchObject({ verdict: "failed" });
    const again = await submitAttempt(open.house, holder(held), { actor: "agent:ada" });
    expect(again).toMatchObject({ ok: false, refusal: { code: "proof-failed" } });
  });

  test("a failed proof whose lease is gone counts a failure, and the last failure makes a dead letter", async () => {
    await added(open.house, {
      requirements: [{ name: "checks", kind: "command", argv: ["false"] }],
      limits: { maxAttempts: 2 },
    });
    for (const [session, status] of [
      ["s-1", "queued"],
      ["s-2", "dead"],
    ] as const) {
      open.clock.advance(60_000);
      const held = await claimed(open.house, session);
      await proved(open.house, held);
      await submitted(open.house, held);
      open.clock.advance(held.attempt.leaseMs);
      await verified(open.house);
      expect(await statusOf(held.task.key)).toBe(status);
    }
    well(await requeueTask(open.house, { key: "GATE-1", reason: "the checks were mended" }, OPERATOR));
    expect(await statusOf("GATE-1")).toBe("queued");
  });

  test("a lapsed lease frees the task under a higher epoch, and the old holder is refused from then on", async () => {
    await added(open.house);
    const held = await claimed(open.house);
    open.clock.advance(held.attempt.leaseMs - 1);
    expect(await reclaimLapsed(open.house)).toBe(0);
    open.clock.advance(1);
    expect(await reclaimLapsed(open.house)).toBe(1);
    const facts = await open.house.queue.task(held.task.key);
    expect(facts?.task).toMatchObject({
      status: "queued",
      failures: 0,
      lapses: 1,
      epoch: held.attempt.epoch + 1,
    });
    const late = await submitAttempt(open.house, holder(held), { actor: "agent:ada" });
    expect(late).toMatchObject({
      ok: false,
      refusal: { gate: "heartbeat-trust", code: "attempt-ended", got: "lapsed" },
    });
    expect(
      well(await claimTask(open.house, { lane: "builder", agent: "ada", session: "s-2", route: ROUTE })),
    ).toEqual({
      skipped: [{ code: "not-before", count: 1 }],
    });
    open.clock.advance(1000);
    expect((await claimed(open.house, "s-2")).attempt).toMatchObject({
      number: 2,
      epoch: held.attempt.epoch + 2,
    });
  });

  test("a heartbeat renews the lease of a slow but healthy worker", async () => {
    await added(open.house);
    const held = await claimed(open.house);
    const { attempt, task } = held;
    const words = {
      ...holder(held),
      lane: "builder",
      task: task.key,
      session: attempt.session,
      route: ROUTE,
    };
    for (let beats = 1; beats <= 5; beats += 1) {
      open.clock.advance(attempt.leaseMs - 1);
      const renewed = well(
        await beat(open.house, { ...words, note: `beat ${beats}` }, { actor: "agent:ada" }),
      );
      expect(renewed.leaseExpiresAt).toBe(open.clock.now + attempt.leaseMs);
      expect(await reclaimLapsed(open.house)).toBe(0);
    }
    const facts = await open.house.queue.task(task.key);
    expect(facts?.attempt).toMatchObject({ beats: 5, note: "beat 5" });
    expect(facts?.task.version).toBe(held.task.version);
  });

  test("what waits for a dependency becomes runnable only when that is done, and is stranded when it is cancelled", async () => {
    const first = await added(open.house, { title: "first" });
    const second = await added(open.house, { title: "second", dependsOn: [first], priority: "P0" });
    const third = await added(open.house, { title: "third", dependsOn: [second], priority: "P0" });
    expect(await completed(open.house, "s-1")).toBe(first);
    expect((await claimed(open.house, "s-2")).task.key).toBe(second);
    well(await cancelTask(open.house, { key: second, reason: "no longer wanted" }, OPERATOR));
    const none = well(
      await claimTask(open.house, { lane: "builder", agent: "ada", session: "s-3", route: ROUTE }),
    );
    expect(none).toEqual({ skipped: [{ code: "dependency-cancelled", count: 1 }] });
    expect(await statusOf(third)).toBe("queued");
  });

  test("reopening what was done withdraws it from those who waited for it", async () => {
    const first = await added(open.house);
    const second = await added(open.house, { dependsOn: [first] });
    await completed(open.house);
    expect((await open.house.queue.task(second))?.task.readyAt).not.toBeNull();
    well(await reopenTask(open.house, { key: first, reason: "it broke" }, OPERATOR));
    expect((await open.house.queue.task(second))?.task.readyAt).toBeNull();
    expect((await claimed(open.house, "s-2")).task.key).toBe(first);
  });

  test("blocking ends the attempt with a question, and an answer queues the task again", async () => {
    const key = await added(open.house);
    const held = await claimed(open.house);
    const question = {
      kind: "question",
      reason: "two codecs fit",
      question: "Which codec?",
      choices: ["av1", "h264"],
    };
    well(await blockAttempt(open.house, { ...holder(held), ...question }, { actor: "agent:ada" }));
    expect((await open.house.queue.task(key))?.task).toMatchObject({
      status: "blocked",
      block: { ...question, owner: "operator" },
    });
    well(await unblockTask(open.house, { key, reason: "av1" }, OPERATOR));
    expect((await open.house.queue.task(key))?.task).toMatchObject({ status: "queued", block: null });
    well(await blockTask(open.house, { key, kind: "external", reason: "the vendor is down" }, OPERATOR));
    expect(await statusOf(key)).toBe("blocked");
  });

  test("a release counts as a used attempt unless the infrastructure is to blame", async () => {
    await added(open.house);
    const first = await claimed(open.house);
    well(
      await releaseAttempt(
        open.house,
        { ...holder(first), reason: "shutting down", fault: "infrastructure" },
        { actor: "agent:ada" },
      ),
    );
    expect((await open.house.queue.task("GATE-1"))?.task).toMatchObject({ status: "queued", failures: 0 });
    const second = await claimed(open.house);
    well(
      await releaseAttempt(open.house, { ...holder(second), reason: "cannot do it" }, { actor: "agent:ada" }),
    );
    expect((await open.house.queue.task("GATE-1"))?.task).toMatchObject({ status: "queued", failures: 1 });
  });
});
