import * as fc from "fast-check";
import { expect, it } from "vitest";
import { claimTask } from "../../src/commands/claim-task.ts";
import type { House } from "../../src/commands/house.ts";
import { validateQueue } from "../../src/commands/validate-queue.ts";
import { answerProofReplies } from "../../src/jobs/proof-replies.ts";
import { updateTaskCards } from "../../src/jobs/task-cards.ts";
import type { TaskSummary } from "../../src/ports/listing.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";
import { given, live, type Step, steps } from "./busy-queue.ts";
import { exported, imported, PODCAST } from "./support.ts";

const START = Date.UTC(2026, 0, 1);

async function both(
  story: readonly Step[],
  compare: (from: TestHouse, to: TestHouse) => Promise<void>,
): Promise<void> {
  const from = await openTestHouse({ startAt: START, verifiers: [given] });
  try {
    await live(from, story);
    const to = await openTestHouse({ startAt: from.clock.now, verifiers: [given] });
    try {
      await compare(from, to);
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** Every task of the queue as a line of its list, in the order of keys. */
async function listed(house: House): Promise<TaskSummary[]> {
  const { tasks } = await house.listing.list({ limit: 1000 });
  return tasks.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** What was announced of which task; in how many channels is a matter of the place. */
async function announced(house: House) {
  const notices = await house.outbox.notices({ kind: "auto-complete", after: 0, limit: 1000 });
  return notices
    .map(({ task, text, at, deliveries }) => ({ task, text, at, deliveries: deliveries.length }))
    .toSorted((a, b) => a.at - b.at || (a.text < b.text ? -1 : 1));
}

/** What validation finds, without the ids only one database knows. */
async function findings(house: House): Promise<string[]> {
  const { findings: found } = await validateQueue(house);
  return found.map((one) => JSON.stringify(one)).toSorted();
}

/** The order in which a new agent is given the work. */
async function pulled(house: House): Promise<string[]> {
  const keys: string[] = [];
  for (const lane of await house.roster.lanes()) {
    if (lane.pausedReason !== null) await house.roster.pauseLane(lane.name, null, "person:test:zoe");
    await house.roster.setLane({ name: lane.name, capacity: 1000 }, "person:test:zoe");
  }
  const hired = {
    name: "eve",
    role: "agent",
    lanes: ["builder", "ops"],
    keyHash: house.identity.sha256("eve"),
  } as const;
  await house.roster.addAgent(hired, "person:test:zoe");
  for (const lane of await house.roster.lanes()) {
    for (;;) {
      const session = `eve-${keys.length}`;
      const claim = await claimTask(house, { lane: lane.name, agent: "eve", session, route: lane.route });
      if (!claim.ok || !("facts" in claim.value)) break;
      keys.push(claim.value.facts.task.key);
    }
  }
  return keys;
}

it("a queue at rest goes out and comes back byte for byte, and works on as it would have", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(steps, async (story) => {
      await both(story, async (from, to) => {
        const lines = await exported(from.house);
        const report = await imported(to.house, "jsonl", lines.join("\n"));
        expect(report.refused).toEqual([]);
        expect(await exported(to.house)).toEqual(lines);
        const tasks = await listed(from.house);
        expect(await listed(to.house)).toEqual(tasks);
        expect(await announced(to.house)).toEqual(
          (await announced(from.house)).map((one) => ({ ...one, deliveries: 0 })),
        );
        await updateTaskCards(to.house);
        await answerProofReplies(to.house);
        expect(await to.house.outbox.takeDue(["local", "slack"], 10, 1000)).toEqual([]);
        expect(await findings(to.house)).toEqual(await findings(from.house));
        const again = await imported(to.house, "jsonl", lines.join("\n"));
        expect(again).toMatchObject({ created: 0, unchanged: tasks.length, changed: 0, refused: [] });
        expect(await exported(to.house)).toEqual(lines);
        expect(await pulled(to.house)).toEqual(await pulled(from.house));
        for (const { status, attempts, completion } of tasks)
          seen.add(`${status} ${attempts > 0} ${completion ?? ""}`.trim());
      });
    }),
    { numRuns: 40, seed: 20260101 },
  );
  // The stories must have led where it matters, or the property said nothing.
  for (const kind of [
    "done true proved",
    "dead true",
    "queued true",
    "queued false",
    "blocked false",
    "cancelled true",
    "draft false",
  ]) {
    expect([...seen]).toContain(kind);
  }
});

it("an export does not depend on the order in which the queue was filled", async () => {
  const story: Step[] = [];
  await both(story, async (from, to) => {
    await imported(from.house, "beads", PODCAST);
    const lines = await exported(from.house);
    const shuffled = [lines[0], ...lines.slice(1).toReversed()];
    const report = await imported(to.house, "jsonl", shuffled.join("\n"));
    expect(report).toMatchObject({ created: 32, refused: [] });
    // Events of the roster have no order but the file's.
    const tasks = (all: readonly string[]) => all.filter((line) => !line.includes('"task":null'));
    expect(tasks(await exported(to.house))).toEqual(tasks(lines));
  });
});
