import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completed } from "../support/story.ts";
import { addedTask, claimedTask, newTask, openDoor, type TestDoor } from "./support/door.ts";

let door: TestDoor;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

test.each([
  ["emoji", "Ship it 🚀👩‍👩‍👧‍👦🏳️‍🌈"],
  ["right-to-left script", "تسليم المقطع الأول"],
  ["Hebrew beside Latin", "לתקן את CLIP עכשיו"],
  ["Chinese beyond the first plane", "修复𠮷野家的标题"],
  ["combining marks", "Z̸̢͓a̷l̴g̵o̸"],
  ["a script tag", '<script>alert("x")</script>'],
  ["SQL", "'); DROP TABLE tasks; --"],
  ["300 characters", "é".repeat(300)],
])("a title with %s comes back as it went in", async (_, title) => {
  const { key } = await addedTask(door, { title, body: `${title}\n\tsecond line\r\n`, acceptance: title });
  const { body } = await door.ask("GET", `/v1/tasks/${key}`);
  expect(body).toMatchObject({ title, body: `${title}\n\tsecond line\r\n`, acceptance: title });
  const { body: found } = await door.ask("GET", `/v1/tasks?text=${encodeURIComponent(title.slice(0, 200))}`);
  expect(found.tasks.map((task: any) => task.key)).toContain(key);
});

describe("editing", () => {
  test("every field can be changed, on the version that was read", async () => {
    await door.ask("POST", "/v1/epics", { body: { key: "CLIP", title: "Clips", goal: "All of them" } });
    const other = await addedTask(door);
    const task = await addedTask(door);
    const policy = { requirements: [{ name: "report", kind: "file", minBytes: 1 }] };
    const { status, body } = await door.ask("PATCH", `/v1/tasks/${task.key}`, {
      body: {
        version: 1,
        title: "New title",
        body: "New body",
        acceptance: "New acceptance",
        epic: "CLIP",
        lane: "ops",
        priority: "P0",
        dependsOn: [other.key],
        notBefore: "2999-01-01T00:00:00Z",
        policy,
        limits: { maxAttempts: 5, maxLapses: 7 },
      },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      key: task.key,
      version: 2,
      title: "New title",
      body: "New body",
      acceptance: "New acceptance",
      epic: "CLIP",
      lane: "ops",
      priority: "P0",
      dependsOn: [other.key],
      dependencies: [{ key: other.key, status: "queued" }],
      notBefore: "2999-01-01T00:00:00.000Z",
      policy,
      limits: { maxAttempts: 5, maxLapses: 7 },
    });
    expect(body.policy.hash).not.toBe(task.policy.hash);
    const cleared = await door.ask("PATCH", `/v1/tasks/${task.key}`, {
      body: { version: 2, notBefore: null, dependsOn: [] },
    });
    expect(cleared.body).toMatchObject({ version: 3, notBefore: null, dependsOn: [] });
  });

  test("an edit that changes nothing is refused", async () => {
    const task = await addedTask(door);
    const { status, body } = await door.ask("PATCH", `/v1/tasks/${task.key}`, { body: { version: 1 } });
    expect(status).toBe(422);
    expect(body.errors[0].expected).toBe("a field to change beside the version");
  });

  test("a draft may lack what a queued task must have, and is queued once it has it", async () => {
    const { status, body } = await door.ask("POST", "/v1/tasks", { body: { title: "An idea", draft: true } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: "draft", lane: null, policy: { requirements: [] } });
    const detail = await door.ask("GET", `/v1/tasks/${body.key}`);
    expect(detail.body.why.map((one: any) => one.code)).toEqual([
      "status",
      "lane-missing",
      "acceptance-missing",
      "policy-empty",
    ]);
    const early = await door.ask("PATCH", `/v1/tasks/${body.key}`, { body: { version: 1, draft: false } });
    expect(early.status).toBe(409);
    const { policy, lane, acceptance } = newTask();
    const queued = await door.ask("PATCH", `/v1/tasks/${body.key}`, {
      body: { version: 1, draft: false, policy, lane, acceptance },
    });
    expect(queued.body).toMatchObject({ status: "queued", version: 2 });
  });
});

