import { afterEach, beforeEach, expect, it } from "vitest";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, holder, OPERATOR, submitted, well } from "../support/story.ts";
import { given } from "./busy-queue.ts";
import { eventsOf, exported, imported, mappedFrom } from "./support.ts";

const START = Date.UTC(2026, 0, 1);
const CHECKS = [{ name: "checks", kind: "given" }];
let from: TestHouse;
let to: TestHouse;
let key: string;
beforeEach(async () => {
  from = await openTestHouse({ startAt: START, verifiers: [given] });
  to = await openTestHouse({ startAt: START + 1000, verifiers: [given] });
  ({ key } = await seedRoster(from.house));
});
afterEach(async () => {
  await from.close();
  await to.close();
});

it("a task that was held when the file was written comes back queued, and whoever held it is nobody here", async () => {
  const active = await added(from.house, { requirements: CHECKS, title: "Held" });
  await claimed(from.house, "s-1");
  const verifying = await added(from.house, { requirements: CHECKS, title: "Submitted" });
  const held = await claimed(from.house, "s-2");
  well(await attachProof(from.house, { by: "holder", ...holder(held), uri: "given:passed" }, OPERATOR));
  await submitted(from.house, held);

  const lines = await exported(from.house);
  const report = await imported(to.house, "jsonl", lines.join("\n"));
  expect(report).toMatchObject({ created: 2, refused: [], byStatus: { queued: 2 } });
  expect(mappedFrom(report, "status active")).toEqual({ "queued, its attempt lapsed": 1 });
  expect(mappedFrom(report, "status verifying")).toEqual({ "queued, its attempt lapsed": 1 });
  expect(mappedFrom(report, "agent")).toEqual({ "a revoked agent": 1 });

  for (const task of [active, verifying]) {
    const before = (await from.house.queue.task(task))?.task;
    const facts = await to.house.queue.task(task);
    expect(facts?.task).toMatchObject({ status: "queued", failures: 0, lapses: 0, attempts: 1 });
    expect(facts?.task.epoch).toBe((before?.epoch ?? 0) + 1);
    expect(facts?.task.version).toBe((before?.version ?? 0) + 1);
    expect(facts?.task.readyAt).not.toBeNull();
    expect(facts?.attempt).toMatchObject({ outcome: "lapsed", reason: "imported: nobody here holds it" });
    const events = await eventsOf(to.house, task);
    expect(events.at(-1)).toMatchObject({
      kind: "task.imported",
      actor: "person:local:zoe",
      at: START + 1000,
    });
    expect(events.slice(0, -1).map(({ kind }) => kind)).toEqual(
      (await eventsOf(from.house, task)).map(({ kind }) => kind),
    );
  }
  // No verdict is awaited for an attempt that is over.
  expect(await to.house.proofWork.nextDue()).toBeNull();
  expect(await imported(to.house, "jsonl", lines.join("\n"))).toMatchObject({
    created: 0,
    unchanged: 2,
    changed: 0,
  });
});

it("agents come back without a key and without rights", async () => {
  await added(from.house, { requirements: CHECKS });
  await claimed(from.house, "s-1");
  const lines = await exported(from.house);
  const text = lines.join("\n");
  for (const secret of [key, from.house.identity.sha256(key)]) expect(text).not.toContain(secret);
  await imported(to.house, "jsonl", text);
  expect(await to.house.roster.agentByKey(to.house.identity.sha256(key))).toBeNull();
  const [ada] = await to.house.roster.agents();
  expect(ada).toMatchObject({ name: "ada", revoked: true, lanes: [] });
});

it("an agent that is here keeps its key when an archive names it too", async () => {
  const here = await seedRoster(to.house);
  await added(from.house, { requirements: CHECKS });
  await claimed(from.house, "s-1");
  const report = await imported(to.house, "jsonl", (await exported(from.house)).join("\n"));
  expect(mappedFrom(report, "agent")).toEqual({});
  expect(mappedFrom(report, "lane builder")).toEqual({ "the lane of that name": 1 });
  const ada = await to.house.roster.agentByKey(to.house.identity.sha256(here.key));
  expect(ada).toMatchObject({ name: "ada", revoked: false, lanes: ["builder"] });
});

it("a task that went on elsewhere since is told as changed and left as it is", async () => {
  const task = await added(from.house, { requirements: CHECKS });
  await imported(to.house, "jsonl", (await exported(from.house)).join("\n"));
  await claimed(from.house, "s-1");
  const before = await exported(to.house);
  const report = await imported(to.house, "jsonl", (await exported(from.house)).join("\n"));
  expect(report).toMatchObject({ created: 0, unchanged: 0, changed: 1 });
  const tasks = (lines: readonly string[]) => lines.filter((line) => line.includes(task));
  expect(tasks(await exported(to.house))).toEqual(tasks(before));
});

it("a key that is another task's here is refused, and what waits for it becomes a link", async () => {
  const first = await added(from.house, { requirements: CHECKS, title: "Theirs" });
  const second = await added(from.house, { requirements: CHECKS, title: "After theirs", dependsOn: [first] });
  await seedRoster(to.house);
  expect(await added(to.house, { requirements: CHECKS, title: "Ours" })).toBe(first);
  const report = await imported(to.house, "jsonl", (await exported(from.house)).join("\n"));
  expect(report).toMatchObject({ created: 1, dependencies: 0, links: 1 });
  expect(report.refused).toEqual([
    expect.objectContaining({ id: first, why: expect.stringContaining(`Another task is ${first} here`) }),
  ]);
  expect((await to.house.queue.task(first))?.task.title).toBe("Ours");
  expect((await to.house.queue.task(second))?.task.dependencies).toEqual([]);
  expect((await to.house.imports.tasks(first, 1))[0]?.row.links).toEqual([
    { kind: "dangling:dependency", target: first },
  ]);
});
