import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allPlatforms } from "../../adapters/chat/all.ts";
import { beat } from "../../src/commands/beat.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { postHeartbeats } from "../../src/commands/post-heartbeats.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, type Held, OPERATOR, ROUTE, submitted, well } from "../support/story.ts";

const MINUTE = 60_000;
const NINE = Date.UTC(2026, 2, 30, 9);
const QUESTION = {
  kind: "decision",
  reason: "two fonts fit",
  owner: "person:local:mia",
  question: "Which font?",
};

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: NINE });
  await seedRoster(open.house, { capacity: 2 });
});
afterEach(() => open.close());

/** Runs the job, lets everything be delivered, and says what it did in each channel. */
async function heartbeat(): Promise<readonly string[]> {
  const { value } = await postHeartbeats(open.house);
  while ((await deliverOutbox(open.house, allPlatforms(open.house))).nextDueMs === 0);
  return value.map(({ channel, said }) => `${channel} ${said}`);
}

/** The live messages as they stand in the local chat, oldest first. */
async function messages(channel = "gatehouse"): Promise<readonly string[]> {
  const all = await open.house.localChat.page(channel, { limit: 100 });
  return all.filter(({ kind }) => kind === "heartbeat").map(({ text }) => text);
}

async function beats({ attempt, task }: Held): Promise<void> {
  const { id, epoch, lane, session, agent } = attempt;
  well(
    await beat(
      open.house,
      { attempt: id, epoch, lane, task: task.key, session, agent, route: ROUTE },
      { actor: `agent:${agent}` },
    ),
  );
}

describe("silence", () => {
  test("an idle house says nothing, hour after hour", async () => {
    for (let hour = 0; hour < 48; hour += 1) {
      expect(await heartbeat()).toEqual(["local:gatehouse nothing"]);
      open.clock.advance(30 * MINUTE);
    }
    expect(await messages()).toEqual([]);
  });

  test("what waits for a person is said once and not again while nothing else goes on", async () => {
    const key = await added(open.house);
    well(await blockTask(open.house, { key, ...QUESTION }, OPERATOR));
    expect(await heartbeat()).toEqual(["local:gatehouse posted"]);
    for (let half = 0; half < 10; half += 1) {
      open.clock.advance(30 * MINUTE);
      expect(await heartbeat()).toEqual(["local:gatehouse nothing"]);
    }
    expect(await messages()).toHaveLength(1);
  });
});

test("what it says: who is needed first, then lanes, who is at work, and who fell silent", async () => {
  const blocked = await added(open.house);
  well(await blockTask(open.house, { key: blocked, ...QUESTION }, OPERATOR));
  await added(open.house);
  await added(open.house);
  await added(open.house);
  open.clock.advance(MINUTE);
  await claimed(open.house, "s-1");
  const lively = await claimed(open.house, "s-2");
  open.clock.advance(11 * MINUTE);
  await beats(lively);
  expect(await heartbeat()).toEqual(["local:gatehouse posted"]);
  expect(await messages()).toEqual([
    [
      "Heartbeat 09:12",
      "Needs you: 1 blocked",
      "GATE-1 is blocked since 09:00 for person:local:mia: Which font?",
      "builder: 2 of 2 at work, 1 runnable, oldest GATE-4 since 09:00",
      "At work: GATE-2.1 ada since 09:01, last beat 09:01; GATE-3.1 ada since 09:01, last beat 09:12",
      "Silent: GATE-2.1 ada since 09:01, last beat 09:01",
    ].join("\n"),
  ]);
});

test("one message an hour, edited in place; a new hour begins a new one", async () => {
  await added(open.house);
  const held = await claimed(open.house);
  const said: (readonly string[])[] = [];
  for (let tenth = 0; tenth < 12; tenth += 1) {
    said.push(await heartbeat());
    open.clock.advance(10 * MINUTE);
    await beats(held);
  }
  expect(said.flat().filter((each) => each.endsWith("posted"))).toHaveLength(2);
  expect(said.flat().filter((each) => each.endsWith("edited"))).toHaveLength(10);
  const stand = await messages();
  expect(stand).toHaveLength(2);
  expect(stand[0]).toMatch(/^Heartbeat 09:50\n/u);
  expect(stand[1]).toMatch(/^Heartbeat 10:50\n/u);
});

test("a channel is told of its lanes alone, by its own clock, and only where it takes heartbeats", async () => {
  await seedRoster(open.house, { lane: "ops", agent: "oda" });
  await added(open.house, { lane: "ops", title: "Turn the key" });
  await claimed(open.house, "s-9", "oda", "ops");
  await open.house.channels.setChannel(
    { platform: "local", name: "berlin" },
    { lanes: ["ops"], timezone: "Europe/Berlin", kinds: ["heartbeat"] },
  );
  await open.house.channels.setChannel({ platform: "local", name: "builders" }, { lanes: ["builder"] });
  await open.house.channels.setChannel({ platform: "local", name: "quiet" }, { kinds: ["auto-complete"] });
  expect(await heartbeat()).toEqual([
    "local:gatehouse posted",
    "local:berlin posted",
    "local:builders nothing",
  ]);
  expect(await messages("berlin")).toEqual([
    "Heartbeat 11:00\nops: 1 of 100 at work, 0 runnable\nAt work: GATE-1.1 oda since 11:00, last beat 11:00",
  ]);
  const [subject] = (await open.house.outbox.notices({ kind: "heartbeat", after: 0, limit: 10 })).slice(-1);
  expect(subject?.deliveries).toEqual([{ platform: "local", channel: "berlin", state: "sent", error: null }]);
});

test("dead letters, approvals, contradictions and proofs without a verdict are all told", async () => {
  const human = { name: "sign-off", kind: "human" } as const;
  await open.house.contradictions.apply(
    {
      openings: [
        { rule: "idle-lane", key: "lane:ops", source: "lane:ops", detail: "ops has work and nobody comes" },
      ],
      moves: [],
    },
    "system:autonomy-verify-watch",
    NINE,
  );
  await added(open.house, { requirements: [human] });
  const held = await claimed(open.house);
  await submitted(open.house, held);
  const needs = await open.house.floor.needs({ lanes: null, limit: 5 });
  expect(needs.counts).toEqual({ blocked: 0, contradiction: 1, approval: 1, dead: 0, "stuck-proof": 0 });
  expect(needs.items).toMatchObject([
    { kind: "contradiction", task: null, detail: "ops has work and nobody comes" },
    { kind: "approval", task: "GATE-1", detail: "sign-off" },
  ]);
});