describe("verbs", () => {
  const act = (key: string, verb: string, body: object) =>
    door.ask("POST", `/v1/tasks/${key}/${verb}`, { body });

  test("block, unblock, prioritize and cancel, each a version and an event", async () => {
    const { key } = await addedTask(door);
    expect((await act(key, "block", { version: 1, reason: "no access" })).body).toMatchObject({
      status: "blocked",
      version: 2,
      block: { kind: "hold", reason: "no access", owner: "operator", choices: [] },
    });
    expect((await act(key, "unblock", { version: 2, reason: "granted" })).body).toMatchObject({
      status: "queued",
      block: null,
    });
    expect((await act(key, "prioritize", { priority: "P0", reason: "release day" })).body).toMatchObject({
      priority: "P0",
      version: 4,
    });
    expect((await act(key, "cancel", { reason: "not wanted" })).body).toMatchObject({
      status: "cancelled",
      version: 5,
    });
    const { body } = await door.ask("GET", `/v1/tasks/${key}`);
    expect(body.events.map((event: any) => [event.version, event.kind, event.actor])).toEqual([
      [1, "task.added", "agent:olga"],
      [2, "task.blocked", "agent:olga"],
      [3, "task.unblocked", "agent:olga"],
      [4, "task.prioritized", "agent:olga"],
      [5, "task.cancelled", "agent:olga"],
    ]);
  });

  test("a finished task is reopened with its history", async () => {
    const { key } = await addedTask(door, { priority: "P0" });
    expect(await completed(door.house, "s-reopen")).toBe(key);
    expect((await act(key, "reopen", { reason: "it does not play" })).body).toMatchObject({
      status: "queued",
      completion: null,
    });
    const { body } = await door.ask("GET", `/v1/tasks/${key}`);
    expect(body.attempts).toMatchObject([{ outcome: "done" }]);
    expect(body.proofs).toMatchObject([{ verdict: "passed" }]);
    await act(key, "cancel", { reason: "enough" });
  });

  test("what does not stand in the queue is not said to wait for its lane", async () => {
    const { key } = await addedTask(door, { lane: "ops" });
    await door.ask("POST", "/v1/lanes/ops/pause", { body: { reason: "lunch" } });
    await act(key, "block", { reason: "no access" });
    const { body } = await door.ask("GET", `/v1/tasks/${key}`);
    expect(body.why.map((one: any) => one.code)).toEqual(["status"]);
    await door.ask("POST", "/v1/lanes/ops/resume");
  });

  test("a dead letter is requeued with its attempts back", async () => {
    const { key } = await addedTask(door, { priority: "P0", limits: { maxAttempts: 1 } });
    const held = await claimedTask(door, "s-dead");
    expect(held.task.key).toBe(key);
    const released = await door.ask("POST", `/v1/attempts/${held.attempt.id}/release`, {
      key: door.ada,
      body: { epoch: 1, reason: "it cannot be done" },
    });
    expect(released.body).toMatchObject({ status: "dead", failures: 1 });
    expect((await act(key, "requeue", { reason: "try again" })).body).toMatchObject({
      status: "queued",
      failures: 0,
    });
    await act(key, "cancel", { reason: "enough" });
  });

  test("a cancelled dependency is shown as stranding what waits for it", async () => {
    const first = await addedTask(door);
    const second = await addedTask(door, { dependsOn: [first.key] });
    await act(first.key, "cancel", { reason: "not wanted" });
    const { body } = await door.ask("GET", `/v1/tasks/${second.key}`);
    expect(body).toMatchObject({ runnable: false, dependencies: [{ key: first.key, status: "cancelled" }] });
    expect(body.why).toEqual([{ code: "dependency-cancelled", detail: expect.stringContaining("stranded") }]);
  });
});

