// One state change is one batch: all of it or nothing, one event a version, whoever else writes.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Change } from "../../src/core/change.ts";
import { announceCompletion } from "../../src/core/notice.ts";
import type { Committed, TaskFacts } from "../../src/ports/queue.ts";
import { added, claimed, type Held } from "../support/story.ts";
import { makeHouse, PLACES, START } from "./places.ts";

describe.each(PLACES)("changes in a %s", (kind) => {
  let place: Awaited<ReturnType<typeof makeHouse>>;
  beforeEach(async () => {
    place = await makeHouse(kind);
  });
  afterEach(() => place.remove());

  const queue = () => place.at.store.queue;
  const factsOf = async (key: string): Promise<TaskFacts> => {
    const facts = await queue().task(key);
    if (facts === null) throw new Error(`no ${key}`);
    return facts;
  };
  const prioritized = ({ task }: TaskFacts, more: Partial<Change> = {}): Change => ({
    task: task.id,
    version: task.version,
    set: { priority: "P0" },
    event: { kind: "task.prioritized", actor: "person:test:op", data: { to: "P0" } },
    ...more,
  });
  const attached = (held: Held, more: Partial<Change> = {}): Change => ({
    ...prioritized(held),
    set: {},
    attempt: held.attempt.number,
    lease: "living",
    event: { kind: "proof.attached", actor: "agent:ada", data: {} },
    addProofs: [{ requirement: "checks", kind: "command", uri: "command:checks", supersedes: null }],
    ...more,
  });

  test("raise the version by one and write one event for each", async () => {
    const key = await added(place.at.house);
    for (const version of [2, 3, 4]) {
      place.at.clock.advance(1000);
      expect(await queue().commit(prioritized(await factsOf(key)))).toMatchObject({
        version,
        at: START + (version - 1) * 1000,
      });
    }
    const events = await place.at.store.log.events({ after: 0, task: key, limit: 10 });
    expect(events.map(({ version, kind: what }) => [version, what])).toEqual([
      [1, "task.added"],
      [2, "task.prioritized"],
      [3, "task.prioritized"],
      [4, "task.prioritized"],
    ]);
    expect((await factsOf(key)).task).toMatchObject({ version: 4, priority: "P0", updatedAt: START + 3000 });
  });

  test("that are stale write nothing at all, in any table", async () => {
    const key = await added(place.at.house);
    const other = await added(place.at.house);
    const stale = await factsOf(key);
    await queue().commit(prioritized(stale, { set: { priority: "P4" } }));
    const before = await place.dump();
    const everything: Change = {
      ...prioritized(stale),
      texts: { title: "new", body: "new", acceptance: "new" },
      requirements: [{ name: "other", kind: "command", argv: ["false"] }],
      dependencies: [(await factsOf(other)).task.id],
      block: { kind: "question", reason: "r", owner: "o", question: "q", choices: [] },
      notices: [{ kind: "digest", text: "never", data: {} }],
    };
    expect(await queue().commit(everything)).toBeNull();
    expect(await queue().commit({ ...everything, version: stale.task.version + 2 })).toBeNull();
    expect(await queue().commit({ ...everything, task: 4711 })).toBeNull();
    expect(await place.dump()).toEqual(before);
  });

  test.each([
    ["lives", "living", -1, true],
    ["has lapsed to the very tick", "living", 0, false],
    ["lapsed before", "living", 1, false],
    ["lives still", "lapsed", -1, false],
    ["has lapsed to the very tick", "lapsed", 0, true],
  ] as const)("that need the lease to be %s (%s, %i ms) are held to it by the database", async (...row) => {
    const [, lease, offset, written] = row;
    await added(place.at.house);
    const held = await claimed(place.at.house);
    place.at.clock.advance(held.attempt.leaseMs + offset);
    const before = await place.dump();
    const committed = await queue().commit(attached(held, { addProofs: [], lease }));
    expect(committed !== null).toBe(written);
    if (!written) expect(await place.dump()).toEqual(before);
  });

  test("of an attempt that ended, or under an older epoch, write nothing", async () => {
    await added(place.at.house);
    const held = await claimed(place.at.house);
    const back: Change = {
      ...attached(held, { addProofs: [] }),
      set: { status: "queued", epoch: held.task.epoch + 1 },
      event: { kind: "task.released", actor: "agent:ada", data: {} },
      end: { outcome: "released", reason: "tired" },
    };
    expect(await queue().commit(back)).toMatchObject({ version: held.task.version + 1 });
    const again = await claimed(place.at.house, "s-2");
    const before = await place.dump();
    expect(await queue().commit({ ...attached(held), version: again.task.version })).toBeNull();
    expect(await place.dump()).toEqual(before);
  });

  test("that arrive together are written together; the guilty one fails alone", async () => {
    const keys = await Promise.all(Array.from({ length: 64 }, () => added(place.at.house)));
    const facts = await Promise.all(keys.map(factsOf));
    const guilty = 17;
    const changes = facts.map((one, index) =>
      prioritized(one, index === guilty ? { set: { priority: "P0", status: "done" } } : {}),
    );
    const answers = await Promise.all(changes.map((change) => queue().commit(change)));
    for (const [index, answer] of answers.entries()) {
      if (index === guilty) expect(answer).toMatchObject({ sort: "refused" });
      else expect(answer).toMatchObject({ version: 2 });
    }
    const after = await Promise.all(keys.map(factsOf));
    expect(after.map(({ task }) => task.priority)).toEqual(
      keys.map((_, index) => (index === guilty ? "P2" : "P0")),
    );
    expect((await place.dump())["events"]?.filter((row) => row.includes("task.prioritized"))).toHaveLength(
      63,
    );
  });

  test("of one task that arrive together are decided by their version: one stands", async () => {
    const facts = await factsOf(await added(place.at.house));
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        queue().commit(prioritized(facts, { event: { kind: `n-${index}`, actor: "a", data: {} } })),
      ),
    );
    expect(answers.filter((answer) => answer !== null)).toEqual([
      expect.objectContaining({ version: facts.task.version + 1 }),
    ]);
    expect((await factsOf(facts.task.key)).task.version).toBe(facts.task.version + 1);
  });

  test("of one task from two stores at once: one stands, the other is told that it is stale", async () => {
    const second = await place.open({ startAt: START });
    for (let round = 1; round <= 10; round += 1) {
      const facts = await factsOf(await added(place.at.house));
      const answers = await Promise.all(
        [place.at.store, second.store].map(({ queue: one }) => one.commit(prioritized(facts))),
      );
      expect(answers.filter((answer) => answer === null)).toHaveLength(1);
    }
  });

  test("that a twin refuses come back as that refusal, and nothing is written", async () => {
    const facts = await factsOf(await added(place.at.house));
    const before = await place.dump();
    expect(
      await queue().commit(prioritized(facts, { set: { status: "done", completion: "proved" } })),
    ).toMatchObject({ sort: "refused", gate: expect.any(String), hint: expect.any(String) });
    expect(await queue().commit(prioritized(facts, { dependencies: [facts.task.id] }))).toMatchObject({
      gate: "queue-truth",
      code: "dependency-cycle",
    });
    const announced = announceCompletion({
      key: facts.task.key,
      title: "t",
      agent: "a",
      attempt: "x",
      version: facts.task.version + 1,
      proofs: [],
    });
    expect(await queue().commit(prioritized(facts, { notices: [announced] }))).toMatchObject({
      gate: "proof-before-done",
      code: "announced",
    });
    expect(await place.dump()).toEqual(before);
  });

  test("carry everything a change can have, in one version", async () => {
    const { house } = place.at;
    const other = await factsOf(await added(house));
    const key = await added(house);
    const committed = (await queue().commit(
      prioritized(await factsOf(key), {
        set: { priority: "P1", maxAttempts: 7, maxLapses: 8, notBefore: START + 5, policyHash: "changed" },
        texts: { title: "Title 🔵 עברית", body: "b", acceptance: "a" },
        requirements: [{ name: "other", kind: "url", origin: "https://a.example" }],
        dependencies: [other.task.id],
        notices: [{ kind: "digest", text: "told", data: { n: 1 }, subject: "one" }],
      }),
    )) as Committed;
    expect(committed.version).toBe(2);
    expect((await factsOf(key)).task).toMatchObject({
      priority: "P1",
      title: "Title 🔵 עברית",
      limits: { maxAttempts: 7, maxLapses: 8 },
      notBefore: START + 5,
      policyHash: "changed",
      requirements: [{ name: "other", kind: "url", origin: "https://a.example" }],
      dependencies: [{ key: other.task.key, status: "queued" }],
      readyAt: null,
    });
    expect(await house.outbox.notices({ after: 0, limit: 10 })).toMatchObject([
      { kind: "digest", text: "told", task: key },
    ]);
  });

  test("attach, supersede and judge proofs of the open attempt", async () => {
    await added(place.at.house);
    const held = await claimed(place.at.house);
    const first = (await queue().commit(attached(held), held)) as Committed;
    const proof = first.facts?.proofs[0];
    expect(first.facts?.proofs).toMatchObject([{ verdict: "pending", attachedBy: "agent:ada", checks: 0 }]);
    const second = (await queue().commit(
      attached(held, {
        version: first.version,
        addProofs: [
          { requirement: "checks", kind: "command", uri: "command:checks", supersedes: proof?.id ?? 0 },
        ],
      }),
      first.facts ?? undefined,
    )) as Committed;
    const [current, ...others] = second.facts?.proofs ?? [];
    expect(others).toEqual([]);
    expect(current?.id).not.toBe(proof?.id);
    const verdict = { proof: current?.id ?? 0, verdict: "passed", reason: "well", evidence: "e:1" } as const;
    await queue().commit(attached(held, { version: second.version, addProofs: [], verdict }));
    expect((await queue().attempt(held.attempt.id))?.proofs).toMatchObject([
      { id: current?.id, verdict: "passed", reason: "well", evidence: "e:1", checks: 1 },
    ]);
  });

  test("under a request id are made once, and found again by it", async () => {
    const facts = await factsOf(await added(place.at.house));
    const event = { kind: "task.edited", actor: "agent:ada", data: {}, requestId: "agent:1:key" };
    const first = (await queue().commit(prioritized(facts, { event }))) as Committed;
    const again = prioritized(await factsOf(facts.task.key), { event });
    const before = await place.dump();
    await expect(queue().commit(again)).rejects.toThrow(/UNIQUE/);
    expect(await place.dump()).toEqual(before);
    expect(await place.at.store.log.byRequest("agent:1:key")).toMatchObject({ version: first.version });
    expect(await place.at.store.log.byRequest("agent:1:other")).toBeNull();
  });
});

