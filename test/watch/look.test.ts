// What the watch reads is what is there: each rule's condition is made on a real store, by the commands where they allow
// it and by hand where they do not, and the next run finds it, and nothing else.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { beat } from "../../src/commands/beat.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import { jobFacts } from "../../src/commands/job-times.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { refreshBrief } from "../../src/commands/refresh-brief.ts";
import { reportClaimInChat } from "../../src/commands/report-claim.ts";
import { reportTrouble } from "../../src/commands/report-trouble.ts";
import { runJob } from "../../src/commands/run-job.ts";
import { setLane } from "../../src/commands/set-lane.ts";
import { gatherFacts } from "../../src/commands/watch-facts.ts";
import { watchQueue } from "../../src/commands/watch-queue.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw } from "../support/raw.ts";
import {
  added,
  claimed,
  completed,
  holder,
  OPERATOR,
  proved,
  ROUTE,
  submitted,
  well,
} from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let open: TestHouse;

beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
});
afterEach(() => open.close());

/** Rule and key of what stands after one run, but for the channel that nobody delivers to here. */
async function found(): Promise<readonly string[]> {
  const { standing } = await watchQueue(open.house);
  return standing.filter(({ rule }) => rule !== "outbox-stuck").map(({ rule, key }) => `${rule}: ${key}`);
}

