// One link that proves several requirements of one thing, posted by an agent without naming any of them.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Connection } from "../../db/connection.ts";
import { fillTemplate } from "../../src/core/policy-templates.ts";
import type { Requirement } from "../../src/core/proof.ts";
import { closePeers } from "../proof/support/peers.ts";
import { removeFolders } from "../proof/support/proofs.ts";
import { CLAIMED, makeWorld } from "../proof/support/world.ts";
import { well } from "../support/story.ts";
import { addedTask, claimedTask, openDoor, type TestDoor } from "./support/door.ts";

const PULL = "https://github.com/acme/clip/pull/12";
const MERGED_AND_GREEN = well(
  fillTemplate("pr-merged-and-green", { repo: "acme/clip", checks: "test" }),
).requirements;
const checks = (name: string) => ({ name, kind: "github-checks", repo: "acme/clip", checks: [{ name }] });

let door: TestDoor;
beforeAll(async () => {
  const world = await makeWorld();
  door = await openDoor({ startAt: CLAIMED, verifiers: [...world.verifiers.values()] });
});
afterAll(async () => {
  await door.close();
  await closePeers();
  removeFolders();
});

async function post(session: string, requirements: readonly Requirement[], key: string) {
  await addedTask(door, { policy: { requirements } });
  const { attempt } = await claimedTask(door, session);
  return () =>
    door.ask("POST", `/v1/attempts/${attempt.id}/proofs`, {
      key: door.ada,
      headers: { "idempotency-key": key },
      body: { epoch: attempt.epoch, uri: PULL },
    });
}

test("is attached to each of them, and the answer holds every proof; asked again after a kill, the same", async () => {
  const ask = await post("s-1", MERGED_AND_GREEN, "key-1");
  const first = await ask();
  expect(first.status).toBe(201);
  expect(first.body).toMatchObject({
    requirement: "merged",
    kind: "github-pr",
    uri: PULL,
    verdict: "pending",
    others: [{ requirement: "green", kind: "github-checks", uri: PULL, verdict: "pending" }],
  });
  const database = await Connection.open({ url: door.url });
  await database.write([{ sql: "UPDATE idempotency SET status = NULL, body = NULL WHERE key = 'key-1'" }]);
  await database.close();
  door.clock.advance(20_000);
  const again = await ask();
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.body).toEqual(first.body);
});

test("is refused with the names where it could mean one or another", async () => {
  const ask = await post("s-2", [checks("test"), checks("lint")], "key-2");
  expect(await ask()).toMatchObject({
    status: 409,
    body: {
      gate: "proof-before-done",
      code: "requirement-ambiguous",
      field: "requirement",
      expected: ["test", "lint"],
      got: PULL,
      hint: expect.stringContaining("say which"),
    },
  });
});
