// The life of a contradiction: a table for core, and what people do about one through commands and doors.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acknowledgeContradiction } from "../../src/commands/acknowledge-contradiction.ts";
import { beat } from "../../src/commands/beat.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { refreshBrief } from "../../src/commands/refresh-brief.ts";
import { snoozeContradiction } from "../../src/commands/snooze-contradiction.ts";
import { undoHealing } from "../../src/commands/undo-healing.ts";
import { watchQueue } from "../../src/commands/watch-queue.ts";
import { undoButton } from "../../src/core/button.ts";
import {
  type Contradiction,
  type ContradictionState,
  isMilestone,
  reconcile,
  type Weight,
} from "../../src/core/contradiction.ts";
import { runLine } from "../../src/doors/chat/run-line.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { openDoor, type TestDoor } from "../http/support/door.ts";
import { seedRoster } from "../support/house.ts";
import { added, claimed, holder, OPERATOR, proved, submitted, verified, well } from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
const HOUR = 3_600_000;

const record = (state: ContradictionState, more: Partial<Contradiction> = {}): Contradiction => ({
  id: 1,
  revision: 3,
  rule: "r",
  key: "k",
  source: "s",
  detail: "before",
  state,
  openedAt: START,
  lastSeenAt: START,
  count: 1,
  acknowledgedBy: null,
  snoozedUntil: null,
  escalatedAt: null,
  cleanRuns: 0,
  overAt: null,
  remark: null,
  told: true,
  ...more,
});
const SEEN = [{ rule: "r", key: "k", source: "s", detail: "now" }];

describe("one run makes of a record", () => {
  test.each<
    [
      what: string,
      before: Contradiction,
      seen: boolean,
      weight: Weight,
      cleanRuns: number,
      afterMs: number,
      next: object,
      event: string | null,
      tell: boolean,
    ]
  >([
    ["open, seen", record("open"), true, "loud", 1, HOUR, { count: 2, detail: "now" }, null, true],
    ["seen a third time", record("open", { count: 2 }), true, "loud", 1, HOUR, { count: 3 }, null, false],
    ["open, not seen", record("open"), false, "loud", 1, HOUR, { state: "resolved" }, "resolved", true],
    ["clean once of three", record("open"), false, "urgent", 3, HOUR, { cleanRuns: 1 }, null, false],
    [
      "clean thrice",
      record("open", { cleanRuns: 2 }),
      false,
      "urgent",
      3,
      HOUR,
      { state: "resolved" },
      "resolved",
      true,
    ],
    [
      "seen after clean runs",
      record("open", { cleanRuns: 2 }),
      true,
      "loud",
      3,
      HOUR,
      { cleanRuns: 0 },
      null,
      true,
    ],
    [
      "urgent, a tick before",
      record("open", { count: 2 }),
      true,
      "urgent",
      1,
      2 * HOUR - 1,
      { count: 3 },
      null,
      false,
    ],
    [
      "urgent, at the tick",
      record("open", { count: 2 }),
      true,
      "urgent",
      1,
      2 * HOUR,
      { state: "escalated", count: 3 },
      "escalated",
      true,
    ],
    [
      "loud never escalates",
      record("open", { count: 2 }),
      true,
      "loud",
      1,
      90 * HOUR,
      { count: 3 },
      null,
      false,
    ],
    [
      "acknowledged never escalates",
      record("acknowledged", { acknowledgedBy: "me", count: 2 }),
      true,
      "urgent",
      1,
      90 * HOUR,
      { count: 3 },
      null,
      false,
    ],
    [
      "acknowledged, not seen",
      record("acknowledged", { acknowledgedBy: "me" }),
      false,
      "urgent",
      1,
      HOUR,
      { state: "resolved" },
      "resolved",
      true,
    ],
    [
      "snoozed, a tick before",
      record("snoozed", { snoozedUntil: START + HOUR }),
      true,
      "urgent",
      1,
      HOUR - 1,
      { count: 2 },
      null,
      false,
    ],
    [
      "snoozed, at its end",
      record("snoozed", { snoozedUntil: START + HOUR }),
      true,
      "urgent",
      1,
      HOUR,
      { state: "open", snoozedUntil: null },
      "unsnoozed",
      true,
    ],
    [
      "snoozed, not seen",
      record("snoozed", { snoozedUntil: START + HOUR }),
      false,
      "loud",
      1,
      1,
      { state: "resolved" },
      "resolved",
      true,
    ],
    [
      "escalated, seen",
      record("escalated", { count: 2, escalatedAt: START }),
      true,
      "urgent",
      1,
      9 * HOUR,
      { count: 3 },
      null,
      false,
    ],
  ])("%s", (_, before, seen, weight, cleanRuns, afterMs, next, event, tell) => {
    const rule = () => ({ weight, cleanRuns });
    const { openings, moves } = reconcile([before], seen ? SEEN : [], rule, START + afterMs);
    expect(openings).toEqual([]);
    expect(moves).toEqual([
      {
        record: before,
        next: expect.objectContaining(next),
        event: event === null ? null : `contradiction.${event}`,
        tell,
      },
    ]);
  });

  test("and opens what no record stands for, once however often a run saw it", () => {
    const rule = () => ({ weight: "loud", cleanRuns: 1 }) as const;
    expect(reconcile([], [...SEEN, ...SEEN], rule, START).openings).toEqual(SEEN);
    expect(reconcile([record("open")], [{ ...SEEN[0]!, key: "other" }], rule, START).openings).toHaveLength(
      1,
    );
  });

  test("tells counts at milestones alone", () => {
    const told = Array.from({ length: 1000 }, (_, index) => index + 1).filter(isMilestone);
    expect(told).toEqual([2, 5, 10, 20, 50, 100, 200, 500, 1000]);
  });
});

