// A link that loses answers: whatever was asked is done exactly once, and said to be done exactly when it is.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Store } from "../../db/store.ts";
import { addEpic } from "../../src/commands/add-epic.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { unblockTask } from "../../src/commands/unblock-task.ts";
import { snooze } from "../../src/core/contradiction.ts";
import type { NewTask } from "../../src/ports/queue.ts";
import type { Fault } from "../remote/faults.ts";
import { openTestHouse, seedRoster } from "../support/house.ts";
import {
  added,
  claimed,
  type Held,
  holder,
  OPERATOR,
  proved,
  ROUTE,
  TRUE_COMMAND,
  well,
} from "../support/story.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { makeHouse, makePlace, START } from "./places.ts";

const FAULTS = [
  "drop-before-execute",
  "drop-after-execute",
  "bad-gateway",
  "bad-gateway-after-execute",
] as const;

type House = Awaited<ReturnType<typeof makeHouse>>;

interface WriteCase {
  /** Tells the write from the reads around it. */
  readonly matching: RegExp;
  readonly prepare?: (place: House) => Promise<unknown>;
  readonly act: (store: Store, place: House) => Promise<unknown>;
  /** What the caller is told. */
  readonly told: unknown;
  /** How many rows of each table it adds. */
  readonly adds: Readonly<Record<string, number>>;
}

const newTask: NewTask = {
  epic: "GATE",
  lane: "builder",
  priority: "P2",
  status: "queued",
  title: "Cut the clip",
  body: "",
  acceptance: "It plays",
  requirements: [TRUE_COMMAND],
  policyHash: "p",
  dependencies: [],
  notBefore: null,
  limits: { maxAttempts: 3, maxLapses: 10 },
  event: { kind: "task.added", actor: "person:test:op" },
};
const request = { lane: "builder", agent: "ada", session: "s-1", route: ROUTE };

let held: Held;
const holding = async ({ at }: House): Promise<void> => {
  await added(at.house);
  held = await claimed(at.house);
};

const sightings = ["a", "b"].map((key) => ({
  rule: "silent-attempt",
  key,
  source: "agent:ada",
  detail: "It is silent.",
}));
const opened = ({ contradictions }: Store) =>
  contradictions.apply({ openings: sightings, moves: [] }, "system:test", START);
const mended = async ({ contradictions }: Store): Promise<void> => {
  await contradictions.journal({
    contradiction: 1,
    task: null,
    healing: "reclaim",
    before: {},
    after: { version: 2 },
  });
};

