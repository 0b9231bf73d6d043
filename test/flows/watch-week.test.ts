// A week of an agent fleet on a clock of the test's own: agents work through the real commands, and each failure of the
// story is played. The watch runs every hour, and everything it says is counted afterwards.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localPlatform } from "../../adapters/chat/local/platform.ts";
import { acknowledgeContradiction } from "../../src/commands/acknowledge-contradiction.ts";
import { beat } from "../../src/commands/beat.ts";
import { changeAgent } from "../../src/commands/change-agent.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { reportClaimInChat } from "../../src/commands/report-claim.ts";
import { reopenTask } from "../../src/commands/requeue-task.ts";
import { setLane } from "../../src/commands/set-lane.ts";
import { type Watched, watchQueue } from "../../src/commands/watch-queue.ts";
import { CONTRADICTION_STATES, type Contradiction } from "../../src/core/contradiction.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import type { EventRecord } from "../../src/ports/log.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw } from "../support/raw.ts";
import {
  added,
  claimed,
  type Held,
  holder,
  OPERATOR,
  proved,
  ROUTE,
  submitted,
  verified,
  well,
} from "../support/story.ts";

const MONDAY = Date.UTC(2026, 2, 30);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WRONG_MODEL = "gpt-5-pro";

let open: TestHouse;
let records: readonly Contradiction[];
let events: readonly EventRecord[];
let messages: { readonly heads: number; readonly replies: number };
const runs: { readonly at: number; readonly watched: Watched }[] = [];
/** When each failure was there to be seen, and under which rule. */
const played: { readonly rule: string; readonly at: number }[] = [];
/** Attempts whose session is well: they beat every quarter of an hour. */
const alive = new Set<Held>();
/** A lease is taken back within a second, except while the bot's own loops are down. */
let loopsRun = true;

beforeAll(async () => {
  open = await openTestHouse({ startAt: MONDAY });
  await playWeek();
  records = await open.house.contradictions.list({ states: CONTRADICTION_STATES, after: 0, limit: 1000 });
  events = await allEvents();
  messages = await countMessages();
}, 60_000);
afterAll(() => open.close());

async function playWeek(): Promise<void> {
  const { house } = open;
  for (const [lane, agent] of [
    ["builder", "ada"],
    ["render", "bob"],
    ["ops", "cyd"],
  ] as const) {
    await seedRoster(house, { lane, agent });
    well(await setLane(house, { name: lane, leaseMs: 1.5 * HOUR, heartbeatMs: 20 * MINUTE }, OPERATOR));
  }
  await monday();
  await tuesday();
  await wednesdayAndThursday();
  await fridayAndSaturday();
  await until(MONDAY + 7 * 24 * HOUR);
}

/** FAKE-ACTIVE: an agent claims, dies, and nobody takes its lease back. */
async function monday(): Promise<void> {
  await until(MONDAY + 9 * HOUR);
  loopsRun = false;
  await added(open.house, { lane: "ops", title: "Rotate the logs" });
  await claimed(open.house, "cyd-1", "cyd", "ops");
  playedNow("silent-attempt", 40 * MINUTE);
  playedNow("lease-lapsed", 1.5 * HOUR);
  await until(MONDAY + 12 * HOUR);
  loopsRun = true;
  await finish(await claimed(open.house, "cyd-2", "cyd", "ops"));
}

/** Session mismatch, and two false dones: one said in chat, one written into the row by hand. */
async function tuesday(): Promise<void> {
  const { house } = open;
  await until(MONDAY + 33 * HOUR);
  await added(house, { lane: "render", title: "Render the intro" });
  const held = await claimed(house, "bob-1", "bob", "render");
  expect((await beatAs(held, { session: "bob-0" })).ok).toBe(false);
  playedNow("beat-of-another");
  alive.add(held);
  await until(MONDAY + 34 * HOUR);
  await reportClaimInChat(
    house,
    {
      text: `🔵🔵🔵 AUTO-COMPLETE ${held.task.key} Render the intro`,
      author: "person:slack:U7",
      messageRef: { platform: "slack", channel: "C1", message: "1.1" },
    },
    { actor: "bot:gatehouse" },
  );
  playedNow("claim-in-chat");
  await finish(held);
  await until(MONDAY + 36 * HOUR);
  const faked = await added(house, { title: "Publish the clip" });
  await writeDoneByHand(faked);
  playedNow("done-without-proof");
  await until(MONDAY + 42 * HOUR);
  well(await reopenTask(house, { key: faked, reason: "nothing proves it" }, OPERATOR));
}

