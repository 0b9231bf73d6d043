import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gateLines } from "../support/gate-lines.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed } from "../support/story.ts";

const START = Date.UTC(2026, 10, 23, 9);

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
});
afterEach(() => open.close());

const { say, confirm, task, lane, newest } = gateLines(() => open.house);

describe("undo", () => {
  test("asks about one's last change, and takes back that one", async () => {
    const key = await added(open.house);
    await say(`/gate prioritize ${key} P3`);
    await say(`/gate prioritize ${key} P1`, { who: "somebody-else" });
    await say(`/gate unblock ${key} no`, { who: "somebody-else" });
    const mine = (await open.house.log.recent({ actor: "person:slack:someone", limit: 1 })).events[0];
    const asked = await confirm("/gate undo");
    expect(asked.question).toContain(`#${mine?.id} `);
    expect(asked.question).toContain(`${key} task.prioritized by person:slack:someone`);
    expect(asked.line).toBe(`/gate undo --event ${mine?.id}`);
    expect(asked.answer).toMatchObject({ refusal: { code: "moved-on", expected: 2, got: 3 } });
    expect((await confirm("/gate undo", { who: "somebody-else" })).answer).toMatchObject({
      kind: "done",
      task: key,
      text: expect.stringContaining(`is undone: ${key} is P3 again.`),
    });
  });

  test.each([
    ["a block that nobody was interrupted by", "/gate block GATE-1 Which font?", "queued", null],
    [
      "an answer, with the question as it was",
      "/gate unblock GATE-2 the licensed one",
      "blocked",
      "Which cut?",
    ],
  ])("%s", async (_, line, status, question) => {
    await added(open.house);
    await added(open.house);
    await say("/gate block GATE-2 Which cut? --choices a,b");
    await say("/gate assign GATE-2 @grace");
    expect(await say(line)).toMatchObject({ kind: "done" });
    const changed = (await newest())?.task ?? "";
    expect(await say(`/gate undo #${(await newest())?.id}`)).toMatchObject({ kind: "done" });
    expect(await task(changed)).toMatchObject({ status });
    expect((await task(changed))?.block?.question ?? null).toBe(question);
    if (question !== null)
      expect((await task(changed))?.block).toMatchObject({ owner: "grace", choices: ["a", "b"] });
  });

  test("a lane's pause, a lane's opening, and not where somebody paused it anew", async () => {
    const pause = (reason: string, who = "someone") =>
      say(`/gate pause builder ${reason}`, { confirmed: true, who });
    await pause("lunch");
    const lunch = (await newest())?.id;
    await say(`/gate undo ${lunch}`);
    expect((await lane())?.pausedReason).toBeNull();
    expect(await say(`/gate undo ${lunch}`)).toMatchObject({ refusal: { code: "moved-on" } });
    await pause("lunch");
    await say("/gate resume builder");
    await say(`/gate undo ${(await newest())?.id}`);
    expect((await lane())?.pausedReason).toBe("lunch");
    await pause("audit");
    const mine = (await newest())?.id;
    await pause("fire drill", "somebody-else");
    expect(await say(`/gate undo ${mine}`)).toMatchObject({
      refusal: { code: "moved-on", got: "fire drill" },
    });
    expect((await lane())?.pausedReason).toBe("fire drill");
  });

  test("an assignment, an agent's pause, and a snooze", async () => {
    await open.house.roster.setLane({ name: "ops", route: { provider: "a", model: "b" } }, "person:test:op");
    const key = await added(open.house);
    await say(`/gate assign ${key} ops`);
    await say(`/gate undo ${(await newest())?.id}`);
    expect((await task(key))?.lane).toBe("builder");
    await say("/gate pause ada lunch", { confirmed: true });
    const paused = (await newest())?.id;
    await say(`/gate undo ${paused}`);
    expect((await open.house.roster.agents())[0]?.paused).toBe(false);
    expect(await say(`/gate undo ${paused}`)).toMatchObject({ refusal: { code: "moved-on" } });
    const sighting = { rule: "idle-lane", key: "builder", source: "lane:builder", detail: "Nobody pulls." };
    const openings = [sighting];
    await open.house.contradictions.apply({ openings, moves: [] }, "system:watch", START);
    await say("/gate snooze 1 4h");
    const snoozed = (await newest())?.id;
    expect(await say(`/gate undo ${snoozed}`)).toMatchObject({
      text: `#${snoozed} is undone: #1 is heard of again.`,
    });
    expect(await open.house.contradictions.get(1)).toMatchObject({ state: "open", snoozedUntil: null });
    expect(await say(`/gate undo ${snoozed}`)).toMatchObject({ refusal: { code: "moved-on", got: "open" } });
  });

  test("is refused with the reason where there is no exact way back", async () => {
    const key = await added(open.house);
    expect(await say("/gate undo")).toMatchObject({ refusal: { sort: "missing" } });
    expect(await say("/gate undo 9999")).toMatchObject({ refusal: { sort: "missing" } });
    expect(await say(`/gate undo ${(await newest())?.id}`)).toMatchObject({ refusal: { code: "not-yours" } });
    await confirm(`/gate cancel ${key} dropped`);
    expect(await say("/gate undo")).toMatchObject({
      refusal: { code: "not-undoable", got: "task.cancelled", hint: expect.stringContaining("for good") },
    });
    await added(open.house);
    await claimed(open.house);
    await say("/gate block GATE-2 Which font?");
    expect(await say(`/gate undo ${(await newest())?.id}`)).toMatchObject({
      refusal: { code: "not-undoable", hint: expect.stringContaining("GATE-2.1") },
    });
    expect(await say("/gate undo --healing 7")).toMatchObject({
      refusal: { sort: "missing", field: "healing" },
    });
  });
});