describe("what people do about one", () => {
  let door: TestDoor;
  beforeEach(async () => {
    door = await openDoor({ startAt: START });
    await seedRoster(door.house, { lane: "render", agent: "rae" });
  });
  afterEach(() => door.close());

  /** A silent attempt: loud, and mended by nobody. */
  async function silent(): Promise<Contradiction> {
    await added(door.house, { lane: "render" });
    await claimed(door.house, "s-1", "rae", "render");
    door.clock.advance(12 * 60_000);
    const [opened] = (await watchQueue(door.house)).standing;
    if (opened === undefined) throw new Error("nothing was found");
    return opened;
  }

  test("is acknowledged in chat, and the message says by whom", async () => {
    const { id, rule } = await silent();
    expect(rule).toBe("silent-attempt");
    const context = {
      house: door.house,
      speaker: { actor: "person:local:operator", role: "operator" } as const,
      verbs: allVerbs,
    };
    expect((await runLine(context, `/gate ack #${id} restarting it`)).answer).toMatchObject({ kind: "done" });
    const { body } = await door.ask("GET", "/v1/contradictions?state=acknowledged", { key: door.ada });
    expect(body.contradictions).toMatchObject([
      { id, state: "acknowledged", acknowledgedBy: "person:local:operator", remark: "restarting it" },
    ]);
    const [notice] = await door.house.outbox.notices({ after: 0, limit: 10, kind: "contradiction" });
    expect(notice?.text).toContain("looks after it: restarting it");
  });

  test("is snoozed with an end, at most a week ahead, and wakes by itself", async () => {
    const { id } = await silent();
    for (const forMs of [0, 59_999, 7 * 86_400_000 + 1, Number.POSITIVE_INFINITY]) {
      expect(await snoozeContradiction(door.house, { id, forMs }, OPERATOR)).toMatchObject({
        ok: false,
        refusal: { field: "for" },
      });
    }
    const context = {
      house: door.house,
      speaker: { actor: "person:local:operator", role: "operator" } as const,
      verbs: allVerbs,
    };
    expect((await runLine(context, `/gate snooze ${id} 8d`)).answer.kind).toBe("refused");
    expect((await runLine(context, `/gate snooze ${id} forever`)).answer.kind).toBe("misunderstood");
    expect((await runLine(context, `/gate snooze ${id} 1m`)).answer.kind).toBe("done");
    expect((await watchQueue(door.house)).standing).toMatchObject([{ state: "snoozed", count: 2 }]);
    door.clock.advance(60_000);
    expect((await watchQueue(door.house)).standing).toMatchObject([{ state: "open", snoozedUntil: null }]);
  });

  test("is refused once it is over, and where there is none", async () => {
    const { id } = await silent();
    door.clock.advance(HOUR);
    // Nobody delivers in this house, and the watch says so.
    expect((await watchQueue(door.house)).standing).toMatchObject([{ rule: "outbox-stuck" }]);
    expect(await acknowledgeContradiction(door.house, { id }, OPERATOR)).toMatchObject({
      ok: false,
      refusal: { code: "contradiction-over" },
    });
    expect(await acknowledgeContradiction(door.house, { id: 99 }, OPERATOR)).toMatchObject({
      ok: false,
      refusal: { sort: "missing" },
    });
  });

  test("a mending is taken back by the command that undoes it, once, and the condition then left alone", async () => {
    const { house } = door;
    const first = await added(house, { lane: "render" });
    const second = await added(house, { lane: "render", dependsOn: [first] });
    const block = {
      kind: "dependency",
      reason: `needs ${first}`,
      question: "Which cut?",
      choices: ["a", "b"],
    };
    well(await blockTask(house, { key: second, ...block }, OPERATOR));
    const held = await claimed(house, "s-1", "rae", "render");
    await proved(house, held);
    await submitted(house, held);
    await verified(house);
    door.clock.advance(60_000);
    expect(await watchQueue(house)).toMatchObject({ healed: 1, standing: [] });
    const [healing] = await house.contradictions.healings(1);
    expect(well(await undoHealing(house, healing?.id ?? 0, OPERATOR))).toMatchObject({
      undoneBy: OPERATOR.actor,
    });
    expect((await house.queue.task(second))?.task).toMatchObject({ status: "blocked", block });
    expect(await undoHealing(house, healing?.id ?? 0, OPERATOR)).toMatchObject({
      ok: false,
      refusal: { code: "undone-already" },
    });
    door.clock.advance(60_000);
    expect(await watchQueue(house)).toMatchObject({ healed: 0, standing: [{ task: second }] });
    expect((await house.queue.task(second))?.task.status).toBe("blocked");
  });

  test("a task that was taken back from its holder waits for whoever says that was wrong; the lease stays lapsed", async () => {
    const { house } = door;
    const key = await added(house, { lane: "render" });
    const held = await claimed(house, "s-1", "rae", "render");
    door.clock.advance(HOUR);
    await watchQueue(house);
    const [healing] = await house.contradictions.healings(1);
    well(await undoHealing(house, healing?.id ?? 0, OPERATOR));
    const facts = await house.queue.task(key);
    expect(facts?.task).toMatchObject({
      status: "blocked",
      block: {
        kind: "holder",
        owner: OPERATOR.actor,
        question: expect.stringContaining("Is session s-1 still"),
      },
    });
    expect(facts?.attempt).toMatchObject({ outcome: "lapsed" });
    const { attempt } = held;
    const said = { ...holder(held), lane: "render", task: key, session: "s-1", route: attempt.route };
    expect(await beat(house, said, { actor: "agent:rae" })).toMatchObject({
      refusal: { code: "attempt-ended" },
    });
  });

  test("a task that another has pulled since is not taken from them", async () => {
    const { house } = door;
    await added(house, { lane: "render" });
    await claimed(house, "s-1", "rae", "render");
    door.clock.advance(HOUR);
    await watchQueue(house);
    door.clock.advance(HOUR);
    await claimed(house, "s-2", "rae", "render");
    const [healing] = await house.contradictions.healings(1);
    expect(await undoHealing(house, healing?.id ?? 0, OPERATOR)).toMatchObject({
      ok: false,
      refusal: { gate: "queue-truth", code: "stale-version" },
    });
    expect((await house.contradictions.healing(healing?.id ?? 0))?.undoneAt).toBeNull();
  });

  test("in chat it is taken back by the event that tells of it, or by the button on its message", async () => {
    const { house } = door;
    const key = await added(house, { lane: "render" });
    const context = {
      house,
      speaker: { actor: "person:local:mia", role: "operator" } as const,
      verbs: allVerbs,
    };
    await claimed(house, "s-1", "rae", "render");
    door.clock.advance(HOUR);
    await watchQueue(house);
    const events = await house.log.events({ after: 0, limit: 1000 });
    const told = events.findLast(({ kind }) => kind === "contradiction.healed");
    const { answer } = await runLine(context, `/gate undo ${told?.id ?? 0}`);
    expect(answer).toMatchObject({ kind: "done", text: expect.stringContaining("is taken back") });
    expect((await house.queue.task(key))?.task.block?.owner).toBe("person:local:mia");
    const again = { kind: "refused", refusal: { code: "undone-already" } };
    expect((await runLine(context, `/gate undo ${told?.id ?? 0}`)).answer).toMatchObject(again);
    const [healing] = await house.contradictions.healings(1);
    const { line } = undoButton(healing?.id ?? 0);
    expect((await runLine(context, line)).answer).toMatchObject(again);
  });

  test("what cannot be taken back says why, and what was written over is kept", async () => {
    const { house, folder } = door;
    well(await refreshBrief(house, OPERATOR));
    writeFileSync(join(folder, "brief.json"), "a brief of my own");
    expect((await watchQueue(house)).healed).toBe(1);
    const [healing] = await house.contradictions.healings(1);
    expect(healing).toMatchObject({ healing: "refresh-brief", before: { file: "a brief of my own" } });
    expect(await undoHealing(house, healing?.id ?? 0, OPERATOR)).toMatchObject({
      ok: false,
      refusal: {
        gate: "queue-truth",
        code: "not-undoable",
        expected: ["reclaim", "unblock"],
        got: "refresh-brief",
        hint: expect.stringContaining("change the queue"),
      },
    });
    expect(await undoHealing(house, 99, OPERATOR)).toMatchObject({ ok: false, refusal: { sort: "missing" } });
  });
});
