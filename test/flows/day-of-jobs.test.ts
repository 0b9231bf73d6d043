import { afterEach, beforeEach, expect, test } from "vitest";
import { allPlatforms } from "../../adapters/chat/all.ts";
import { beat } from "../../src/commands/beat.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { unblockTask } from "../../src/commands/unblock-task.ts";
import { JOBS, USUAL_SCHEDULE } from "../../src/core/schedule.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { runWhenDue } from "../../src/jobs/scheduler.ts";
import { timedJobs } from "../../src/jobs/timed-jobs.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw } from "../support/raw.ts";
import { added, claimed, completed, type Held, OPERATOR, ROUTE, well } from "../support/story.ts";

const MINUTE = 60_000;
const MIDNIGHT = Date.UTC(2026, 2, 30);

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: MIDNIGHT, schedule: USUAL_SCHEDULE });
  await seedRoster(open.house, { capacity: 2 });
});
afterEach(() => open.close());

async function beats({ attempt, task }: Held): Promise<void> {
  const { id, epoch, lane, session, agent } = attempt;
  const said = { attempt: id, epoch, lane, task: task.key, session, agent, route: ROUTE };
  well(await beat(open.house, said, { actor: `agent:${agent}` }));
}

/** What people and agents do, by minute of the day. */
function script(): ReadonlyMap<number, () => Promise<void>> {
  const { house } = open;
  let long: Held | null = null;
  const steps = new Map<number, () => Promise<void>>();
  const at = (hour: number, minute: number, step: () => Promise<void>): void => {
    steps.set(hour * 60 + minute, step);
  };
  at(9, 10, async () => {
    for (let task = 0; task < 4; task += 1) await added(house);
  });
  at(9, 20, async () => {
    await completed(house, "s-1");
  });
  at(9, 30, async () => {
    long = await claimed(house, "s-2");
  });
  for (let minute = 9 * 60 + 35; minute <= 11 * 60; minute += 5)
    steps.set(minute, async () => {
      if (long !== null) await beats(long);
    });
  at(13, 40, async () => {
    const question = { kind: "decision", reason: "two fonts fit", owner: "person:local:mia" };
    well(await blockTask(house, { key: "GATE-3", ...question, question: "Which font?" }, OPERATOR));
  });
  at(15, 15, async () => {
    well(await unblockTask(house, { key: "GATE-3", reason: "Inter" }, OPERATOR));
  });
  at(15, 20, async () => {
    await completed(house, "s-3");
    await completed(house, "s-4");
    await completed(house, "s-5");
  });
  return steps;
}

test("a whole day of all jobs: each runs at its times, and people read only what is news", async () => {
  const { house } = open;
  const steps = script();
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    await steps.get(minute)?.();
    if (minute % 5 === 0) await reclaimLapsed(house);
    for (const job of timedJobs) await runWhenDue(house, job);
    while ((await deliverOutbox(house, allPlatforms(house))).nextDueMs === 0);
    open.clock.advance(MINUTE);
  }

  // The first look of the day makes up for the newest firing of the day before: one more of each that is not at 0:00.
  const runs = await house.jobRuns.runs({ limit: 1000 });
  const ran = (job: string): number => runs.filter((run) => run.job === job).length;
  expect(Object.fromEntries(JOBS.map((job) => [job, ran(job)]))).toEqual({
    heartbeat: 48,
    "queue-validate": 25,
    "queue-operating-refresh": 25,
    "autonomy-verify-watch": 25,
    "dispatch-ready-work": 25,
    digest: 25,
  });
  expect(
    runs.filter(({ outcome }) => outcome === "failed" || outcome === "skipped" || outcome === "lost"),
  ).toEqual([]);

  const posted = async (kind: "digest" | "heartbeat" | "auto-complete"): Promise<number> =>
    (await house.outbox.notices({ kind, after: 0, limit: 1000 })).length;
  expect(await posted("auto-complete")).toBe(4);
  // An hour with news has a digest, and no other has.
  const raw = await openRaw(open.url);
  const [hours = []] = await raw.read([
    {
      sql: `SELECT DISTINCT at / 3600000 AS hour FROM events WHERE imported = 0 AND (kind LIKE 'task.%' OR kind LIKE '%.lapsed'
        OR kind IN ('proof.failed', 'proof.rotted', 'contradiction.opened', 'contradiction.healed', 'contradiction.escalated'))
        UNION SELECT DISTINCT at / 3600000 FROM refusals`,
    },
  ]);
  await raw.close();
  const told = hours.map((row) => Number(row["hour"]) - MIDNIGHT / 3_600_000).filter((hour) => hour < 23);
  expect(await posted("digest")).toBe(told.length);
  expect(told).toEqual([9, 11, 12, 13, 15]);
  // The live message: while somebody works, or when what is waiting has changed; the night has none.
  const beatsTold = (await house.outbox.notices({ kind: "heartbeat", after: 0, limit: 100 })).map(({ at }) =>
    Math.floor((at - MIDNIGHT) / 3_600_000),
  );
  expect(beatsTold).toEqual([9, 10, 11, 12, 14, 15]);
  // One contradiction came and went: nobody pulled while the holder was away. No job missed its time.
  const states = ["open", "acknowledged", "snoozed", "escalated", "healed", "resolved"] as const;
  const all = await house.contradictions.list({ states, after: 0, limit: 50 });
  expect(all.map(({ rule, state }) => [rule, state])).toEqual([["idle-lane", "resolved"]]);
}, 120_000);