/** The override that returns after each restart: refused beats of another model, again and again, until somebody mends where it comes from. */
async function wednesdayAndThursday(): Promise<void> {
  const { house } = open;
  for (const restart of [1, 2, 3]) {
    await until(MONDAY + (48 + restart * 5) * HOUR);
    await added(house, { lane: "render", title: `Render scene ${restart}` });
    const held = await claimed(house, `bob-scene-${restart}`, "bob", "render");
    expect((await beatAs(held, { route: { ...ROUTE, model: WRONG_MODEL } })).ok).toBe(false);
    playedNow("route-drift");
    well(await beatAs(held));
    await finish(held);
  }
  await until(MONDAY + 72 * HOUR);
  const [recurrence] = (await house.contradictions.standing()).filter(({ rule }) => rule === "recurrence");
  if (recurrence === undefined) throw new Error("the override that returns was not found to return");
  const changed = "took the model override out of bob's settings";
  well(await acknowledgeContradiction(house, { id: recurrence.id, changed }, OPERATOR));
}

/** Leases that lapse in hour after hour: mended quietly three times, then no more, until the agent is changed. */
async function fridayAndSaturday(): Promise<void> {
  const { house } = open;
  loopsRun = false;
  for (const crash of [1, 2, 3, 4]) {
    await until(MONDAY + (96 + crash * 3) * HOUR);
    await added(house, { lane: "ops", title: `Sweep ${crash}` });
    await claimed(house, `cyd-crash-${crash}`, "cyd", "ops");
    playedNow("lease-lapsed", 1.5 * HOUR);
  }
  // Nobody pulls what is left of the lane from now on.
  playedNow("idle-lane", 2 * HOUR);
  await until(MONDAY + 116 * HOUR);
  well(await changeAgent(house, { name: "cyd", change: "pause" }, OPERATOR));
  loopsRun = true;
  await until(MONDAY + 124 * HOUR);
  well(await changeAgent(house, { name: "cyd", change: "resume" }, OPERATOR));
  while ((await house.listing.list({ lane: "ops", runnable: true, limit: 1 })).tasks.length > 0) {
    await finish(await claimed(house, `cyd-well-${open.clock.now}`, "cyd", "ops"));
  }
}

/** Hour by hour: ada finishes a task, the loops do their work, and on the hour the watch looks. */
async function until(time: number): Promise<void> {
  const { house, clock } = open;
  while (clock.now < time) {
    await added(house, { title: "The task of the hour" });
    const held = await claimed(house, `ada-${clock.now}`, "ada", "builder");
    alive.add(held);
    for (const quarter of [1, 2, 3, 4]) {
      clock.advance(15 * MINUTE);
      for (const one of alive) well(await beatAs(one));
      if (quarter === 2) await finish(held);
    }
    if (loopsRun) await reclaimLapsed(house);
    await house.queue.promote();
    await delivered();
    runs.push({ at: clock.now, watched: await watchQueue(house) });
    await delivered();
  }
}

function playedNow(rule: string, afterMs = 0): void {
  played.push({ rule, at: open.clock.now + afterMs });
}

function beatAs(held: Held, other: { session?: string; route?: typeof ROUTE } = {}) {
  const { attempt, task } = held;
  const said = {
    ...holder(held),
    lane: attempt.lane,
    task: task.key,
    session: attempt.session,
    route: ROUTE,
  };
  return beat(open.house, { ...said, ...other }, { actor: `agent:${attempt.agent}` });
}

async function finish(held: Held): Promise<void> {
  alive.delete(held);
  await proved(open.house, held);
  await submitted(open.house, held);
  await verified(open.house);
}

