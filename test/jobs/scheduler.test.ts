import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { jobFacts, jobTimes } from "../../src/commands/job-times.ts";
import { runJob } from "../../src/commands/run-job.ts";
import { type JobName, readSchedule, USUAL_SCHEDULE } from "../../src/core/schedule.ts";
import { runWhenDue, type TimedJob } from "../../src/jobs/scheduler.ts";
import { timedJobs } from "../../src/jobs/timed-jobs.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MONDAY = Date.UTC(2026, 2, 30);
const WELL = { outcome: "well", findings: 0, detail: "nothing to say" } as const;
const iso = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString().slice(5, 16);

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: MONDAY + 30 * MINUTE, schedule: USUAL_SCHEDULE });
});
afterEach(() => open.close());

/** A job that says which firings it ran for. */
function watched(job: JobName, work: () => Promise<void> = () => Promise.resolve()) {
  const ran: (string | null)[] = [];
  const timed: TimedJob = {
    job,
    async run(_, firing) {
      ran.push(iso(firing));
      await work();
      return { value: null, report: WELL };
    },
  };
  return { ran, timed };
}

describe("a firing", () => {
  test("is run once, however often somebody looks, and the next one is told", async () => {
    const { ran, timed } = watched("digest");
    expect(await runWhenDue(open.house, timed)).toEqual({ nextDueMs: 35 * MINUTE });
    await runWhenDue(open.house, timed);
    open.clock.advance(35 * MINUTE - 1);
    await runWhenDue(open.house, timed);
    expect(ran).toEqual(["03-30T00:05"]);
    open.clock.advance(1);
    await runWhenDue(open.house, timed);
    expect(ran).toEqual(["03-30T00:05", "03-30T01:05"]);
  });

  test("that was missed is made up for by one run, for the newest", async () => {
    const { ran, timed } = watched("digest");
    await runWhenDue(open.house, timed);
    open.clock.advance(9 * HOUR);
    await runWhenDue(open.house, timed);
    await runWhenDue(open.house, timed);
    expect(ran).toEqual(["03-30T00:05", "03-30T09:05"]);
  });

  test("is skipped, on record, while the run before it is still at work", async () => {
    let finish = (): void => undefined;
    const slow = watched("digest", () => new Promise<void>((resolve) => (finish = resolve)));
    const first = runWhenDue(open.house, slow.timed);
    await expect.poll(() => slow.ran.length).toBe(1);
    // It shows life as it goes on: three hours are more than its lease.
    for (let passed = 0; passed < 3 * HOUR; passed += 20_000) {
      open.clock.advance(20_000);
      await new Promise((resolve) => setImmediate(resolve));
      await open.house.jobRuns.latest();
    }
    const second = watched("digest");
    await runWhenDue(open.house, second.timed);
    expect(second.ran).toEqual([]);
    finish();
    await first;
    open.clock.advance(HOUR);
    await runWhenDue(open.house, second.timed);
    expect(second.ran).toEqual(["03-30T04:05"]);
    const outcomes = (await open.house.jobRuns.runs({ limit: 10 })).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["well", "skipped", "well"]);
  });

  test("whose process died bars nobody longer than its lease, and counts as lost", async () => {
    const taken = await open.house.jobRuns.take({
      job: "digest",
      scheduledAt: MONDAY,
      actor: "system:digest",
      leaseMs: MINUTE,
      besideOthers: false,
    });
    expect(taken).toMatchObject({ startedAt: open.clock.now });
    open.clock.advance(MINUTE);
    const { ran, timed } = watched("digest");
    await runWhenDue(open.house, timed);
    expect(ran).toHaveLength(1);
    const outcomes = (await open.house.jobRuns.runs({ limit: 10 })).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["well", "lost"]);
  });

  test("that fails is on record with its reason, thrown on, and not run again", async () => {
    const { ran, timed } = watched("digest", () => Promise.reject(new Error("the moon is in the way")));
    await expect(runWhenDue(open.house, timed)).rejects.toThrow("the moon");
    await runWhenDue(open.house, timed);
    expect(ran).toHaveLength(1);
    const [run] = await open.house.jobRuns.runs({ limit: 1 });
    expect(run).toMatchObject({
      outcome: "failed",
      detail: "the moon is in the way",
      scheduledAt: MONDAY + 5 * MINUTE,
    });
  });
});