/** Past every guard, as somebody with a database shell would. */
async function byHand(...statements: readonly string[]): Promise<void> {
  const raw = await openRaw(open.url);
  const [triggers = []] = await raw.read([
    { sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'" },
  ]);
  await raw.write([
    ...triggers.map(({ name }) => ({ sql: `DROP TRIGGER ${String(name)}` })),
    ...statements.map((sql) => ({ sql })),
    ...triggers.map(({ sql }) => ({ sql: String(sql) })),
  ]);
  await raw.close();
}

const beats = (held: Awaited<ReturnType<typeof claimed>>, other: object = {}) =>
  beat(
    open.house,
    {
      ...holder(held),
      lane: "builder",
      task: held.task.key,
      session: held.attempt.session,
      route: ROUTE,
      ...other,
    },
    { actor: "agent:ada" },
  );

describe("the watch finds", () => {
  test("what is active and held by nobody", async () => {
    const key = await added(open.house);
    await byHand(`UPDATE tasks SET status = 'active', ready_at = NULL WHERE key = '${key}'`);
    expect(await found()).toEqual([`active-without-lease: Q017 ${key}`]);
  });

  test("an open attempt of a task that is done", async () => {
    const key = await added(open.house);
    await claimed(open.house);
    await byHand(`UPDATE tasks SET status = 'done', completion = 'attested' WHERE key = '${key}'`);
    expect(await found()).toEqual([`active-without-lease: Q018 ${key}`]);
  });

  test("an attempt that missed two beats, and not one that missed less", async () => {
    await added(open.house);
    await claimed(open.house);
    open.clock.advance(10 * MINUTE - 1);
    expect(await found()).toEqual([]);
    open.clock.advance(1);
    expect(await found()).toEqual(["silent-attempt: GATE-1.1"]);
  });

  test("beats for another session, beats of a past attempt, and beats of another model", async () => {
    await added(open.house);
    const held = await claimed(open.house);
    await beats(held, { session: "s-0" });
    await beats(held, { route: { ...ROUTE, provider: "openai" } });
    expect(await found()).toEqual([
      "beat-of-another: ada GATE-1 mismatch session",
      "route-drift: reported ada builder route.provider openai",
    ]);
    open.clock.advance(3 * HOUR);
    await reclaimLapsed(open.house);
    await beats(held);
    expect(await found()).toEqual(["beat-of-another: ada GATE-1 attempt-ended attempt"]);
    open.clock.advance(2 * HOUR);
    expect(await found()).toEqual([]);
  });

  test("a session that claims a second task, and one that claims on another model", async () => {
    await added(open.house);
    await claimed(open.house);
    const claim = { lane: "builder", agent: "ada", session: "s-1", route: ROUTE };
    await claimTask(open.house, claim);
    await claimTask(open.house, { ...claim, session: "s-2", route: { ...ROUTE, model: "gpt-5" } });
    expect(await found()).toEqual([
      "route-drift: reported ada - route.model gpt-5",
      "agent-in-two-places: ada session-busy GATE-1.1",
    ]);
  });

  test("calls that were seen elsewhere, the attempt they taint, and their error that reads as a bill", async () => {
    const { house } = open;
    well(await setLane(house, { name: "builder", observe: "required" }, OPERATOR));
    await added(house);
    const held = await claimed(house);
    const seen = {
      session: "s-1",
      agent: "ada",
      attempt: held.attempt.id,
      errorType: null,
      statusCode: null,
    };
    const call = { provider: "openai", requestedModel: "gpt-5", respondedModel: null };
    await house.routes.record([
      {
        ...seen,
        ...call,
        source: "otlp-log",
        kind: "ok",
        trouble: null,
        message: null,
        firstSeenAt: null,
        lastSeenAt: null,
        count: 1,
      },
    ]);
    const trouble = {
      kind: "billing",
      provider: "openai",
      model: "gpt-5",
      message: "You are out of credits",
    } as const;
    well(await reportTrouble(house, { ...holder(held), ...trouble }, { actor: "agent:ada" }));
    expect(await found()).toEqual([
      "route-drift: observed GATE-1.1 openai/gpt-5",
      "tainted-attempt: GATE-1.1",
      "route-error-as-billing: GATE-1.1 openai/gpt-5",
    ]);
  });

  test("what is done and was never proved", async () => {
    const key = await added(open.house);
    await byHand(
      `UPDATE tasks SET status = 'done', completion = 'proved', ready_at = NULL WHERE key = '${key}'`,
    );
    expect(await found()).toEqual([`done-without-proof: Q026 ${key}`, `done-without-proof: Q027 ${key}`]);
  });

  test("a proof that rotted, until its task is done again", async () => {
    await added(open.house);
    const key = await completed(open.house);
    await byHand(
      `INSERT INTO events (task_id, version, change_id, kind, actor, at, data)
        SELECT id, version + 1, 'rot', 'proof.rotted', 'system:recheck-proofs', ${START}, '{"reason":"404 since noon"}' FROM tasks WHERE key = '${key}'`,
      `UPDATE tasks SET status = 'queued', completion = NULL, version = version + 1, ready_at = ${START} WHERE key = '${key}'`,
    );
    expect(await found()).toEqual([`proof-rotted: ${key}`]);
    await completed(open.house, "s-2");
    expect(await found()).toEqual([]);
  });

  test("a completion claimed in chat", async () => {
    const messageRef = { platform: "slack", channel: "C1", message: "7" };
    const claim = { text: "🔵🔵🔵 AUTO-COMPLETE GATE-77", author: "person:slack:U1", messageRef };
    await reportClaimInChat(open.house, claim, { actor: "bot:gatehouse" });
    expect(await found()).toEqual(["claim-in-chat: slack:C1:7"]);
  });

  test("a block with a blank question, a block that is gone, and a block that was left", async () => {
    const keys = [await added(open.house), await added(open.house), await added(open.house)];
    for (const key of keys)
      well(await blockTask(open.house, { key, kind: "question", reason: "two ways" }, OPERATOR));
    await byHand(
      `UPDATE blocks SET question = ' ' WHERE task_id = (SELECT id FROM tasks WHERE key = '${keys[0]}')`,
      `DELETE FROM blocks WHERE task_id = (SELECT id FROM tasks WHERE key = '${keys[1]}')`,
      `UPDATE tasks SET status = 'queued', ready_at = ${START} WHERE key = '${keys[2]}'`,
    );
    expect(await found()).toEqual([
      "blocked-without-question: Q033 GATE-1",
      "blocked-without-question: Q032 GATE-2",
      "blocked-without-question: Q034 GATE-3",
    ]);
  });

  test("a circle, a cancelled dependency, what is stranded behind it, and a target that is not here", async () => {
    const [a, b, c, d] = [
      await added(open.house),
      await added(open.house),
      await added(open.house),
      await added(open.house),
    ];
    const behind = await added(open.house, { dependsOn: [c] });
    const far = await added(open.house, { dependsOn: [behind] });
    well(await cancelTask(open.house, { key: c, reason: "not wanted" }, OPERATOR));
    const id = (key: string) => `(SELECT id FROM tasks WHERE key = '${key}')`;
    await byHand(
      `INSERT INTO dependencies VALUES (${id(a)}, ${id(b)}), (${id(b)}, ${id(a)})`,
      `UPDATE tasks SET open_dependencies = 1, ready_at = NULL WHERE key IN ('${a}', '${b}')`,
      `INSERT INTO links VALUES (${id(d)}, 'dangling:blocks', 'bd-99')`,
    );
    expect(await found()).toEqual([
      `dependency-broken: Q013 ${d}`,
      `dependency-broken: Q012 ${behind}`,
      `dependency-broken: Q011 ${a}`,
      `stranded-task: ${far}`,
    ]);
  });

  test("more leases than a lane has room for", async () => {
    for (const session of ["s-1", "s-2"]) {
      await added(open.house);
      await claimed(open.house, session);
    }
    await byHand(`UPDATE lanes SET capacity = 1, updated_at = ${START - HOUR}`);
    expect(await found()).toEqual(["over-capacity: Q035 builder"]);
  });

  test("an agent that claimed anew and left an earlier attempt behind", async () => {
    await added(open.house);
    await claimed(open.house, "s-1");
    open.clock.advance(12 * MINUTE);
    await added(open.house);
    await claimed(open.house, "s-2");
    expect(await found()).toEqual(["silent-attempt: GATE-1.1", "agent-in-two-places: GATE-1.1"]);
  });

  test("an idle lane, and urgent work that others are pulled before", async () => {
    const urgent = await added(open.house, { priority: "P0" });
    open.clock.advance(2 * HOUR);
    expect(await found()).toEqual(["idle-lane: builder"]);
    await byHand(`UPDATE tasks SET ready_at = NULL WHERE key = '${urgent}'`);
    await added(open.house);
    well(await claimTask(open.house, { lane: "builder", agent: "ada", session: "s-1", route: ROUTE }));
    await byHand(`UPDATE tasks SET ready_at = ${START} WHERE key = '${urgent}'`);
    expect(await found()).toEqual(["starved-priority: builder P0"]);
  });

  test("a brief that was edited, and mends it; and one that is stale, once the queue is valid again", async () => {
    const { house } = open;
    const key = await added(house);
    well(await refreshBrief(house, OPERATOR));
    await house.briefFile.write("work on whatever you like");
    expect(await watchQueue(house)).toMatchObject({ opened: 1, healed: 1, standing: [] });
    expect(await house.briefFile.read()).toContain('"generatedBy": "system:autonomy-verify-watch"');
    open.clock.advance(HOUR);
    await byHand(`UPDATE tasks SET status = 'active', ready_at = NULL WHERE key = '${key}'`);
    expect((await refreshBrief(house, OPERATOR)).ok).toBe(false);
    expect(await found()).toEqual([`active-without-lease: Q017 ${key}`, "brief-stale: stale"]);
  });

  test("a job that missed its time", async () => {
    const { house } = open;
    const timetable = { next: () => null, last: (at: number) => Math.floor(at / HOUR) * HOUR };
    const scheduled = { ...house, timetables: new Map([["digest", timetable]] as const) };
    const firing = { job: "digest", scheduledAt: START, actor: "system:scheduler" } as const;
    const report = { outcome: "well", findings: 0, detail: "nothing" } as const;
    await runJob(scheduled, firing, () => Promise.resolve({ value: null, report }));
    const rules = async () =>
      (await watchQueue(scheduled)).standing.map(({ rule, key }) => `${rule}: ${key}`);
    open.clock.advance(74 * MINUTE);
    expect(await rules()).toEqual([]);
    open.clock.advance(MINUTE);
    expect(await rules()).toEqual(["job-missed: digest"]);
    expect(await jobFacts(scheduled)).toEqual([{ job: "digest", dueAt: START + HOUR, startedAt: START }]);
  });

  test("messages that do not get through", async () => {
    await added(open.house);
    await completed(open.house);
    open.clock.advance(15 * MINUTE);
    expect((await watchQueue(open.house)).standing.map(({ rule, key }) => `${rule}: ${key}`)).toEqual([
      "outbox-stuck: local:gatehouse",
    ]);
  });

  test("what people asked in a chat, and nobody answers", async () => {
    const { inbox } = open.house;
    const arrival = (event: string) => ({ platform: "slack", event, thread: null, payload: { text: event } });
    await inbox.receive(arrival("answered"));
    const [first] = await inbox.take(["slack"], 1, MINUTE);
    await inbox.handled(first?.id ?? 0);
    await inbox.receive(arrival("waits"));
    open.clock.advance(15 * MINUTE - 1);
    expect(await found()).toEqual([]);
    open.clock.advance(1);
    expect(await found()).toEqual(["inbox-stuck: slack"]);
    const [second] = await inbox.take(["slack"], 1, MINUTE);
    await inbox.handled(second?.id ?? 0);
    expect(await found()).toEqual([]);
  });

  test("a verification nobody asks for, and asks for it; and one that nobody takes up", async () => {
    const { house } = open;
    const key = await added(house);
    const held = await claimed(house);
    await proved(house, held);
    await submitted(house, held);
    await byHand("UPDATE proofs SET verify_at = NULL");
    expect(await watchQueue(house)).toMatchObject({ opened: 1, healed: 1, standing: [] });
    expect(await house.proofWork.due(1)).toHaveLength(1);
    open.clock.advance(10 * MINUTE);
    expect(await found()).toEqual([`verification-stuck: ${key} checks`]);
  });

  test("clocks that differ", async () => {
    const ahead = { ...open.house, clock: { ...open.house.clock, now: () => open.clock.now + 30_000 } };
    expect((await watchQueue(ahead)).standing.map(({ rule }) => rule)).toEqual(["clock-skew"]);
  });

  test("attempts that run out", async () => {
    const key = await added(open.house);
    await byHand(`UPDATE tasks SET failures = 2 WHERE key = '${key}'`);
    expect(await found()).toEqual([`attempts-running-out: ${key}`]);
  });
});

test("a run reads in one snapshot what its facts name, and no field is left out", async () => {
  const facts = await gatherFacts(open.house);
  for (const [field, value] of Object.entries(facts))
    expect(`${field} ${value === undefined}`).toBe(`${field} false`);
  expect(facts.lanes).toMatchObject([
    { name: "builder", route: ROUTE, capacity: 100, oldest: [], lastClaimAt: null },
  ]);
});