/** Past every guard, as somebody with a database shell would: the twins stand aside for one statement. */
async function writeDoneByHand(key: string): Promise<void> {
  const raw = await openRaw(open.url);
  const [triggers = []] = await raw.read([
    { sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'" },
  ]);
  await raw.write([
    ...triggers.map(({ name }) => ({ sql: `DROP TRIGGER ${String(name)}` })),
    {
      sql: "UPDATE tasks SET status = 'done', completion = 'proved', ready_at = NULL WHERE key = ?1",
      args: [key],
    },
    ...triggers.map(({ sql }) => ({ sql: String(sql) })),
  ]);
  await raw.close();
}

async function delivered(): Promise<void> {
  const platforms = [localPlatform(open.house.localChat)];
  while ((await open.house.outbox.dueInMs(["local"])) === 0) await deliverOutbox(open.house, platforms);
}

async function allEvents(): Promise<readonly EventRecord[]> {
  const found: EventRecord[] = [];
  for (;;) {
    const page = await open.house.log.events({ after: found.at(-1)?.id ?? 0, limit: 1000 });
    if (page.length === 0) return found;
    found.push(...page);
  }
}

async function countMessages(): Promise<typeof messages> {
  const raw = await openRaw(open.url);
  const [[row] = []] = await raw.read([
    {
      sql: `SELECT count(*) FILTER (WHERE thread_id IS NULL) AS heads, count(*) FILTER (WHERE thread_id IS NOT NULL) AS replies
        FROM local_messages WHERE kind = 'contradiction'`,
    },
  ]);
  await raw.close();
  return { heads: Number(row?.["heads"]), replies: Number(row?.["replies"]) };
}

const counted = (kind: string) => events.filter((event) => event.kind === `contradiction.${kind}`).length;
const of = (rule: string) => records.filter((record) => record.rule === rule);

describe("a week", () => {
  test("in which each failure is found within one run after it could be seen", () => {
    for (const { rule, at } of played) {
      const run = runs.find((one) => one.at > at);
      const found = of(rule).some(({ openedAt }) => openedAt >= at && openedAt <= (run?.at ?? 0));
      expect(`${rule} of ${new Date(at).toISOString()}: ${found}`).toBe(
        `${rule} of ${new Date(at).toISOString()}: true`,
      );
    }
    expect(played).toHaveLength(13);
  });

  test("and nothing is found that was not played", () => {
    const expected = new Set([...played.map(({ rule }) => rule), "recurrence"]);
    expect([...new Set(records.map(({ rule }) => rule))].filter((rule) => !expected.has(rule))).toEqual([]);
  });

  test("fake-active is mended by the watch, quietly, and its task finished by the next session", () => {
    const [first] = of("lease-lapsed");
    expect(first).toMatchObject({ state: "healed", told: false, source: "agent:cyd lane:ops" });
    expect(of("silent-attempt")[0]).toMatchObject({ state: "resolved", told: true });
  });

  test("a done that nothing proves escalates while it stands, and is over when it was reopened", () => {
    const [record, ...others] = of("done-without-proof");
    expect(others.map(({ data }) => data?.["finding"])).toEqual(["completion-unrecorded"]);
    for (const one of [record, ...others]) {
      expect(one).toMatchObject({ state: "resolved", count: 6 });
      expect((one?.escalatedAt ?? 0) - (one?.openedAt ?? 0)).toBe(2 * HOUR);
    }
  });

  test("the override that returns after each restart is named with its agent and lane, and stands until that was changed", () => {
    expect(of("route-drift")).toHaveLength(3);
    const record = of("recurrence").find(({ data }) => data?.["of"] === "route-drift");
    expect(record).toMatchObject({ source: "agent:bob lane:render", state: "resolved" });
    expect(record?.data).toMatchObject({ agent: "bob", lane: "render" });
    expect(record?.escalatedAt).toBe(record?.openedAt);
    expect(((record?.overAt ?? 0) - (MONDAY + 72 * HOUR)) / HOUR).toBe(3);
  });

  test("leases that keep lapsing are mended three times, and not a fourth", () => {
    const states = of("lease-lapsed").map(({ state }) => state);
    expect(states).toEqual(["healed", "healed", "healed", "healed", "resolved"]);
    const record = of("recurrence").find(({ data }) => data?.["of"] === "lease-lapsed");
    expect(record).toMatchObject({ source: "agent:cyd lane:ops", state: "resolved" });
    expect(record?.data).toMatchObject({ sessions: expect.arrayContaining(["cyd-crash-1", "cyd-crash-3"]) });
    expect(((record?.overAt ?? 0) - (MONDAY + 116 * HOUR)) / HOUR).toBe(4);
  });

  test("says no more than distinct conditions, escalations and resolutions", () => {
    const told = records.filter((record) => record.told).length;
    expect(messages.heads).toBe(told);
    expect(counted("opened")).toBe(records.length);
    const bound = counted("opened") + counted("escalated") + counted("resolved") + counted("healed");
    expect(messages.heads + messages.replies).toBeLessThanOrEqual(bound);
    expect(messages.heads).toBeLessThan(runs.length / 5);
  });

  test("ends with nothing standing, and its counts are those of the log", async () => {
    expect(await open.house.contradictions.standing()).toEqual([]);
    const sum = (count: (watched: Watched) => number) =>
      runs.reduce((all, { watched }) => all + count(watched), 0);
    // The claim in chat was opened by whoever read it, not by a run.
    expect(sum(({ opened }) => opened)).toBe(counted("opened") - 1);
    expect(sum(({ healed }) => healed)).toBe(counted("healed"));
    expect(sum(({ escalated }) => escalated)).toBe(counted("escalated"));
    expect(sum(({ resolved }) => resolved)).toBe(counted("resolved"));
  });
});
