// What enters and how it is found again: keys in order, and no row dropped in silence.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addEpic } from "../../src/commands/add-epic.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import type { NewTask } from "../../src/ports/queue.ts";
import { added, claimed, completed, OPERATOR, TRUE_COMMAND, well } from "../support/story.ts";
import { makeHouse, PLACES, START } from "./places.ts";

const newTask = (more: Partial<NewTask> = {}): NewTask => ({
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
  ...more,
});

describe.each(PLACES)("tasks added to a %s", (kind) => {
  let place: Awaited<ReturnType<typeof makeHouse>>;
  beforeEach(async () => {
    place = await makeHouse(kind);
  });
  afterEach(() => place.remove());
  const queue = () => place.at.store.queue;

  test("together are numbered in the order they came, each epic by itself", async () => {
    well(await addEpic(place.at.house, { key: "CLIP", title: "Clips" }, OPERATOR));
    const epics = ["GATE", "CLIP", "CLIP", "GATE", "CLIP"];
    const keys = await Promise.all(
      epics.map((epic, index) => queue().add(newTask({ epic, title: `number ${index}` }))),
    );
    expect(keys).toEqual(["GATE-1", "CLIP-1", "CLIP-2", "GATE-2", "CLIP-3"]);
    for (const [index, key] of keys.entries()) {
      expect((await queue().task(key as string))?.task).toMatchObject({
        key,
        title: `number ${index}`,
        version: 1,
      });
    }
  });

  test("together with one that cannot be keep their own keys; that one fails alone and uses no number up", async () => {
    const wrong: readonly Partial<NewTask>[] = [
      { epic: "NOWHERE" },
      { dependencies: ["GATE-999"] },
      { lane: "nowhere" },
      { title: "" },
    ];
    const answers = await Promise.allSettled(
      wrong.flatMap((more) => [queue().add(newTask(more)), queue().add(newTask({ title: "good" }))]),
    );
    expect(answers.map(({ status }) => status)).toEqual(wrong.flatMap(() => ["rejected", "fulfilled"]));
    const keys = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    expect(keys).toEqual(["GATE-1", "GATE-2", "GATE-3", "GATE-4"]);
    const dump = await place.dump();
    expect([dump["tasks"]?.length, dump["task_texts"]?.length, dump["requirements"]?.length]).toEqual([
      4, 4, 4,
    ]);
  });

  test("from several stores at once get each number once", async () => {
    const stores = [place.at, await place.open({ startAt: START }), await place.open({ startAt: START })];
    const keys = await Promise.all(
      stores.flatMap(({ store }) => Array.from({ length: 20 }, () => store.queue.add(newTask()))),
    );
    const numbers = keys.map((key) => Number((key as string).split("-")[1])).toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });

  test("keep every letter of their texts", async () => {
    const texts = {
      title: "🔵 ‮עברית\u0001",
      body: `${"x".repeat(70_000)}'";--`,
      acceptance: "\u{1f469}‍\u{1f680}",
    };
    const key = await queue().add(newTask(texts));
    expect((await queue().task(key as string))?.task).toMatchObject(texts);
  });

  test("are listed page by page, each once, whatever comes in between", async () => {
    const keys: string[] = [];
    for (let count = 1; count <= 7; count += 1) keys.push(await added(place.at.house));
    const seen: string[] = [];
    for (let after: number | undefined; ; ) {
      const page = await place.at.store.listing.list({ limit: 3, after });
      seen.push(...page.tasks.map(({ key }) => key));
      if (page.next === null) break;
      after = page.next;
      await claimed(place.at.house, `s-${after}`);
    }
    expect(seen).toEqual(keys);
  });

  test("are listed by status, lane, epic, text and whether they may be pulled", async () => {
    const { house, store } = place.at;
    well(await addEpic(house, { key: "CLIP", title: "Clips" }, OPERATOR));
    const done = await added(house, { epic: "CLIP", title: "Blue" });
    expect(await completed(house)).toBe(done);
    const active = await added(house, { title: "Red" });
    await claimed(house, "s-2");
    const waiting = await added(house, { dependsOn: [active], title: "Redder" });
    const draft = await added(house, { draft: true });
    const cancelled = await added(house, { epic: "CLIP" });
    well(await cancelTask(house, { key: cancelled, reason: "no need" }, OPERATOR));
    const listed = async (filter: object) =>
      (await store.listing.list({ limit: 10, ...filter })).tasks.map(({ key }) => key);
    expect(await listed({ status: "done" })).toEqual([done]);
    expect(await listed({ status: "active" })).toEqual([active]);
    expect(await listed({ epic: "CLIP" })).toEqual([done, cancelled]);
    expect(await listed({ text: "rEd" })).toEqual([active, waiting]);
    expect(await listed({ runnable: true })).toEqual([]);
    expect(await listed({ lane: "builder", runnable: false })).toContain(draft);
    expect(await listed({ lane: "other" })).toEqual([]);
    expect(await store.listing.counts()).toEqual(
      expect.arrayContaining([
        { status: "done", lane: "builder", tasks: 1 },
        { status: "queued", lane: "builder", tasks: 1 },
        { status: "cancelled", lane: "builder", tasks: 1 },
      ]),
    );
  });

  test("have a history in which nothing is overwritten", async () => {
    const { house, store } = place.at;
    const key = await added(house);
    await completed(house);
    const history = await store.listing.history(key);
    expect(history).toMatchObject({
      attempts: [{ number: 1, outcome: "done" }],
      proofs: [{ requirement: "checks", verdict: "passed", superseded: false }],
    });
    expect(history?.events.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
    expect(history?.events.at(-1)?.kind).toBe("task.completed");
    expect(await store.listing.history("GATE-99")).toBeNull();
  });
});
