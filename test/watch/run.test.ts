// One run of the watch after another, on a real store whose time the test moves.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { localPlatform } from "../../adapters/chat/local/platform.ts";
import { beat } from "../../src/commands/beat.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { watchQueue } from "../../src/commands/watch-queue.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, completed, holder, OPERATOR, ROUTE, well } from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
const HOUR = 3_600_000;
let open: TestHouse;

beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
});
afterEach(() => open.close());

/** The messages of the channel and the replies below them, after everything due was delivered. */
async function channel() {
  const { house } = open;
  while ((await house.outbox.dueInMs(["local"])) === 0)
    await deliverOutbox(house, [localPlatform(house.localChat)]);
  const heads = (await house.localChat.page("gatehouse", { limit: 100 })).filter(
    ({ kind }) => kind === "contradiction",
  );
  return Promise.all(
    heads.map(async ({ id, text }) => ({
      text,
      replies: (await house.localChat.thread("gatehouse", id, 100)).map((reply) => reply.text),
    })),
  );
}

async function events(): Promise<readonly string[]> {
  const all = await open.house.log.events({ after: 0, limit: 1000 });
  return all.flatMap(({ kind, data }) =>
    kind.startsWith("contradiction.")
      ? `${data["rule"] as string} ${kind.slice("contradiction.".length)}`
      : [],
  );
}

describe("a healthy queue", () => {
  test("gives the watch nothing to say", async () => {
    await added(open.house);
    await completed(open.house);
    await added(open.house);
    const watched = await watchQueue(open.house);
    expect(watched.standing).toEqual([]);
    expect(await events()).toEqual([]);
    expect(await channel()).toEqual([]);
  });
});

describe("what stays", () => {
  const drift = async () => {
    await added(open.house);
    const held = await claimed(open.house);
    const beats = async (model: string) =>
      beat(
        open.house,
        { ...holder(held), lane: "builder", task: held.task.key, session: "s-1", route: { ...ROUTE, model } },
        { actor: "agent:ada" },
      );
    return beats;
  };

  test("is one record, one message edited at milestones, one reply where it escalates and one where it is over", async () => {
    const beats = await drift();
    for (let run = 1; run <= 3; run += 1) {
      expect((await beats("gpt-5-pro")).ok).toBe(false);
      well(await beats(ROUTE.model));
      const { standing } = await watchQueue(open.house);
      expect(standing.map(({ rule, count }) => [rule, count])).toEqual([["route-drift", run]]);
      const [message, ...others] = await channel();
      expect(others).toEqual([]);
      expect(message?.text).toContain("gpt-5-pro");
      expect(message?.replies).toHaveLength(run === 3 ? 1 : 0);
      for (let beat = 0; beat < 5; beat += 1) {
        open.clock.advance(HOUR / 5);
        well(await beats(ROUTE.model));
      }
    }
    expect(await events()).toEqual(["route-drift opened", "route-drift escalated"]);
    open.clock.advance(600_000);
    well(await beats(ROUTE.model));
    open.clock.advance(600_000);
    well(await beats(ROUTE.model));
    for (let run = 0; run < 2; run += 1) {
      for (let beat = 0; beat < 5; beat += 1) {
        open.clock.advance(HOUR / 5);
        well(await beats(ROUTE.model));
      }
      await watchQueue(open.house);
      await channel();
    }
    expect(await events()).toEqual(["route-drift opened", "route-drift escalated", "route-drift resolved"]);
    const [message] = await channel();
    expect(message?.text).toMatch(/^✅ #1/u);
    expect(message?.replies).toEqual([
      expect.stringContaining("escalated"),
      expect.stringContaining("is over"),
    ]);
  });
});

describe("what is safe to mend", () => {
  test("is mended by the same command people use, quietly, and kept in the journal", async () => {
    const key = await added(open.house);
    await claimed(open.house);
    open.clock.advance(HOUR);
    const watched = await watchQueue(open.house);
    expect(watched).toMatchObject({ opened: 1, healed: 1, standing: [] });
    expect((await open.house.queue.task(key))?.task).toMatchObject({ status: "queued", lapses: 1 });
    expect(await events()).toEqual(["lease-lapsed opened", "lease-lapsed healed"]);
    const [entry] = await open.house.contradictions.healings(10);
    expect(entry).toMatchObject({
      task: key,
      healing: "reclaim",
      rule: "lease-lapsed",
      source: "agent:ada lane:builder",
    });
    const log = await open.house.log.events({ after: 0, task: key, limit: 100 });
    expect(log.at(-1)).toMatchObject({ kind: "lease.lapsed", actor: "system:autonomy-verify-watch" });
    expect(await channel()).toEqual([]);
  });

  test("is mended once by two processes that look at the same moment", async () => {
    await added(open.house);
    await claimed(open.house);
    open.clock.advance(HOUR);
    const other = await openTestHouse({ startAt: open.clock.now, url: open.url });
    try {
      await Promise.all([watchQueue(open.house), watchQueue(other.house)]);
    } finally {
      await other.close();
    }
    expect(await events()).toEqual(["lease-lapsed opened", "lease-lapsed healed"]);
    expect(await open.house.contradictions.standing()).toEqual([]);
    expect(await open.house.contradictions.healings(10)).toHaveLength(1);
  });

  test("what is told is told once by two processes that look at the same moment", async () => {
    await added(open.house);
    await claimed(open.house);
    open.clock.advance(12 * 60_000);
    const other = await openTestHouse({ startAt: open.clock.now, url: open.url });
    try {
      const runs = await Promise.all([
        watchQueue(open.house),
        watchQueue(other.house),
        watchQueue(other.house),
      ]);
      expect(runs.reduce((sum, { opened }) => sum + opened, 0)).toBe(1);
    } finally {
      await other.close();
    }
    expect(await events()).toEqual(["silent-attempt opened"]);
    expect(await channel()).toMatchObject([
      { text: expect.stringContaining("#1 Silent attempt"), replies: [] },
    ]);
  });

  test("a run that died before it told anybody is caught up with by the next", async () => {
    const sighting = {
      rule: "clock-skew",
      key: "process",
      source: "configuration:clock",
      detail: "They differ.",
    };
    await open.house.contradictions.apply({ openings: [sighting], moves: [] }, "system:test", START);
    expect(await channel()).toEqual([]);
    open.clock.advance(60_000);
    await watchQueue(open.house);
    expect(await channel()).toMatchObject([{ text: expect.stringContaining("✅ #1"), replies: [] }]);
  });

  test("a task blocked on what is done by now goes back to the queue", async () => {
    const first = await added(open.house);
    const second = await added(open.house, { dependsOn: [first] });
    well(
      await blockTask(open.house, { key: second, kind: "dependency", reason: `needs ${first}` }, OPERATOR),
    );
    expect((await watchQueue(open.house)).standing).toEqual([]);
    await completed(open.house);
    open.clock.advance(60_000);
    expect(await watchQueue(open.house)).toMatchObject({ opened: 1, healed: 1 });
    expect((await open.house.queue.task(second))?.task.status).toBe("queued");
  });
});
