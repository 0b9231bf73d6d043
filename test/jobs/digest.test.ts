import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allPlatforms } from "../../adapters/chat/all.ts";
import { beat } from "../../src/commands/beat.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { postDigests } from "../../src/commands/post-digests.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { showDigest } from "../../src/commands/show-digest.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import { digestLines, figuresOf, readWindow } from "../../src/core/digest.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw } from "../support/raw.ts";
import { added, claimed, completed, holder, OPERATOR, ROUTE, well } from "../support/story.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
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
  await seedRoster(open.house, { capacity: 5 });
});
afterEach(() => open.close());

/** Runs the job five minutes into the next hour and lets everything be delivered. */
async function nextHour(house = open.house): Promise<readonly string[]> {
  open.clock.advance(HOUR - ((open.clock.now - 5 * MINUTE) % HOUR));
  const { value } = await postDigests(house);
  while ((await deliverOutbox(house, allPlatforms(house))).nextDueMs === 0);
  return value.map(({ said }) => said);
}

async function messages(channel = "gatehouse"): Promise<readonly string[]> {
  const all = await open.house.localChat.page(channel, { limit: 100 });
  return all.filter(({ kind }) => kind === "digest").map(({ text }) => text);
}

/** A refusal as the HTTP door records it. */
async function refusedSubmit(): Promise<void> {
  const held = await claimed(open.house, "s-early");
  const refused = await submitAttempt(open.house, holder(held), { actor: "agent:ada" });
  if (refused.ok) throw new Error("an attempt without proof was taken");
  await open.house.refusals.record(refused.refusal, "agent:ada", held.task.key);
}

/** What an hour of work leaves: one proved, one refused, one blocked, one lapsed. */
async function anHourOfWork(): Promise<void> {
  const keys: string[] = [];
  for (let task = 0; task < 4; task += 1) keys.push(await added(open.house));
  await completed(open.house);
  await refusedSubmit();
  well(await blockTask(open.house, { key: keys[2] ?? "", ...QUESTION }, OPERATOR));
  open.clock.advance(20 * MINUTE);
  await reclaimLapsed(open.house);
}

describe("the hour's digest", () => {
  test("tells integrity before activity, then who is needed", async () => {
    await anHourOfWork();
    expect(await nextHour()).toEqual(["posted"]);
    expect(await messages()).toEqual([
      [
        "Digest 09:00 to 10:00",
        "Proved done: 1 (GATE-1)",
        "Refused: 1 (proof-before-done proof-missing 1)",
        "Contradictions: 0 opened, 0 healed, 0 escalated, 0 recurring",
        "Proofs rotted: 0",
        "Moved: 4 added (0 before), 2 claimed (0 before), 1 submitted (0 before), 1 lapsed (0 before), 1 blocked (0 before)",
        "Needs you: 1 blocked",
        "GATE-3 is blocked since 09:00 for person:local:mia: Which font?",
      ].join("\n"),
    ]);
  });

  test("compares with the hour before", async () => {
    await anHourOfWork();
    await nextHour();
    well(await cancelTask(open.house, { key: "GATE-4", reason: "not wanted" }, OPERATOR));
    await nextHour();
    expect((await messages())[1]).toContain(
      "Moved: 0 added (4 before), 0 claimed (2 before), 0 submitted (1 before), 0 lapsed (1 before), 0 blocked (1 before), 1 cancelled (0 before)",
    );
  });

  test("in which nothing changed edits the last one, once, and posts nothing", async () => {
    await anHourOfWork();
    expect(await nextHour()).toEqual(["posted"]);
    expect(await nextHour()).toEqual(["edited"]);
    const [once = ""] = await messages();
    expect(once.split("\n").at(-1)).toBe("Quiet since 10:00.");
    for (let hour = 0; hour < 20; hour += 1) expect(await nextHour()).toEqual(["nothing"]);
    expect(await messages()).toEqual([once]);
    await added(open.house);
    expect(await nextHour()).toEqual(["posted"]);
    expect((await messages())[1]).toMatch(/^Digest 07:00 to 08:00\n/u);
  });

  test("is not posted to a house in which nothing ever happened but its roster", async () => {
    open.clock.advance(10 * MINUTE);
    for (let hour = 0; hour < 3; hour += 1) expect(await nextHour()).toEqual(["nothing"]);
    expect(await messages()).toEqual([]);
  });

  test("leaves no hour untold where the bot was away", async () => {
    await anHourOfWork();
    await nextHour();
    await added(open.house);
    open.clock.advance(3 * HOUR);
    await added(open.house);
    await nextHour();
    const [, late = ""] = await messages();
    expect(late).toMatch(/^Digest 10:00 to 14:00\n/u);
    expect(late).toContain("2 added");
  });

  test("run twice for the same hour says it once", async () => {
    await anHourOfWork();
    await nextHour();
    expect((await postDigests(open.house)).value).toEqual([{ channel: "local:gatehouse", said: "nothing" }]);
  });
});

