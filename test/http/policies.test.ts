import { afterAll, beforeAll, expect, test } from "vitest";
import { setPolicy } from "../../src/commands/set-policy.ts";
import { well } from "../support/story.ts";
import { CALLER, openDoor, ROUTE, type TestDoor } from "./support/door.ts";

let door: TestDoor;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const task = { title: "Cut it", acceptance: "It plays", lane: "builder" };

test("a task without a policy takes the default of its lane, and without one is refused by the field's name", async () => {
  expect(await door.ask("POST", "/v1/tasks", { body: task })).toMatchObject({
    status: 422,
    body: { field: "policy.requirements" },
  });
  const given = { command: "npm test" };
  well(await setPolicy(door.house, { on: "builder", from: "command-succeeds", given }, CALLER));
  const { status, body } = await door.ask("POST", "/v1/tasks", { body: task });
  expect(status).toBe(201);
  expect(body.policy.requirements).toEqual([{ name: "command", kind: "command", argv: ["npm", "test"] }]);
});

test("a claimed task says what each requirement still lacks", async () => {
  await door.ask("POST", "/v1/claims", {
    key: door.ada,
    body: { lane: "builder", session: "s-1", route: ROUTE },
  });
  const { body } = await door.ask("GET", "/v1/tasks/GATE-1");
  expect(body.runnable).toBe(false);
  expect(body.why).toContainEqual({ code: "proof-missing", detail: `"command" (command) has no proof yet.` });
});