const WRITES: Readonly<Record<string, WriteCase>> = {
  "an addition": {
    matching: /INSERT INTO tasks/,
    act: ({ queue }) => Promise.all([queue.add(newTask), queue.add(newTask), queue.add(newTask)]),
    told: ["GATE-1", "GATE-2", "GATE-3"],
    adds: { tasks: 3, events: 3, task_texts: 3, requirements: 3 },
  },
  "a claim": {
    matching: /INSERT INTO attempts/,
    prepare: ({ at }) => Promise.all([added(at.house), added(at.house), added(at.house)]),
    act: ({ queue }) => Promise.all([queue.claim(request), queue.claim({ ...request, session: "s-2" })]),
    told: [
      { task: { key: "GATE-1", status: "active" }, attempt: { session: "s-1", epoch: 1 } },
      { task: { key: "GATE-2", status: "active" }, attempt: { session: "s-2", epoch: 1 } },
    ],
    adds: { attempts: 2, events: 2, sessions: 2 },
  },
  "a change": {
    matching: /INSERT INTO events/,
    prepare: ({ at }) => Promise.all([added(at.house), added(at.house)]),
    act: ({ queue }) =>
      Promise.all(
        ["GATE-1", "GATE-2"].map(async (key) => {
          const task = (await queue.task(key))?.task;
          return queue.commit({
            task: task?.id ?? 0,
            version: task?.version ?? 0,
            set: { priority: "P0" },
            event: { kind: "task.prioritized", actor: "person:test:op", data: {} },
            notices: [{ kind: "digest", text: `about ${key}`, data: {} }],
          });
        }),
      ),
    told: [
      { version: 2, at: START },
      { version: 2, at: START },
    ],
    adds: { events: 2, notices: 2, deliveries: 2 },
  },
  "a proof": {
    matching: /INSERT INTO proofs/,
    prepare: holding,
    act: (_, { at }) => proved(at.house, held),
    told: undefined,
    adds: { proofs: 1, events: 1 },
  },
  "a beat": {
    matching: /UPDATE attempts SET last_heartbeat_at/,
    prepare: holding,
    act: ({ queue }) =>
      queue.beat({
        ...holder(held),
        lane: "builder",
        task: held.task.key,
        session: "s-1",
        route: ROUTE,
      }),
    told: START + 900_000,
    adds: {},
  },
  "a lease on a proof": {
    matching: /UPDATE proofs SET verify_lease_until/,
    prepare: async (place) => {
      await holding(place);
      await proved(place.at.house, held);
    },
    act: async ({ proofWork }) => {
      const ids = (await proofWork.due(9)).map(({ id }) => id);
      return [await proofWork.take(ids, 60_000), await proofWork.due(9)];
    },
    told: [[{ taskKey: "GATE-1" }], []],
    adds: {},
  },
  "a look at a proof without a verdict": {
    matching: /checks = checks \+ 1/,
    prepare: async (place) => {
      await holding(place);
      await proved(place.at.house, held);
    },
    act: async ({ proofWork, queue }) => {
      const [taken] = await proofWork.take([1], 60_000);
      await proofWork.postpone(taken?.proof.id ?? 0, "it was away", 1000);
      return queue.attempt(held.attempt.id);
    },
    told: { proofs: [{ verdict: "inconclusive", checks: 1 }] },
    adds: {},
  },
  "an epic": {
    matching: /INSERT INTO epics/,
    act: async (_, { at }) => well(await addEpic(at.house, { key: "CLIP", title: "Clips" }, OPERATOR)),
    told: { key: "CLIP" },
    adds: { epics: 1, events: 1 },
  },
  "a notice": {
    matching: /INSERT INTO notices/,
    act: ({ outbox }) => outbox.post({ kind: "digest", text: "once", data: {} }, null),
    told: undefined,
    adds: { notices: 1, deliveries: 1 },
  },
  "a step of a view": {
    matching: /UPDATE settings/,
    act: async ({ outbox }) => {
      const posting = { notice: { kind: "digest" as const, text: "once", data: {} }, task: null };
      // False says that nothing was written: then the view looks again, as its job does.
      while (!(await outbox.derive("test", 0, 5, [posting]))) {
        if ((await outbox.derivedUpTo("test")) > 0) break;
      }
      return outbox.derivedUpTo("test");
    },
    told: 5,
    adds: { notices: 1, deliveries: 1, settings: 1 },
  },
  "a refusal kept as evidence": {
    matching: /INSERT INTO refusals/,
    act: ({ refusals }) =>
      refusals.record({ sort: "refused", gate: "queue-truth", code: "stale", hint: "Again." }, "a", null),
    told: undefined,
    adds: { refusals: 1 },
  },
  "contradictions that open": {
    matching: /INSERT INTO contradictions/,
    act: opened,
    told: [
      { id: 1, key: "a", state: "open", revision: 1 },
      { id: 2, key: "b", state: "open", revision: 1 },
    ],
    adds: { contradictions: 2, events: 2 },
  },
  "contradictions that move on": {
    matching: /UPDATE contradictions SET revision/,
    prepare: ({ at }) => opened(at.store),
    act: async ({ contradictions }) => {
      const moves = (await contradictions.standing()).map((record) => snooze(record, START + 60_000, "me"));
      return contradictions.apply({ openings: [], moves }, "person:test:op", START);
    },
    told: [
      { id: 1, state: "snoozed", revision: 2 },
      { id: 2, state: "snoozed", revision: 2 },
    ],
    adds: { events: 2 },
  },
  "what was mended": {
    matching: /INSERT INTO healings/,
    prepare: ({ at }) => opened(at.store),
    act: mended,
    told: undefined,
    adds: { healings: 1 },
  },
  "what was mended and is taken back": {
    matching: /UPDATE healings/,
    prepare: async ({ at }) => {
      await opened(at.store);
      await mended(at.store);
    },
    act: ({ contradictions }) => contradictions.undone(1, "person:test:op"),
    told: true,
    adds: { events: 1 },
  },
  "a completion claimed in chat": {
    matching: /INSERT INTO chat_claims/,
    act: ({ contradictions }) => contradictions.claimed({ message: "local:c:1", author: "me", task: null }),
    told: undefined,
    adds: { chat_claims: 1 },
  },
  "a source that was changed": {
    matching: /source\.changed/,
    act: ({ contradictions }) => contradictions.sourceChanged("agent:ada", "its settings", "person:test:op"),
    told: undefined,
    adds: { events: 1 },
  },
  "the first request under a key": {
    matching: /INSERT INTO idempotency/,
    act: ({ idempotency }) => idempotency.begin({ agent: 1, key: "k", fingerprint: "f" }),
    told: { state: "begun", again: false },
    adds: { idempotency: 1 },
  },
};

