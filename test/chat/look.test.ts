import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runLine } from "../../src/doors/chat/run-line.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { answerText } from "../../src/ports/chat-answer.ts";
import { gateLines, type Manner } from "../support/gate-lines.ts";
import { openTestHouse, PAGE, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, TRUE_COMMAND } from "../support/story.ts";

const START = Date.UTC(2026, 10, 23, 9);

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
});
afterEach(() => open.close());

const { spoken, say, task } = gateLines(() => open.house);

describe("reading verbs", () => {
  test("validate says that a sound queue is valid, and what is wrong with one that is not", async () => {
    await added(open.house);
    expect(await say("/gate validate", { role: "viewer" })).toMatchObject({
      kind: "findings",
      valid: true,
      tasks: 1,
      findings: [],
      more: 0,
    });
    await say("/gate pause builder lunch", { confirmed: true });
    await say("/gate prioritize GATE-1 P0", { confirmed: true });
    open.clock.advance(60_000);
    const answer = await say("/gate validate");
    expect(answer).toMatchObject({ kind: "findings", findings: [{ lane: "builder", severity: "warning" }] });
    expect(answerText(answer)).toContain("Lane builder is paused (lunch)");
  });

  test("audit says who did what and from where, newest first, page by page to the beginning", async () => {
    const key = await added(open.house);
    for (let at = 0; at < 18; at += 1) await say(`/gate prioritize ${key} P${(at % 3) + 1}`);
    const first = await say(`/gate audit ${key}`);
    if (first.kind !== "audit") throw new Error(first.kind);
    expect(first.events).toHaveLength(15);
    expect(first.events[0]).toMatchObject({
      task: key,
      version: 19,
      event: "task.prioritized",
      actor: "person:slack:someone",
      from: "slack",
      detail: "from P2, to P3",
    });
    const rest = await say(first.next ?? "");
    if (rest.kind !== "audit") throw new Error(rest.kind);
    expect(rest.next).toBeNull();
    expect([...first.events, ...rest.events].map(({ version }) => version)).toEqual(
      Array.from({ length: 19 }, (_, index) => 19 - index),
    );
  });

  test("audit of somebody, and of the last hours", async () => {
    const key = await added(open.house);
    await claimed(open.house);
    open.clock.advance(3_600_000);
    await say(`/gate block ${key} no`, { who: "grace" });
    const events = async (line: string, manner: Manner = {}) => {
      const answer = await say(line, manner);
      if (answer.kind !== "audit") throw new Error(answerText(answer));
      return answer.events.map(({ event, from }) => `${event} ${from}`);
    };
    expect(await events("/gate audit --by ada")).toEqual(["task.claimed agent"]);
    expect(await events("/gate audit --by <@grace>")).toEqual(["task.blocked slack"]);
    expect(await events("/gate audit --by me", { who: "grace" })).toEqual(["task.blocked slack"]);
    expect(await events("/gate audit --by nobody")).toEqual([]);
    expect(await events("/gate audit --last 30m")).toEqual(["task.blocked slack"]);
    expect(await events("/gate audit --last 2h --by agent:ada")).toEqual(["task.claimed agent"]);
    expect(answerText(await say("/gate audit --last 5m --by system:watch"))).toBe(
      "Nothing of that is in the log.",
    );
  });

  test("dashboard gives the page's address, and says where there is none", async () => {
    expect(await say("/gate dashboard")).toEqual({
      kind: "link",
      text: "The page of this queue:",
      url: PAGE,
    });
    const house = { ...open.house, pageUrl: () => null };
    const speaker = { actor: "person:slack:someone", role: "viewer" } as const;
    expect((await runLine({ house, speaker, verbs: allVerbs }, "/gate dashboard")).answer).toMatchObject({
      refusal: { code: "no-page", field: "GATEHOUSE_PUBLIC_URL" },
    });
  });

  test("--share shows everybody what is read, and never what was refused", async () => {
    expect((await spoken("/gate status")).visibility).toBe("caller");
    expect(await spoken("/gate status --share")).toMatchObject({
      visibility: "channel",
      answer: { kind: "status" },
    });
    expect(await spoken("/gate show GATE-9 --share")).toMatchObject({
      visibility: "caller",
      answer: { kind: "refused" },
    });
    expect(await say("/gate cancel GATE-1 x --share")).toMatchObject({ kind: "misunderstood" });
  });

  test("what changes the queue is for operators", async () => {
    const key = await added(open.house, { requirements: [TRUE_COMMAND] });
    for (const verb of allVerbs.filter(({ role }) => role !== "viewer")) {
      expect(
        await spoken(verb.example.replaceAll("CLIP-12", key), { role: "viewer", confirmed: true }),
      ).toMatchObject({
        visibility: "caller",
        answer: { kind: "refused", refusal: { sort: "forbidden", code: "role" } },
      });
    }
    expect((await task(key))?.version).toBe(1);
  });
});
