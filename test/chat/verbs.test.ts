import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addEpic } from "../../src/commands/add-epic.ts";
import { setPolicy } from "../../src/commands/set-policy.ts";
import type { Role } from "../../src/core/role.ts";
import { runLine } from "../../src/doors/chat/run-line.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { reclaimLeases } from "../../src/jobs/reclaim-leases.ts";
import { type Answer, answerText } from "../../src/ports/chat-answer.ts";
import { openTestHouse, PAGE, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, completed, OPERATOR, TRUE_COMMAND, well } from "../support/story.ts";

const START = Date.UTC(2026, 10, 23, 9);

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
});
afterEach(() => open.close());

interface Manner {
  readonly role?: Role;
  readonly who?: string;
  readonly confirmed?: boolean;
}

async function spoken(line: string, { role = "operator", who = "someone", confirmed = false }: Manner = {}) {
  const speaker = { actor: `person:slack:${who}`, role };
  const place = { platform: "slack", name: "C1" };
  return runLine({ house: open.house, speaker, place, verbs: allVerbs }, line, confirmed);
}

/** What is answered to a line that is done without a question. */
async function say(line: string, manner: Manner = {}): Promise<Answer> {
  return (await spoken(line, manner)).answer;
}

/** What is asked about a line, and then what is answered to it. */
async function confirm(line: string, manner: Manner = {}) {
  const asked = await say(line, manner);
  if (asked.kind !== "confirm") throw new Error(`it was not asked about: ${answerText(asked)}`);
  return { ...asked, answer: await say(asked.line, { ...manner, confirmed: true }) };
}

const task = async (key: string) => (await open.house.queue.task(key))?.task;
const lane = async (name = "builder") => open.house.roster.lane(name);
const newest = async () => (await open.house.log.recent({ limit: 1 })).events[0];

describe("add", () => {
  const text = '/gate add Cut the intro clip --lane builder --acceptance "It plays"';

  test("takes a title as it is typed, and says what will prove it", async () => {
    const answer = await say(
      `${text} --priority p1 --require "tests-pass format=tap tests=20; reviewed-by-one"`,
    );
    expect(answer).toMatchObject({ kind: "done", task: "GATE-1" });
    expect(answerText(answer)).toBe(
      "Added GATE-1 “Cut the intro clip”, queued. It is done when this is proved: tests (test-report), review (human).",
    );
    expect(await task("GATE-1")).toMatchObject({
      title: "Cut the intro clip",
      priority: "P1",
      acceptance: "It plays",
      requirements: [
        { kind: "test-report", format: "tap", minTests: 20 },
        { kind: "human", approvers: 1 },
      ],
    });
    expect(await newest()).toMatchObject({ kind: "task.added", actor: "person:slack:someone" });
  });

  test("reads requirements as JSON too, with the quotes chat clients make of plain ones", async () => {
    await say(`${text} --require '{“name”: “cut”, “kind”: “file”, “minBytes”: 10}'`);
    expect(await task("GATE-1")).toMatchObject({
      requirements: [{ name: "cut", kind: "file", minBytes: 10 }],
    });
    await say(`${text} --require 'command-succeeds command=npm run test'`);
    expect(await task("GATE-2")).toMatchObject({ requirements: [{ argv: ["npm", "run", "test"] }] });
  });

  test("takes the lane's policy where nobody says one, and before it the epic's", async () => {
    await say(text);
    expect(await task("GATE-1")).toBeUndefined();
    well(await setPolicy(open.house, { on: "lane:builder", from: "file-report", given: {} }, OPERATOR));
    await say(text);
    expect(await task("GATE-1")).toMatchObject({ requirements: [{ name: "report" }] });
    well(await addEpic(open.house, { key: "CLIP", title: "Clips", goal: "" }, OPERATOR));
    well(await setPolicy(open.house, { on: "epic:CLIP", from: "reviewed-by-two", given: {} }, OPERATOR));
    await say(`${text} --epic clip --depends-on "gate-1, GATE-1"`);
    expect(await task("CLIP-1")).toMatchObject({
      requirements: [{ name: "review", approvers: 2 }],
      dependencies: [{ key: "GATE-1" }],
    });
  });

  test("hands on what the queue refuses, and what no template is", async () => {
    expect(await say(text)).toMatchObject({ refusal: { gate: "proof-before-done", sort: "invalid" } });
    expect(await say(`${text} --require tests-pas`)).toMatchObject({
      refusal: { field: "require", got: "tests-pas" },
    });
    expect(await say(`${text} --require '{"kind": "file"}'`)).toMatchObject({
      refusal: { field: "require" },
    });
    expect(await say(`${text} --require reviewed-by-one --depends-on GATE-9`)).toMatchObject({
      refusal: { field: "dependsOn", got: "GATE-9" },
    });
    expect(await say("/gate add An idea --draft")).toMatchObject({ kind: "done", task: "GATE-1" });
  });
});

