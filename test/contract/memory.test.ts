// What a process remembers of an attempt it just changed is what a read would answer: in a file and on a server.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { blockAttempt } from "../../src/commands/block-task.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import { settleProof } from "../../src/commands/settle-proof.ts";
import type { Verdict } from "../../src/core/proof.ts";
import { ringOnWrite } from "../../src/jobs/ring-on-write.ts";
import { Nudge } from "../../src/ports/nudge.ts";
import type { TaskFacts } from "../../src/ports/queue.ts";
import { added, claimed, type Held, holder, OPERATOR, submitted, well } from "../support/story.ts";
import { makeHouse, PLACES } from "./places.ts";

const PASSED: Verdict = {
  verdict: "passed",
  reason: "well",
  evidence: "command:local:1",
  seen: { exit: 0, told: ["one", null] },
};
const FAILED: Verdict = { verdict: "failed", reason: "it ended with 1" };

describe.each(PLACES)("what is remembered of an attempt in a %s", (kind) => {
  let place: Awaited<ReturnType<typeof makeHouse>>;
  beforeEach(async () => {
    place = await makeHouse(kind);
  });
  afterEach(() => place.remove());

  const attached = async (held: Held, uri = "command:checks", house = place.at.house) => {
    const input = { by: "holder", ...holder(held), uri, requirement: "checks" } as const;
    return well(await attachProof(house, input, { actor: "agent:ada" })).proof;
  };
  const order = (facts: TaskFacts | null) =>
    facts && { ...facts, now: 0, proofs: facts.proofs.toSorted((a, b) => a.id - b.id) };
  /** Asks the memory first: a read must not be what filled it. */
  const same = async (held: Held): Promise<TaskFacts> => {
    const remembered = place.at.store.queue.remembered(held.attempt.id);
    if (remembered === null) throw new Error("nothing is remembered");
    expect(order(remembered)).toEqual(order(await place.at.store.queue.attempt(held.attempt.id)));
    return remembered;
  };

  test("is what a read answers, after a claim, a proof, a better one, a verdict and a submission", async () => {
    await added(place.at.house);
    const held = await claimed(place.at.house);
    await same(held);
    const first = await attached(held);
    place.at.clock.advance(1000);
    expect((await same(held)).proofs).toMatchObject([first]);
    const second = await attached(held, "command:checks#again");
    expect((await same(held)).proofs).toMatchObject([second]);
    await settleProof(place.at.house, { proof: second, taskKey: held.task.key }, PASSED);
    expect((await same(held)).proofs).toMatchObject([{ verdict: "passed", checks: 1 }]);
    place.at.clock.advance(1000);
    await submitted(place.at.house, held);
    expect((await same(held)).task.status).toBe("verifying");
    await settleProof(place.at.house, { proof: second, taskKey: held.task.key }, FAILED);
    expect((await same(held)).task.status).toBe("active");
  });

  test("is forgotten with its end, and after a change that is not followed", async () => {
    await added(place.at.house);
    const held = await claimed(place.at.house);
    const proof = await attached(held);
    await submitted(place.at.house, held);
    expect(well(await settleProof(place.at.house, { proof, taskKey: held.task.key }, PASSED))).toBe(
      "completed",
    );
    expect(place.at.store.queue.remembered(held.attempt.id)).toBeNull();

    await added(place.at.house);
    const other = await claimed(place.at.house, "s-2");
    const question = { kind: "question", reason: "two ways", question: "Which?" };
    well(await blockAttempt(place.at.house, { ...holder(other), ...question }, { actor: "agent:ada" }));
    expect(place.at.store.queue.remembered(other.attempt.id)).toBeNull();
  });

  test("is as true in the house that rings on every write, as it is served", async () => {
    await added(place.at.house);
    const held = await claimed(place.at.house);
    const proof = await attached(held, "command:checks", ringOnWrite(place.at.house, new Nudge()));
    expect((await same(held)).proofs).toMatchObject([proof]);
  });

  test("never wins against the row: what another change made of it is read", async () => {
    await added(place.at.house);
    const held = await claimed(place.at.house);
    const key = held.task.key;
    const version = held.task.version;
    well(await prioritizeTask(place.at.house, { key, version, priority: "P0" }, OPERATOR));
    await attached(held);
    await submitted(place.at.house, held);
    const facts = await place.at.store.queue.task(key);
    expect(facts?.task).toMatchObject({ status: "verifying", priority: "P0", version: version + 3 });
  });

  test("never refuses: where it says no, the row is asked", async () => {
    await added(place.at.house);
    const held = await claimed(place.at.house);
    const proof = await attached(held);
    await submitted(place.at.house, held);
    const elsewhere = await place.open({ startAt: place.at.clock.now });
    const settled = await settleProof(elsewhere.house, { proof, taskKey: held.task.key }, FAILED);
    expect(well(settled)).toBe("returned");
    expect(place.at.store.queue.remembered(held.attempt.id)?.task.status).toBe("verifying");
    expect((await attached(held, "command:checks#again")).verdict).toBe("pending");
  });
});