let place: House;
const counts = async (): Promise<Record<string, number>> =>
  Object.fromEntries(Object.entries(await place.dump()).map(([table, rows]) => [table, rows.length]));
const growth = (before: Record<string, number>, after: Record<string, number>) =>
  Object.fromEntries(
    Object.entries(after).flatMap(([table, count]) =>
      count === before[table] ? [] : [[table, count - (before[table] ?? 0)]],
    ),
  );

const expectTold = (told: unknown, expected: unknown): void => {
  if (typeof expected === "object" && expected !== null) expect(told).toMatchObject(expected);
  else expect(told).toEqual(expected);
};

describe("a link that loses answers", () => {
  beforeEach(async () => {
    place = await makeHouse("server");
  });
  afterEach(() => place.remove());

  const spoilt = async (name: string, faults: readonly Fault[], matching = WRITES[name]?.matching) => {
    const write = WRITES[name]!;
    await write.prepare?.(place);
    const before = await counts();
    for (const fault of faults) place.server?.faults.next(fault, matching);
    const told = await write.act(place.at.store, place);
    expect(place.server?.faults.pending).toBe(0);
    expectTold(told, write.told);
    expect(growth(before, await counts())).toEqual(write.adds);
  };

  describe.each(Object.keys(WRITES))("%s", (name) => {
    test.each(FAULTS)("is made exactly once through %s", (fault) => spoilt(name, [fault]));
    test("is made exactly once where the answer is lost again and again", () =>
      spoilt(name, ["drop-before-execute", "bad-gateway-after-execute"]));
  });

  test("asks again for what it only read", async () => {
    await added(place.at.house);
    for (const fault of FAULTS.slice(1)) place.server?.faults.next(fault);
    const [facts, now] = await Promise.all([place.at.store.queue.task("GATE-1"), place.at.store.queue.now()]);
    expect([facts?.task.key, now]).toEqual(["GATE-1", START]);
    expect(place.server?.faults.pending).toBe(0);
  });

  test("looks for a doubtful write as often as it must", async () => {
    await spoilt(
      "a claim",
      ["drop-after-execute", "drop-before-execute", "bad-gateway"],
      /INTO attempts|\.token/,
    );
  });

  test("leaves deliveries of a lost answer to their lease, in doubt, and loses none", async () => {
    const { outbox } = place.at.store;
    await outbox.post({ kind: "digest", text: "once", data: {} }, null);
    place.server?.faults.next("drop-after-execute", /UPDATE deliveries/);
    await expect(outbox.takeDue(["local"], 9, 60_000)).rejects.toMatchObject({ code: "doubtful" });
    expect(await outbox.takeDue(["local"], 9, 60_000)).toEqual([]);
    place.at.clock.advance(60_000);
    expect(await outbox.takeDue(["local"], 9, 60_000)).toMatchObject([{ text: "once", doubtful: true }]);
  });

  test("tells a person that his words may or may not stand, and does not repeat them unseen", async () => {
    const said = {
      channel: "gatehouse",
      thread: null,
      author: "me",
      kind: "said",
      task: null,
      text: "hi",
    } as const;
    place.server?.faults.next("drop-after-execute", /INSERT INTO local_messages/);
    await expect(place.at.store.localChat.post({ ...said, data: {} })).rejects.toMatchObject({
      code: "doubtful",
      retryAfterMs: 1000,
    });
    expect(await place.at.store.localChat.page("gatehouse", { limit: 9 })).toHaveLength(1);
  });

  test("leaves no stream behind that could expire", async () => {
    await added(place.at.house);
    held = await claimed(place.at.house);
    await proved(place.at.house, held);
    place.server?.faults.expireStreams();
    expect(place.server?.requests.streamsExpired).toBe(0);
    expect((await place.at.store.queue.task("GATE-1"))?.task.status).toBe("active");
  });
});

