// `ask` holds every answer of every test to /openapi.json; here one door is asked everything, so that nothing described
// is left unasked.
import { afterAll, beforeAll, expect, test } from "vitest";
import { refreshBrief } from "../../src/commands/refresh-brief.ts";
import { completed } from "../support/story.ts";
import { addedTask, CALLER, claimedTask, newTask, openDoor, ROUTE, type TestDoor } from "./support/door.ts";
import { conformance } from "./support/openapi.ts";

let door: TestDoor;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const operations = () =>
  Object.entries(door.document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

test("the description is OpenAPI 3.1, names every call once, and describes every refusal as a Problem", () => {
  expect(door.document.openapi).toBe("3.1.0");
  const names = operations().map(({ operation }) => operation.operationId);
  expect(new Set(names).size).toBe(names.length);
  for (const { operation } of operations()) {
    const refusals = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
    expect(refusals.map(([status]) => status)).toEqual(
      expect.arrayContaining(["401", "403", "404", "409", "422", "429", "500", "503"]),
    );
    for (const [, { content }] of refusals) {
      expect(content).toEqual({
        "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
      });
    }
  }
});

test("the description asks for exactly what is validated: no unknown fields, names and limits of the schemas", () => {
  const { schemas } = door.document.components;
  const NewTask = schemas["NewTask"] as any;
  expect(NewTask.additionalProperties).toBe(false);
  expect(NewTask.required).toEqual(["title"]);
  expect(NewTask.properties.title).toMatchObject({ type: "string", minLength: 1, maxLength: 300 });
  expect(NewTask.properties.priority.enum).toEqual(["P0", "P1", "P2", "P3", "P4"]);
  expect((schemas["Heartbeat"] as any).required).toEqual(["epoch", "lane", "task", "session", "route"]);
});

test("every call is asked once with success, and answers as described", async () => {
  const task = await addedTask(door, { priority: "P0" });
  expect(await completed(door.house, "s-done")).toBe(task.key);
  expect((await refreshBrief(door.house, CALLER)).ok).toBe(true);
  const asks: [string, string, object?, string?][] = [
    ["GET", "/v1/tasks"],
    ["GET", `/v1/tasks/${task.key}`],
    ["POST", `/v1/tasks/${task.key}/reopen`, { reason: "x" }],
    ["PATCH", `/v1/tasks/${task.key}`, { version: 6, title: "y" }],
    ["POST", `/v1/tasks/${task.key}/prioritize`, { priority: "P1" }],
    ["POST", `/v1/tasks/${task.key}/block`, { reason: "x", choices: ["a"] }],
    ["GET", "/v1/tasks?status=blocked"],
    ["POST", `/v1/tasks/${task.key}/unblock`, { reason: "x" }],
    ["POST", `/v1/tasks/${task.key}/cancel`, { reason: "x" }],
    ["POST", "/v1/claims", { lane: "builder", session: "s-none", route: ROUTE }, door.ada],
    ["POST", "/v1/epics", { key: "CLIP", title: "x" }],
    ["GET", "/v1/epics"],
    ["PUT", "/v1/lanes/builder", { capacity: 9 }],
    ["POST", "/v1/lanes/builder/pause", { reason: "x" }],
    ["POST", "/v1/lanes/builder/resume"],
    ["GET", "/v1/lanes"],
    ["POST", "/v1/agents", { name: "eve", lanes: ["builder"] }],
    ["POST", "/v1/agents/eve/pause"],
    ["POST", "/v1/agents/eve/resume"],
    ["POST", "/v1/agents/eve/revoke"],
    ["GET", "/v1/agents"],
    ["GET", "/v1/brief"],
    ["GET", "/v1/validation"],
    ["GET", "/v1/contradictions"],
    ["GET", "/v1/events?limit=200"],
    ["GET", "/v1/notices?limit=200"],
    ["POST", "/v1/traces", { resourceSpans: [] }],
    ["POST", "/v1/logs", { resourceLogs: [] }],
    ["GET", "/v1/routes?session=s-done"],
  ];
  for (const [method, path, body, key] of asks) {
    const got = await door.ask(method, path, { body, ...(key === undefined ? {} : { key }) });
    expect(`${method} ${path} ${got.status < 300}: ${got.body.hint}`).toBe(
      `${method} ${path} true: undefined`,
    );
  }
  for (const verb of ["heartbeat", "trouble", "proofs", "submit", "block", "release"]) {
    await addedTask(door, { limits: { maxAttempts: 1 } });
    const held = await claimedTask(door, `s-${verb}`);
    const act = (name: string, body: object) =>
      door.ask("POST", `/v1/attempts/${held.attempt.id}/${name}`, {
        key: door.ada,
        body: { epoch: held.attempt.epoch, ...body },
      });
    if (verb === "heartbeat") expect((await act("heartbeat", held.beat)).status).toBe(200);
    if (verb === "trouble") {
      const said = { kind: "billing", provider: "openai", model: "gpt-7", message: "no credit" };
      expect((await act("trouble", said)).status).toBe(200);
    }
    if (verb === "proofs" || verb === "submit")
      expect((await act("proofs", { uri: "command:checks" })).status).toBe(201);
    if (verb === "submit") expect((await act("submit", {})).status).toBe(202);
    if (verb === "block") expect((await act("block", { kind: "question", reason: "x" })).status).toBe(200);
    if (verb !== "release") continue;
    expect((await act("release", { reason: "x" })).body.status).toBe("dead");
    expect(
      (await door.ask("POST", `/v1/tasks/${held.task.key}/requeue`, { body: { reason: "x" } })).status,
    ).toBe(200);
  }
  const succeeded = [...door.seen]
    .filter((one) => Number(one.split(" ")[1]) < 300)
    .map((one) => one.split(" ")[0] ?? "");
  expect(succeeded.toSorted()).toEqual(
    operations()
      .map(({ operation }) => operation.operationId)
      .toSorted(),
  );
});

test("every call that changes something refuses a body that is no JSON as described", async () => {
  for (const { path, method } of operations()) {
    if (method === "get") continue;
    const { status } = await door.ask(method.toUpperCase(), path.replaceAll(/\{[^}]+\}/g, "X-1"), {
      raw: "{",
    });
    expect(`${method} ${path} ${status}`).toBe(`${method} ${path} 400`);
  }
});

test("the check itself sees a field too many, one too few, and one of another type", () => {
  const check = conformance(door.document, new Set());
  const answered = (body: unknown) => ({
    method: "GET",
    path: "/v1/epics",
    status: 200,
    contentType: "application/json",
    body,
  });
  const epic = { key: "CLIP", title: "x", goal: "", tasks: 1, done: 0 };
  expect(() => check(answered({ epics: [epic] }))).not.toThrow();
  expect(() => check(answered({ epics: [{ ...epic, id: 7 }] }))).toThrow();
  expect(() => check(answered({ epics: [{ ...epic, goal: undefined }] }))).toThrow();
  expect(() => check(answered({ epics: [{ ...epic, tasks: "1" }] }))).toThrow();
  expect(() => check({ ...answered(newTask()), status: 418 })).toThrow();
});
