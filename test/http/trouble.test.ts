import { afterAll, beforeAll, expect, test } from "vitest";
import { addedTask, claimedTask, openDoor, ROUTE, type TestDoor } from "./support/door.ts";

let door: TestDoor;
beforeAll(async () => {
  door = await openDoor({ startAt: Date.parse("2026-11-23T09:00:00Z") });
});
afterAll(() => door.close());

const SAID = {
  kind: "billing",
  provider: "openai",
  model: "gpt-7",
  message: "You exceeded your current quota",
};

test("trouble is reported, diagnosed and shown, and asked again with the same key it is told again, not anew", async () => {
  await addedTask(door);
  const { attempt } = await claimedTask(door, "s-1");
  const ask = () =>
    door.ask("POST", `/v1/attempts/${attempt.id}/trouble`, {
      key: door.ada,
      body: { epoch: attempt.epoch, ...SAID },
      headers: { "idempotency-key": "k-1" },
    });
  const { status, body } = await ask();
  expect(status).toBe(200);
  expect(body.diagnosis).toMatchObject({
    verdict: "route-override",
    attempt: attempt.id,
    required: ROUTE,
    got: { provider: "openai", model: "gpt-7" },
    since: "2026-11-23T09:00:00.000Z",
    override: { seat: "session" },
    evidence: [{ source: "claim", at: "2026-11-23T09:00:00.000Z" }],
  });
  expect((await ask()).body).toEqual(body);
  const { body: log } = await door.ask("GET", "/v1/events?limit=200");
  expect(log.events.filter(({ kind }: any) => kind === "trouble.reported")).toHaveLength(1);
  const { body: routes } = await door.ask("GET", "/v1/routes?session=s-1", { key: door.bob });
  expect(routes.attempts[0].errors).toMatchObject([{ source: "trouble", trouble: "billing", count: 1 }]);
});

test("a run that died after its report is answered from the event", async () => {
  await addedTask(door);
  const { attempt } = await claimedTask(door, "s-2");
  const input = { epoch: attempt.epoch, ...SAID };
  const path = `/v1/attempts/${attempt.id}/trouble`;
  const { idempotency } = door.house;
  const failing = { ...idempotency, answer: () => Promise.reject(new Error("killed")) };
  Object.assign(door.house, { idempotency: failing });
  await door.ask("POST", path, { key: door.ada, body: input, headers: { "idempotency-key": "k-2" } });
  Object.assign(door.house, { idempotency });
  door.clock.advance(10 * 60_000);
  const again = await door.ask("POST", path, {
    key: door.ada,
    body: input,
    headers: { "idempotency-key": "k-2" },
  });
  expect([again.status, again.body.diagnosis?.attempt]).toEqual([200, attempt.id]);
  const events = await door.house.log.events({ after: 0, limit: 1000 });
  expect(events.filter(({ data }) => data["attempt"] === attempt.id)).toHaveLength(1);
});

test("what does not fit is named, field by field", async () => {
  await addedTask(door);
  const { attempt } = await claimedTask(door, "s-3");
  const { status, body } = await door.ask("POST", `/v1/attempts/${attempt.id}/trouble`, {
    key: door.ada,
    body: { epoch: "1", kind: "money", provider: "", model: 7, extra: 1 },
  });
  expect(status).toBe(422);
  expect(body.errors.map(({ field }: any) => field).toSorted()).toEqual([
    "epoch",
    "extra",
    "kind",
    "message",
    "model",
    "provider",
  ]);
});