describe("a request that is carried out long after its answer was given up", () => {
  let gateway: Gateway;
  let far: Awaited<ReturnType<typeof makePlace>>;
  beforeEach(async () => {
    far = await makePlace("server");
    gateway = await startGateway(far.url);
    const at = await openTestHouse({ url: gateway.url, startAt: START });
    await seedRoster(at.house);
    place = { ...far, at };
  });
  afterEach(async () => {
    await place.at.close();
    await gateway.close();
    await far.remove();
  });
  const LATE = [
    "an addition",
    "a claim",
    "a change",
    "a proof",
    "a lease on a proof",
    "an epic",
    "contradictions that open",
    "contradictions that move on",
    "what was mended and is taken back",
  ];

  test.each(LATE)("%s: sent again before it, it changes nothing more", async (name) => {
    const write = WRITES[name]!;
    await write.prepare?.(place);
    const before = await counts();
    const lost = gateway.hold(write.matching);
    const told = await write.act(place.at.store, place);
    expectTold(told, write.told);
    const stands = await place.dump();
    await lost.deliver();
    expect(await place.dump()).toEqual(stands);
    expect(growth(before, await counts())).toEqual(write.adds);
  });

  test.each(LATE)("%s: sent again after it, it is found", async (name) => {
    const write = WRITES[name]!;
    await write.prepare?.(place);
    const before = await counts();
    const lost = gateway.hold(write.matching);
    let delivered = false;
    gateway.before = async (text) => {
      if (delivered || !write.matching.test(text)) return;
      delivered = true;
      await lost.deliver();
    };
    const told = await write.act(place.at.store, place);
    expect(delivered).toBe(true);
    expectTold(told, write.told);
    expect(growth(before, await counts())).toEqual(write.adds);
  });

  test("a claim: after its attempt has ended, it opens no other", async () => {
    await Promise.all([added(place.at.house), added(place.at.house)]);
    const lost = gateway.hold(/INSERT INTO attempts/);
    held = await claimed(place.at.house);
    well(await releaseAttempt(place.at.house, { ...holder(held), reason: "enough" }, { actor: "agent:ada" }));
    const stands = await place.dump();
    await lost.deliver();
    expect(await place.dump()).toEqual(stands);
  });

  test("a change: after others have followed it, it undoes nothing", async () => {
    await added(place.at.house);
    const block = { kind: "question", reason: "r", owner: "o", question: "q?" };
    const words = { ...block, key: "GATE-1" };
    const lost = gateway.hold(/task\.unblocked/);
    well(await blockTask(place.at.house, words, OPERATOR));
    well(await unblockTask(place.at.house, { key: "GATE-1", reason: "answered" }, OPERATOR));
    well(await blockTask(place.at.house, words, OPERATOR));
    const stands = await place.dump();
    await lost.deliver();
    expect(await place.dump()).toEqual(stands);
  });
});