describe.each(PLACES)("hand-written SQL in a %s", (kind) => {
  let place: Awaited<ReturnType<typeof makeHouse>>;
  beforeEach(async () => {
    place = await makeHouse(kind);
    await added(place.at.house);
    await added(place.at.house);
    await claimed(place.at.house);
  });
  afterEach(() => place.remove());

  test.each([
    "UPDATE tasks SET status = 'done'",
    "UPDATE tasks SET status = 'done', completion = 'proved', version = version + 1",
    "UPDATE tasks SET status = 'active' WHERE status = 'queued'",
    "UPDATE tasks SET priority = 0",
    "UPDATE tasks SET version = version + 1",
    "DELETE FROM tasks",
    "UPDATE events SET actor = 'nobody'",
    "DELETE FROM events",
    "DELETE FROM attempts",
    "UPDATE attempts SET session = 'mine'",
    "UPDATE attempts SET lease_expires_at = lease_expires_at + 3600000",
    `INSERT INTO notices (kind, text, data, at) VALUES ('auto-complete', '🔵🔵🔵 AUTO-COMPLETE', '{}', 1)`,
    "INSERT INTO dependencies (task_id, depends_on) SELECT id, id FROM tasks",
    `INSERT INTO attempts (task_id, number, epoch, token, agent_id, lane_id, session, provider, model, started_at, lease_ms,
       lease_expires_at, last_heartbeat_at, policy_hash)
     SELECT task_id, 2, 2, 't', agent_id, lane_id, 's-9', provider, model, 1, lease_ms, 2, 1, policy_hash FROM attempts`,
  ])("is aborted: %s", async (sql) => {
    const before = await place.dump();
    await expect(place.outside.write([{ sql }])).rejects.toThrow();
    expect(await place.dump()).toEqual(before);
  });
});
