import { afterAll, beforeAll, expect, test } from "vitest";
import { refreshBrief } from "../../src/commands/refresh-brief.ts";
import { addedTask, CALLER, newTask, openDoor, type TestDoor } from "./support/door.ts";

let door: TestDoor;
beforeAll(async () => {
  // Time stands still, so that each validation is a new one.
  door = await openDoor({ startAt: Date.parse("2026-11-23T09:00:00Z") });
});
afterAll(() => door.close());

test("before any brief was made there is none to read", async () => {
  const { status, body } = await door.ask("GET", "/v1/brief", { key: door.ada });
  expect(status).toBe(404);
  expect(body.hint).toMatch(/queue-operating-refresh/);
});

test("the brief is the last good one, whole or of one lane", async () => {
  const task = await addedTask(door);
  expect((await refreshBrief(door.house, CALLER)).ok).toBe(true);
  const { status, body } = await door.ask("GET", "/v1/brief", { key: door.ada });
  expect(status).toBe(200);
  expect(body).toMatchObject({ revision: 1, generatedAt: "2026-11-23T09:00:00.000Z", stale: false });
  expect(body.sha256).toMatch(/^[0-9a-f]{64}$/);
  const lane = await door.ask("GET", "/v1/brief?lane=builder", { key: door.ada });
  expect(lane.body.brief.lanes).toHaveLength(1);
  expect(JSON.stringify(lane.body.brief)).toContain(task.key);
  expect(lane.body.sha256).toBe(body.sha256);
  expect((await door.ask("GET", "/v1/brief?lane=nowhere")).status).toBe(404);
});

test("validation lists what is wrong now, with what mends it, and a brief of an invalid queue is stale", async () => {
  const clean = await door.ask("GET", "/v1/validation", { key: door.bob });
  expect(clean.body).toMatchObject({ valid: true, tasks: 1, findings: [], omitted: [] });
  const first = await addedTask(door);
  const stranded = await addedTask(door, { dependsOn: [first.key] });
  await door.ask("POST", `/v1/tasks/${first.key}/cancel`, { body: { reason: "not wanted" } });
  const { body: draft } = await door.ask("POST", "/v1/tasks", { body: { title: "An idea", draft: true } });
  const { body } = await door.ask("GET", "/v1/validation");
  expect(body.findings).toMatchObject([
    { code: "Q006", rule: "draft-incomplete", severity: "warning", task: draft.key },
    { code: "Q012", rule: "dependency-stranded", severity: "warning", task: stranded.key },
  ]);
  expect(body.findings[0].fix).not.toBe("");
  expect((await door.ask("GET", "/v1/brief")).body.stale).toBe(false);
  // A verifier that is gone makes a task's policy one that nobody can prove.
  await addedTask(door, newTask());
  const { verifiers } = door.house;
  const command = verifiers.get("command");
  (verifiers as Map<string, unknown>).delete("command");
  const invalid = await door.ask("GET", "/v1/validation");
  expect(invalid.body.valid).toBe(false);
  expect(invalid.body.findings[0]).toMatchObject({ code: "Q004", severity: "error" });
  expect((await door.ask("GET", "/v1/brief")).body).toMatchObject({
    revision: 1,
    stale: true,
    staleBecause: ["Q004"],
  });
  (verifiers as Map<string, unknown>).set("command", command);
});
