// What is done beside the queue: proofs to be verified, notices to be delivered, requests that come twice.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { added, claimed, completed, proved } from "../support/story.ts";
import { makeHouse, PLACES, START } from "./places.ts";

const LEASE = 60_000;

describe.each(PLACES)("work kept in a %s", (kind) => {
  let place: Awaited<ReturnType<typeof makeHouse>>;
  beforeEach(async () => {
    place = await makeHouse(kind);
  });
  afterEach(() => place.remove());

  describe("proofs to be verified", () => {
    const work = () => place.at.store.proofWork;
    const due = async () => (await work().due(10)).map(({ id }) => id);
    beforeEach(async () => {
      await added(place.at.house);
      await proved(place.at.house, await claimed(place.at.house));
    });

    test("are leased to one worker, however many ask at once", async () => {
      const second = await place.open({ startAt: START });
      const ids = await due();
      const taken = await Promise.all([
        work().take(ids, LEASE),
        work().take(ids, LEASE),
        second.store.proofWork.take(ids, LEASE),
      ]);
      expect(taken.flat()).toMatchObject([{ taskKey: "GATE-1", proof: { id: ids[0], verdict: "pending" } }]);
      expect(await due()).toEqual([]);
    });

    test("come back when the lease ran out, to the tick, and not while it is renewed", async () => {
      const ids = await due();
      await work().take(ids, LEASE);
      expect(await work().nextDue()).toBe(START + LEASE);
      place.at.clock.advance(LEASE - 1);
      expect(await due()).toEqual([]);
      await work().renew(ids, LEASE);
      place.at.clock.advance(LEASE - 1);
      expect(await due()).toEqual([]);
      place.at.clock.advance(1);
      expect(await due()).toEqual(ids);
    });

    test("that had no verdict are asked again later, with the reason kept, and no version is spent", async () => {
      const [id = 0] = await due();
      await work().take([id], LEASE);
      const before = await place.at.store.queue.task("GATE-1");
      await work().postpone(id, "it was away", 5000);
      expect(await due()).toEqual([]);
      place.at.clock.advance(5000);
      expect(await due()).toEqual([id]);
      const after = await place.at.store.queue.task("GATE-1");
      expect(after?.task.version).toBe(before?.task.version);
      expect(after?.proofs).toMatchObject([{ verdict: "inconclusive", reason: "it was away", checks: 1 }]);
    });

    test("are given back at once, or dropped for good", async () => {
      const [id = 0] = await due();
      await work().take([id], LEASE);
      await work().giveBack(id);
      expect(await due()).toEqual([id]);
      await work().drop(id);
      place.at.clock.advance(10 * LEASE);
      expect([await due(), await work().nextDue()]).toEqual([[], null]);
    });
  });

  describe("notices", () => {
    const outbox = () => place.at.store.outbox;
    const take = () => outbox().takeDue(["local"], 10, LEASE);
    const told = (text: string, subject = "digest:today") => ({
      kind: "digest" as const,
      text,
      data: {},
      subject,
    });

    test("of a completion stand beside its event, once", async () => {
      await added(place.at.house);
      const key = await completed(place.at.house);
      const notices = await outbox().notices({ after: 0, limit: 10, kind: "auto-complete" });
      expect(notices).toMatchObject([{ task: key, deliveries: [{ platform: "local", state: "pending" }] }]);
    });

    test("are handed to one worker, and again when its lease ran out: then in doubt", async () => {
      await outbox().post(told("one"), null);
      const taken = await Promise.all([take(), take()]);
      expect(taken.flat()).toMatchObject([{ text: "one", tries: 1, doubtful: false, anchor: null }]);
      place.at.clock.advance(LEASE - 1);
      expect(await take()).toEqual([]);
      place.at.clock.advance(1);
      expect(await take()).toMatchObject([{ text: "one", tries: 2, doubtful: true }]);
    });

    test("that were sent are sent again only when they say something else", async () => {
      await outbox().post(told("one"), null);
      const [delivery] = await take();
      await outbox().sent(delivery!, "anchor-1");
      await outbox().post(told("one"), null);
      expect(await take()).toEqual([]);
      await outbox().post(told("two"), null);
      expect(await take()).toMatchObject([{ text: "two", anchor: "anchor-1", revision: 2 }]);
    });

    test("that failed come again when they should, and stay visible when nobody tries any more", async () => {
      await outbox().post(told("one"), null);
      const [first] = await take();
      await outbox().unsent(first!, "rate limit", 5000);
      expect([await take(), await outbox().dueInMs(["local"])]).toEqual([[], 5000]);
      place.at.clock.advance(5000);
      const [second] = await take();
      // The first worker comes back late: it is fenced off.
      await outbox().sent(first!, "late");
      await outbox().unsent(second!, "gone", null);
      expect(await outbox().notices({ after: 0, limit: 1 })).toMatchObject([
        { deliveries: [{ state: "failed", error: "gone" }] },
      ]);
      expect(await outbox().dueInMs(["local"])).toBeNull();
    });

    test("that a view makes of the log are written once, whoever is first", async () => {
      const second = await place.open({ startAt: START });
      const postings = [{ notice: told("seen"), task: null }];
      const moved = await Promise.all(
        [place.at, second].map(({ store }) => store.outbox.derive("test", 0, 7, postings)),
      );
      expect(moved.map(String).toSorted()).toEqual(["false", "true"]);
      expect(await outbox().derivedUpTo("test")).toBe(7);
      expect(await outbox().derive("test", 3, 9, [{ notice: told("late"), task: null }])).toBe(false);
      expect(await outbox().notices({ after: 0, limit: 9 })).toMatchObject([{ text: "seen" }]);
    });
  });

  describe("requests with a key", () => {
    const request = { agent: 1, key: "k", fingerprint: "f" };

    test("act once, and get the first answer from then on", async () => {
      const { idempotency } = place.at.store;
      const begun = await Promise.all([idempotency.begin(request), idempotency.begin(request)]);
      expect(begun.map(({ state }) => state).toSorted()).toEqual(["begun", "running"]);
      const run = begun.find(({ state }) => state === "begun");
      if (run?.state !== "begun") throw new Error("none began");
      expect(run.again).toBe(false);
      await idempotency.answer(request, "somebody else's", { status: 500, body: "no" });
      await idempotency.answer(request, run.token, { status: 201, body: "yes" });
      expect(await idempotency.begin(request)).toEqual({ state: "answered", status: 201, body: "yes" });
      expect(await idempotency.begin({ ...request, fingerprint: "other" })).toEqual({ state: "mismatched" });
      expect((await idempotency.begin({ ...request, agent: 2 })).state).toBe("begun");
    });

    test("whose run died are taken over, and told that it may have acted", async () => {
      const { idempotency } = place.at.store;
      const first = await idempotency.begin(request);
      place.at.clock.advance(60_000);
      const second = await idempotency.begin(request);
      expect(second).toMatchObject({ state: "begun", again: true, startedAt: START });
      if (first.state !== "begun" || second.state !== "begun") throw new Error("not begun");
      await idempotency.answer(request, first.token, { status: 200, body: "late" });
      await idempotency.abandon(request, second.token);
      expect(await idempotency.begin(request)).toMatchObject({ state: "begun", again: true });
    });

    test("are forgotten after a day", async () => {
      const { idempotency, maintenance } = place.at.store;
      await idempotency.begin(request);
      place.at.clock.advance(24 * 3_600_000 - 1);
      expect(await maintenance.forgetAnswers()).toBe(0);
      place.at.clock.advance(1);
      expect(await maintenance.forgetAnswers()).toBe(1);
    });
  });

  test("refusals are kept as evidence, each as it was said", async () => {
    const { refusals } = place.at.store;
    const refusal = { sort: "refused", gate: "queue-truth", code: "stale", hint: "Read again." } as const;
    await added(place.at.house);
    await Promise.all([
      refusals.record(refusal, "agent:ada", "GATE-1"),
      refusals.record({ ...refusal, got: 3 }, "agent:bob", null),
    ]);
    expect(await refusals.recorded({ after: 0, limit: 10 })).toEqual([
      { id: 1, at: START, actor: "agent:ada", task: "GATE-1", refusal },
      { id: 2, at: START, actor: "agent:bob", task: null, refusal: { ...refusal, got: 3 } },
    ]);
  });

  test("messages of the local chat keep their order, their threads and their changes", async () => {
    const { localChat } = place.at.store;
    const said = (text: string, thread: number | null = null, notice?: number) => ({
      channel: "gatehouse",
      thread,
      author: "me",
      kind: "said" as const,
      notice,
      task: null,
      text,
      data: {},
    });
    const head = (await localChat.post(said("head"))) ?? 0;
    const reply = (await localChat.post(said("reply", head))) ?? 0;
    expect(await localChat.post(said("nowhere", 99))).toBeNull();
    expect(await localChat.post(said("below a reply", reply))).toBeNull();
    const first = await localChat.post(said("notice", null, 7));
    expect(await localChat.post(said("notice, edited", null, 7))).toBe(first);
    await localChat.react("gatehouse", head, "✅");
    expect(await localChat.page("gatehouse", { limit: 9 })).toMatchObject([
      { id: head, replies: 1, reaction: "✅" },
      { text: "notice, edited" },
    ]);
    expect(await localChat.thread("gatehouse", head, 9)).toMatchObject([{ text: "reply" }]);
    const changes = await localChat.changes("gatehouse", 0, 9);
    expect(changes.map(({ text }) => text)).toEqual(["reply", "notice, edited", "head"]);
    expect(changes.at(-1)?.change).toBe(await localChat.lastChange());
  });

  test("the place itself can be asked how it is", async () => {
    const { maintenance } = place.at.store;
    const before = await place.dump();
    await maintenance.tryWrite();
    expect(await place.dump()).toEqual(before);
    expect(maintenance.place).toMatchObject(
      kind === "file" ? { kind, path: place.file } : { kind: "remote" },
    );
    expect(await maintenance.checkpoint("passive")).toMatchObject({ walBytes: expect.any(Number) });
    expect(await maintenance.walBytes()).toEqual(kind === "file" ? expect.any(Number) : null);
  });
});