test("a run by hand is on record as that, takes no firing, and is barred by one at work", async () => {
  const byHand = { job: "digest", scheduledAt: null, actor: "person:cli:ada" } as const;
  const done = await runJob(open.house, byHand, async () => ({ value: 7, report: WELL }));
  expect(done).toEqual({ ok: true, value: 7 });
  const { ran, timed } = watched("digest", async () => {
    const second = await runJob(open.house, byHand, async () => ({ value: 8, report: WELL }));
    expect(second).toMatchObject({ ok: false, refusal: { code: "job-running", got: "digest" } });
  });
  await runWhenDue(open.house, timed);
  expect(ran).toHaveLength(1);
  const runs = await open.house.jobRuns.runs({ job: "digest", limit: 10 });
  expect(runs.map(({ scheduledAt, outcome }) => [iso(scheduledAt), outcome])).toEqual([
    [null, "skipped"],
    ["03-30T00:05", "well"],
    [null, "well"],
  ]);
});

test("records are kept for thirty days, and the last of each job for good", async () => {
  const once = async (job: JobName) => {
    await runJob(open.house, { job, scheduledAt: null, actor: "person:cli:ada" }, async () => ({
      value: null,
      report: WELL,
    }));
  };
  await once("heartbeat");
  await once("digest");
  open.clock.advance(30 * 24 * HOUR);
  await once("digest");
  expect(await open.house.jobRuns.runs({ limit: 10 })).toHaveLength(3);
  open.clock.advance(1);
  await once("digest");
  const left = await open.house.jobRuns.runs({ limit: 10 });
  expect(left.map(({ job }) => job)).toEqual(["digest", "digest", "heartbeat"]);
});

test("what is scheduled tells when it was due and when it last began; what is not says so", async () => {
  await seedRoster(open.house);
  for (const job of timedJobs) await runWhenDue(open.house, job);
  const validate = (await jobFacts(open.house)).find(({ job }) => job === "queue-validate");
  expect(validate).toEqual({
    job: "queue-validate",
    dueAt: MONDAY + MINUTE,
    startedAt: MONDAY + 30 * MINUTE,
  });
  const never = { ...open.house, timetables: new Map() };
  expect(await jobFacts(never)).toEqual([]);
  const times = await jobTimes(never);
  expect(times.find(({ job }) => job === "queue-validate")).toMatchObject({
    next: null,
    last: { outcome: "well", detail: "valid: 0 errors, 0 warnings in 0 tasks" },
  });
  expect(readSchedule("off")).not.toEqual(USUAL_SCHEDULE);
});

test("a job that did not run while others did is told as late; what a pause of all left out is not", async () => {
  const late = async () =>
    (await jobFacts(open.house)).filter(({ dueAt, startedAt }) => (startedAt ?? 0) < dueAt);
  for (const job of timedJobs) if (job.job !== "digest") await runWhenDue(open.house, job);
  expect(await late()).toEqual([]);
  open.clock.advance(5 * MINUTE);
  expect(await late()).toEqual([{ job: "digest", dueAt: MONDAY + 5 * MINUTE, startedAt: null }]);
  open.clock.advance(10 * HOUR);
  expect(await late()).toHaveLength(6);
  for (const job of timedJobs.slice(0, 2)) await runWhenDue(open.house, job);
  expect(await late()).toEqual([]);
}, 30_000);

test("of many processes that look at the same moment, one runs it", async () => {
  const children = Array.from({ length: 3 }, () =>
    fork(join(import.meta.dirname, "look-at-schedule.ts"), [open.url, String(open.clock.now)]),
  );
  const ended = children.map((child) => once(child, "exit"));
  await Promise.all(children.map((child) => once(child, "message")));
  const answers = children.map(async (child) => (await once(child, "message"))[0] as number);
  for (const child of children) child.send("go");
  const ran = await Promise.all(answers);
  expect(ran.reduce((sum, one) => sum + one, 0)).toBe(5);
  expect((await Promise.all(ended)).map(([status]) => status)).toEqual([0, 0, 0]);
  const runs = await open.house.jobRuns.runs({ limit: 100 });
  expect(runs).toHaveLength(5);
}, 30_000);