test("what needs a person carries its buttons as data", async () => {
  await added(open.house);
  const choices = ["Inter", "Plex"];
  well(await blockTask(open.house, { key: "GATE-1", ...QUESTION, choices }, OPERATOR));
  open.clock.advance(10 * MINUTE);
  await nextHour();
  const [message] = await open.house.localChat.page("gatehouse", { limit: 1 });
  expect(message?.data["needs"]).toMatchObject([
    {
      task: "GATE-1",
      buttons: [
        { label: "Inter", line: '/gate unblock GATE-1 --version 2 "Inter"', asks: null },
        { label: "Plex", line: '/gate unblock GATE-1 --version 2 "Plex"', asks: null },
        { label: "Something else…", line: "/gate unblock GATE-1 --version 2", asks: "Which font?" },
        { label: "Show", line: "/gate show GATE-1", asks: null },
      ],
    },
  ]);
});

test("the figures are those of the event log, recounted by itself, window by window", async () => {
  const { house } = open;
  for (let round = 0; round < 6; round += 1) {
    await anHourOfWork();
    const again = await claimed(house, `r-${round}`);
    const { id, epoch, lane } = again.attempt;
    const wrong = {
      attempt: id,
      epoch,
      lane,
      task: again.task.key,
      session: "other",
      agent: "ada",
      route: ROUTE,
    };
    const drifted = await beat(house, wrong, { actor: "agent:ada" });
    expect(drifted.ok).toBe(false);
    open.clock.advance((17 + round * 7) * MINUTE);
    await reclaimLapsed(house);
  }
  const raw = await openRaw(open.url);
  const [events = [], refusals = []] = await raw.read([
    { sql: "SELECT kind, at FROM events WHERE imported = 0" },
    { sql: "SELECT at FROM refusals" },
  ]);
  await raw.close();
  let windows = 0;
  for (let from = NINE; from < open.clock.now; from += 25 * MINUTE) {
    const to = from + 25 * MINUTE;
    const inside = (row: Record<string, unknown>): boolean =>
      Number(row["at"]) >= from && Number(row["at"]) < to;
    const count = (...kinds: string[]): number =>
      events.filter((row) => inside(row) && kinds.includes(String(row["kind"]))).length;
    const figures = figuresOf(await house.digests.count({ from, to }, null));
    expect(figures).toEqual({
      proved: count("task.completed"),
      refused: refusals.filter(inside).length,
      opened: count("contradiction.opened"),
      healed: count("contradiction.healed"),
      escalated: count("contradiction.escalated"),
      recurring: 0,
      rotted: count("proof.rotted"),
      moved: {
        added: count("task.added", "task.imported"),
        offered: count("task.offered"),
        claimed: count("task.claimed"),
        submitted: count("task.submitted"),
        released: count("task.released"),
        lapsed: count("lease.lapsed", "offer.lapsed"),
        "proof failed": count("proof.failed"),
        blocked: count("task.blocked"),
        unblocked: count("task.unblocked"),
        requeued: count("task.requeued"),
        reopened: count("task.reopened"),
        cancelled: count("task.cancelled"),
      },
    });
    windows += figures.proved + figures.refused;
  }
  expect(windows).toBe(6 + refusals.length);
  expect(refusals).toHaveLength(12);
});

test("a channel counts its own lanes, and what happened elsewhere before an import counts nowhere", async () => {
  const { house } = open;
  await seedRoster(house, { lane: "ops", agent: "oda" });
  await added(house, { lane: "ops" });
  await added(house);
  await added(house);
  const raw = await openRaw(open.url);
  await raw.write([
    {
      sql: `INSERT INTO events (change_id, kind, actor, at, data, imported) VALUES ('x', 'task.cancelled', 'person:a:b', ${NINE}, '{}', 1)`,
    },
  ]);
  await raw.close();
  const window = { from: NINE, to: NINE + 1 };
  expect(figuresOf(await house.digests.count(window, ["ops"])).moved).toMatchObject({
    added: 1,
    cancelled: 0,
  });
  expect(figuresOf(await house.digests.count(window, null)).moved).toMatchObject({ added: 3, cancelled: 0 });
  expect((await house.digests.count({ from: NINE - 1, to: NINE }, null)).events).toEqual({});
});

test("any window can be asked for, by the clock of whoever asks; what is none is refused", async () => {
  await anHourOfWork();
  const ask = (window: string) => showDigest(open.house, { window, lanes: null, zone: "Europe/Berlin" });
  const shown = well(await ask("2026-03-30T11:00/2026-03-30T11:01"));
  expect(shown.window).toEqual({ from: NINE, to: NINE + MINUTE });
  expect(digestLines(shown, "Europe/Berlin")[0]).toBe("Digest 11:00 to 11:01");
  expect(figuresOf(shown.counts)).toMatchObject({ proved: 1, moved: { lapsed: 0 } });
  for (const wrong of [
    "",
    "1w",
    "0h",
    "2026-03-30T12:00/2026-03-30T11:00",
    "yesterday",
    "2026-13-01T00:00/2027-01-01T00:00",
  ])
    expect(await ask(wrong)).toMatchObject({ ok: false, refusal: { field: "window", got: wrong } });
  expect(readWindow("2026-03-30T09:00Z/2026-03-30T09:30+02:00", NINE, "UTC")).toBeNull();
  expect(readWindow("90m", NINE, "UTC")).toEqual({ from: NINE - 90 * MINUTE, to: NINE });
});