describe("block and assign", () => {
  test("a reason that asks is the question; the owner is whoever is mentioned, on the platform they were", async () => {
    const key = await added(open.house);
    await say(`/gate block ${key} Which font? --choices "Inter, Söhne" --owner <@U7|ada>`);
    expect((await task(key))?.block).toMatchObject({
      kind: "question",
      question: "Which font?",
      choices: ["Inter", "Söhne"],
      owner: "person:slack:U7",
    });
    const other = await added(open.house);
    await say(
      `/gate block ${other} no access --kind access --question "Who can log in?" --choices "a, b; c"`,
    );
    expect((await task(other))?.block).toMatchObject({
      kind: "access",
      reason: "no access",
      question: "Who can log in?",
      choices: ["a, b", "c"],
      owner: "operator",
    });
  });

  test("a question is given to somebody else, and keeps since when it has waited", async () => {
    const key = await added(open.house);
    await say(`/gate block ${key} Which font?`);
    const since = (await task(key))?.block?.since;
    open.clock.advance(3_600_000);
    expect(answerText(await say(`/gate assign ${key} @ada --reason "she chose the last one"`))).toBe(
      `${key} asks ada now: she chose the last one`,
    );
    expect((await task(key))?.block).toMatchObject({ owner: "ada", question: "Which font?", since });
    expect(await newest()).toMatchObject({
      kind: "task.assigned",
      data: { owner: "ada", fromOwner: "operator", reason: "she chose the last one" },
    });
  });

  test("a task is given to another lane, and not while somebody holds it", async () => {
    await open.house.roster.setLane({ name: "ops", route: { provider: "a", model: "b" } }, "person:test:op");
    const key = await added(open.house);
    expect(answerText(await say(`/gate assign ${key} ops`))).toBe(`${key} is in lane ops now.`);
    expect(await task(key)).toMatchObject({ lane: "ops", version: 2 });
    expect(await say(`/gate assign ${key} opps`)).toMatchObject({ refusal: { field: "lane", got: "opps" } });
    expect(await say(`/gate assign ${key}`)).toMatchObject({ refusal: { field: "lane" } });
    expect(await say(`/gate assign ${key} --owner me`)).toMatchObject({ refusal: { code: "transition" } });
    await say(`/gate assign ${key} builder`);
    await claimed(open.house);
    expect(await say(`/gate assign ${key} ops`)).toMatchObject({
      refusal: { code: "transition", got: "active" },
    });
  });
});

describe("cancel asks with what it would do", () => {
  test("counts the place it frees and all that it strands, at first hand and through others", async () => {
    const key = await added(open.house);
    const next = await added(open.house, { dependsOn: [key] });
    const last = await added(open.house, { dependsOn: [next, key] });
    await claimed(open.house);
    const { question, line, answer } = await confirm(`/gate cancel ${key} the episode was dropped`);
    expect(question).toBe(
      `Cancelling ${key} frees 1 place in builder (${key}.1 of ada ends), strands 2: ${next}, ${last}. It is for good. Do it?`,
    );
    expect(line).toBe(`/gate cancel --version 2 ${key} the episode was dropped`);
    expect(answerText(answer)).toBe(`${key} is cancelled: the episode was dropped`);
    expect(await task(key)).toMatchObject({ status: "cancelled" });
  });

  test("names five of many; what is over is not stranded", async () => {
    const key = await added(open.house);
    for (let at = 0; at < 6; at += 1) await added(open.house, { dependsOn: [key] });
    await confirm("/gate cancel GATE-3 not needed");
    expect((await confirm(`/gate cancel ${key} dropped`)).question).toBe(
      `Cancelling ${key} frees no place, strands 5: GATE-2, GATE-4, GATE-5, GATE-6, GATE-7. It is for good. Do it?`,
    );
    const other = await added(open.house);
    for (let at = 0; at < 7; at += 1) await added(open.house, { dependsOn: [other] });
    expect((await confirm(`/gate cancel ${other} dropped`)).question).toContain(
      "strands 7: GATE-9, GATE-10, GATE-11, GATE-12, GATE-13 ….",
    );
  });

  test("what changed since it was asked is not cancelled on the old word", async () => {
    const key = await added(open.house);
    const asked = await say(`/gate cancel ${key} dropped`);
    await say(`/gate prioritize ${key} P1`);
    const answer = asked.kind === "confirm" ? await say(asked.line, { confirmed: true }) : asked;
    expect(answer).toMatchObject({ refusal: { code: "stale-version", got: 1, expected: 2 } });
  });

  test("what is over or unknown is refused without a question", async () => {
    expect(await say("/gate cancel GATE-1 dropped")).toMatchObject({ refusal: { sort: "missing" } });
    const key = await added(open.house);
    await confirm(`/gate cancel ${key} dropped`);
    expect(await say(`/gate cancel ${key} dropped`)).toMatchObject({ refusal: { code: "transition" } });
  });
});

