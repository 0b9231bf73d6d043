import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addEpic } from "../../src/commands/add-epic.ts";
import { setPolicy } from "../../src/commands/set-policy.ts";
import { reclaimLeases } from "../../src/jobs/reclaim-leases.ts";
import { answerText } from "../../src/ports/chat-answer.ts";
import { gateLines } from "../support/gate-lines.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, completed, OPERATOR, well } from "../support/story.ts";

const START = Date.UTC(2026, 10, 23, 9);

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
});
afterEach(() => open.close());

const { say, confirm, task, lane, newest } = gateLines(() => open.house);

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
