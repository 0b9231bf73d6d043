import { afterAll, beforeAll, expect, test } from "vitest";
import { verified } from "../support/story.ts";
import { addedTask, claimedTask, newTask, openDoor, ROUTE, type TestDoor } from "./support/door.ts";

let door: TestDoor;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

test("a task is added, pulled, beaten for, proved, submitted, verified and announced, all over HTTP", async () => {
  const added = await door.ask("POST", "/v1/tasks", {
    body: newTask({ title: "Write the subtitles", priority: "P1", notBefore: "2026-01-02T03:04:05+01:00" }),
  });
  expect(added.status).toBe(201);
  const { key } = added.body;
  expect(added.headers.get("location")).toBe(`/v1/tasks/${key}`);
  expect(added.body).toMatchObject({
    key,
    title: "Write the subtitles",
    body: "",
    acceptance: "It plays",
    epic: "GATE",
    lane: "builder",
    priority: "P1",
    status: "queued",
    version: 1,
    dependsOn: [],
    notBefore: "2026-01-02T02:04:05.000Z",
    limits: { maxAttempts: 3, maxLapses: 10 },
    holder: null,
  });
  const waiting = await door.ask("GET", `/v1/tasks/${key}`);
  expect(waiting.body).toMatchObject({ runnable: true, why: [], attempts: [], proofs: [] });

  const claim = await door.ask("POST", "/v1/claims", {
    key: door.ada,
    body: { lane: "builder", session: "s-1", route: ROUTE },
  });
  expect(claim.status).toBe(200);
  const { attempt } = claim.body;
  expect(attempt).toMatchObject({
    id: `${key}.1`,
    number: 1,
    epoch: 1,
    heartbeatEverySeconds: 300,
    session: "s-1",
    lane: "builder",
    route: ROUTE,
  });
  expect(Date.parse(attempt.leaseExpiresAt) - Date.parse(attempt.startedAt)).toBe(900_000);
  expect(claim.body.task).toMatchObject({
    key,
    status: "active",
    holder: { attempt: `${key}.1`, agent: "ada" },
  });

  const beat = await door.ask("POST", `/v1/attempts/${attempt.id}/heartbeat`, {
    key: door.ada,
    body: { epoch: 1, lane: "builder", task: key, session: "s-1", route: ROUTE, note: "half way 🎬" },
  });
  expect(beat.status).toBe(200);
  expect(Date.parse(beat.body.leaseExpiresAt)).toBeGreaterThanOrEqual(Date.parse(attempt.leaseExpiresAt));

  const proof = await door.ask("POST", `/v1/attempts/${attempt.id}/proofs`, {
    key: door.ada,
    body: { epoch: 1, uri: "command:checks" },
  });
  expect(proof.status).toBe(201);
  expect(proof.body).toMatchObject({
    attempt: attempt.id,
    requirement: "checks",
    verdict: "pending",
    superseded: false,
  });

  const submit = await door.ask("POST", `/v1/attempts/${attempt.id}/submit`, {
    key: door.ada,
    body: { epoch: 1 },
  });
  expect(submit.status).toBe(202);
  expect(submit.body).toMatchObject({ key, status: "verifying" });

  await verified(door.house);
  const done = await door.ask("GET", `/v1/tasks/${key}`, { key: door.bob });
  expect(done.body).toMatchObject({
    status: "done",
    completion: "proved",
    runnable: false,
    why: [{ code: "status", detail: "it is done" }],
    attempts: [{ id: attempt.id, outcome: "done", note: "half way 🎬", beats: 1 }],
    proofs: [{ requirement: "checks", verdict: "passed" }],
  });
  expect(done.body.events.map((event: any) => event.kind)).toEqual([
    "task.added",
    "task.claimed",
    "proof.attached",
    "task.submitted",
    "task.completed",
  ]);
  const notices = await door.ask("GET", `/v1/notices?kind=auto-complete&task=${key}`);
  expect(notices.body.notices).toHaveLength(1);
  expect(notices.body.notices[0].text).toMatch(/^🔵🔵🔵 AUTO-COMPLETE GATE-/u);
});

test("an empty lane answers why nothing can be pulled, counted by reason", async () => {
  const first = await addedTask(door, { lane: "ops" });
  await addedTask(door, { lane: "ops", dependsOn: [first.key] });
  await addedTask(door, { lane: "ops", notBefore: "2999-01-01T00:00:00Z" });
  await door.ask("POST", `/v1/tasks/${first.key}/block`, { body: { reason: "no access", kind: "access" } });
  const { status, body } = await door.ask("POST", "/v1/claims", {
    key: door.ada,
    body: { lane: "ops", session: "s-2", route: ROUTE },
  });
  expect(status).toBe(200);
  expect(body.attempt).toBeNull();
  expect(new Map(body.skipped.map((one: any) => [one.code, one.count]))).toEqual(
    new Map([
      ["blocked", 1],
      ["dependency", 1],
      ["not-before", 1],
    ]),
  );
});

test("the holder may block with a question, and a person's answer puts the task back", async () => {
  await addedTask(door);
  const { attempt, task } = await claimedTask(door, "s-block");
  const blocked = await door.ask("POST", `/v1/attempts/${attempt.id}/block`, {
    key: door.ada,
    body: {
      epoch: attempt.epoch,
      kind: "question",
      reason: "two masters exist",
      question: "Which one?",
      choices: ["A", "B"],
    },
  });
  expect(blocked.status).toBe(200);
  expect(blocked.body).toMatchObject({
    status: "blocked",
    block: { kind: "question", question: "Which one?", choices: ["A", "B"] },
  });
  const answered = await door.ask("POST", `/v1/tasks/${task.key}/unblock`, {
    body: { reason: "A", version: blocked.body.version },
  });
  expect(answered.body).toMatchObject({ status: "queued", block: null });
});

test("the holder may give the task back", async () => {
  const { attempt } = await claimedTask(door, "s-release");
  const released = await door.ask("POST", `/v1/attempts/${attempt.id}/release`, {
    key: door.ada,
    body: { epoch: attempt.epoch, reason: "shutting down", fault: "infrastructure" },
  });
  expect(released.status).toBe(200);
  expect(released.body).toMatchObject({ status: "queued", failures: 0, holder: null });
});