describe("reopen", () => {
  test("asks of what is done with those that were released", async () => {
    const key = await added(open.house, { priority: "P0" });
    const waiting = await added(open.house, { dependsOn: [key] });
    const started = await added(open.house, { dependsOn: [key], priority: "P1" });
    await completed(open.house);
    await claimed(open.house, "s-2");
    const { question, answer } = await confirm(`/gate reopen ${key} the sound is missing`);
    expect(question).toBe(
      `Reopening ${key} takes back that it is done. Of what it released, 1 queued: ${waiting} wait for it again; 1 active: ${started} go on as they are. Do it?`,
    );
    expect(answerText(answer)).toBe(`${key} is done no more and is in the queue: the sound is missing`);
    expect(await task(key)).toMatchObject({ status: "queued", completion: null });
  });

  test("gives the dead their attempts back without asking, and refuses what was cancelled", async () => {
    const key = await added(open.house, { limits: { maxLapses: 1 } });
    await claimed(open.house);
    open.clock.advance(3_600_000);

    await reclaimLeases(open.house);
    expect((await task(key))?.status).toBe("dead");
    expect(answerText(await say(`/gate reopen ${key} the disk is free again`))).toBe(
      `${key} has its attempts back and is in the queue: the disk is free again`,
    );
    await confirm(`/gate cancel ${key} dropped`);
    expect(await say(`/gate reopen ${key} no`)).toMatchObject({
      refusal: { code: "transition", got: "cancelled", hint: expect.stringContaining("add it anew") },
    });
    const queued = await added(open.house);
    expect(await say(`/gate reopen ${queued} no`)).toMatchObject({ refusal: { code: "transition" } });
  });
});

describe("pause and resume", () => {
  test("a lane, with how much would wait", async () => {
    await added(open.house);
    await added(open.house);
    await claimed(open.house);
    const { question, answer } = await confirm("/gate pause builder the farm is down");
    expect(question).toBe("Pausing builder lets 1 runnable task wait; 1 at work go on. Do it?");
    expect(answerText(answer)).toBe("Lane builder is paused: the farm is down");
    expect((await lane())?.pausedReason).toBe("the farm is down");
    expect((await confirm("/gate pause builder still")).question).toContain(
      "paused already: the farm is down.",
    );
    expect(answerText(await say("/gate resume builder"))).toBe("Lane builder is open.");
    expect((await lane())?.pausedReason).toBeNull();
  });

  test("an agent, with its reason on record; a name that is both is asked about", async () => {
    expect((await confirm("/gate pause ada her keys are being changed")).question).toBe(
      "Pausing ada keeps it from 0 runnable tasks in builder; what it holds it may finish. Do it?",
    );
    expect(await newest()).toMatchObject({
      kind: "agent.paused",
      data: { name: "ada", reason: "her keys are being changed" },
    });
    await seedRoster(open.house, { lane: "ada", agent: "builder" });
    expect(await say("/gate resume ada")).toMatchObject({
      refusal: { expected: ["lane:ada", "agent:ada"], got: "ada" },
    });
    expect(await say("/gate resume agent:ada")).toMatchObject({
      kind: "done",
      text: "Agent ada may pull again.",
    });
    expect(await say("/gate pause nobody lunch")).toMatchObject({
      refusal: { sort: "missing", got: "nobody" },
    });
  });
});

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
