// A heartbeat goes before what nobody waits for on the line.
import { expect, test } from "vitest";
import { BeatsFirst } from "../../db/beats-first.ts";
import type { Change } from "../../src/core/change.ts";
import type { Proof } from "../../src/core/proof.ts";
import { added, claimed, type Held, proved, ROUTE } from "../support/story.ts";
import { makeHouse } from "./places.ts";

function beatOf({ task, attempt }: Held) {
  const { id, epoch, session, agent } = attempt;
  return { attempt: id, epoch, session, agent, lane: "builder", task: task.key, route: ROUTE };
}

function passed(proof: Proof, version: number): Change {
  const verdict = { proof: proof.id, verdict: "passed" as const, reason: "it ended with 0", evidence: "a" };
  const event = { kind: "proof.passed", actor: "system:verify-proofs", data: {} };
  return { task: proof.taskId, version, attempt: proof.attempt, set: {}, event, verdict };
}

test("a verdict that is asked for before a beat is written after it, and both are written", async () => {
  const place = await makeHouse("file");
  try {
    const { house } = place.at;
    for (let n = 0; n < 2; n += 1) await added(house);
    const proving = await claimed(house, "s-1");
    await proved(house, proving);
    const beating = await claimed(house, "s-2");
    const facts = await house.queue.attempt(proving.attempt.id);
    if (facts?.proofs[0] === undefined) throw new Error("no proof was attached");
    const answered: string[] = [];
    const verdict = house.queue.commit(passed(facts.proofs[0], facts.task.version));
    const beat = house.queue.beat(beatOf(beating));
    await Promise.all([verdict.then(() => answered.push("verdict")), beat.then(() => answered.push("beat"))]);
    expect(answered).toEqual(["beat", "verdict"]);
    expect([await beat, await verdict]).toEqual([
      expect.any(Number),
      expect.objectContaining({ version: facts.task.version + 1 }),
    ]);
    expect((await house.queue.attempt(proving.attempt.id))?.proofs).toMatchObject([{ verdict: "passed" }]);
  } finally {
    await place.remove();
  }
});

test("all that waits goes on once the last of the beats has its answer, in the order it came", async () => {
  const beatsFirst = new BeatsFirst();
  const done: string[] = [];
  let answer = (): void => undefined;
  const asked = beatsFirst.beat(
    () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      }),
  );
  const behind = ["lease", "verdict"].map((name) => beatsFirst.behind(async () => done.push(name)));
  await Promise.resolve();
  expect(done).toEqual([]);
  answer();
  await asked.then(() => done.push("beat"));
  await Promise.all(behind);
  expect(done).toEqual(["beat", "lease", "verdict"]);
});

test("a beat that fails is over as well", async () => {
  const beatsFirst = new BeatsFirst();
  const failing = beatsFirst.beat(() => Promise.reject(new Error("away")));
  const behind = beatsFirst.behind(async () => "done");
  await expect(failing).rejects.toThrow("away");
  expect(await behind).toBe("done");
});

test("nothing waits for beats without end", async () => {
  const beatsFirst = new BeatsFirst();
  void beatsFirst.beat(() => new Promise<never>(() => undefined));
  expect(await beatsFirst.behind(async () => "done")).toBe("done");
});