describe("listing", () => {
  test("filters narrow by status, lane, epic and text, and combine", async () => {
    const list = async (query: string) => (await door.ask("GET", `/v1/tasks?limit=200&${query}`)).body.tasks;
    const all = await list("");
    expect(all.length).toBeGreaterThan(15);
    for (const status of ["queued", "draft", "cancelled", "done", "dead"]) {
      expect(await list(`status=${status}`)).toEqual(all.filter((task: any) => task.status === status));
    }
    expect(await list("lane=ops")).toEqual(all.filter((task: any) => task.lane === "ops"));
    expect(await list("epic=CLIP&status=queued")).toEqual(
      all.filter((task: any) => task.epic === "CLIP" && task.status === "queued"),
    );
    expect(await list("text=cUt%20the&lane=builder")).toEqual(
      all.filter((task: any) => task.title.includes("Cut the") && task.lane === "builder"),
    );
    expect(await list("lane=nowhere")).toEqual([]);
    expect(await list("epic=NOPE")).toEqual([]);
  });

  test("the list calls runnable exactly what the gate does", async () => {
    await door.ask("PUT", "/v1/lanes/narrow", {
      body: { route: { provider: "p", model: "m" }, capacity: 0 },
    });
    await addedTask(door, { lane: "narrow" });
    await door.ask("PUT", "/v1/lanes/single", {
      body: { route: { provider: "p", model: "m" }, capacity: 1 },
    });
    await addedTask(door, { lane: "single" });
    await addedTask(door, { lane: "single" });
    const due = await addedTask(door, { notBefore: "2020-01-01T00:00:00Z" });
    await addedTask(door, { notBefore: "2999-01-01T00:00:00Z" });
    const { body: page } = await door.ask("GET", "/v1/tasks?limit=200");
    const runnable: string[] = [];
    for (const task of page.tasks) {
      const { body } = await door.ask("GET", `/v1/tasks/${task.key}`);
      expect(`${task.key} ${task.runnable}`).toBe(`${task.key} ${body.runnable}`);
      expect(body.runnable).toBe(body.why.length === 0);
      if (body.runnable) runnable.push(task.key);
    }
    expect(runnable).toContain(due.key);
    const keys = async (query: string) =>
      (await door.ask("GET", `/v1/tasks?limit=200&${query}`)).body.tasks.map((task: any) => task.key);
    expect(await keys("runnable=true")).toEqual(runnable);
    expect(await keys("runnable=false")).toEqual(
      page.tasks.map((task: any) => task.key).filter((key: string) => !runnable.includes(key)),
    );
  });

  test("a walk by cursor over 1,000 tasks sees each once, while others are added and changed", async () => {
    const before = new Set<string>();
    for (let at = 0; at < 1000; at += 100) {
      const added = await Promise.all(
        Array.from({ length: 100 }, () => addedTask(door, { title: "Walked" })),
      );
      for (const task of added) before.add(task.key);
    }
    const seen: string[] = [];
    let pages = 0;
    for (let cursor: string | null = ""; cursor !== null; pages += 1) {
      const { status, body }: { status: number; body: any } = await door.ask(
        "GET",
        `/v1/tasks?text=Walked&limit=37${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      expect(status).toBe(200);
      expect(body.tasks.length).toBeGreaterThan(0);
      for (const task of body.tasks) seen.push(task.key);
      cursor = body.nextCursor;
      if (pages < 20) {
        await addedTask(door, { title: "Walked" });
        await door.ask("POST", `/v1/tasks/${body.tasks[0].key}/cancel`, {
          body: { reason: "in the middle of a walk" },
        });
        await door.ask("POST", `/v1/tasks/${[...before][999 - pages]}/prioritize`, {
          body: { priority: "P0" },
        });
      }
    }
    expect(pages).toBeGreaterThanOrEqual(28);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((key) => before.has(key))).toHaveLength(1000);
    expect(seen).toHaveLength(1020);
  });
});
