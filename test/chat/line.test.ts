import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import { nearest } from "../../src/core/nearest.ts";
import type { Role } from "../../src/core/role.ts";
import { complete } from "../../src/doors/chat/complete.ts";
import { parseLine } from "../../src/doors/chat/parse.ts";
import { runLine } from "../../src/doors/chat/run-line.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { splitWords } from "../../src/doors/chat/words.ts";
import { type Answer, answerText } from "../../src/ports/chat-answer.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR, TRUE_COMMAND, well } from "../support/story.ts";

describe("words", () => {
  const texts = (line: string) => splitWords(line).map(({ text }) => text);
  test.each([
    ["a b  c ", ["a", "b", "c"]],
    ['say "two words" now', ["say", "two words", "now"]],
    ["say “typographic ones” now", ["say", "typographic ones", "now"]],
    ["don't need any", ["don't", "need", "any"]],
    ['--reason="two words" x', ["--reason=two words", "x"]],
    ['"an \\"inner\\" quote"', ['an "inner" quote']],
    ['"a back\\\\slash and C:\\new"', ["a back\\slash and C:\\new"]],
    ['"plain ones may hold “others” inside"', ["plain ones may hold “others” inside"]],
    [
      "„German ones“ and ”Finnish ones” and «French ones»",
      ["German ones", "and", "Finnish ones", "and", "French ones"],
    ],
    ["", []],
    ['""', [""]],
    ["emoji 🔵🔵🔵 and العربية", ["emoji", "🔵🔵🔵", "and", "العربية"]],
  ])("%j", (line, expected) => expect(texts(line)).toEqual(expected));

  test("a quote that is never closed is seen", () => {
    expect(splitWords('say "two words').at(-1)).toMatchObject({ text: "two words", open: true });
  });
});

describe("nearest", () => {
  const words = allVerbs.map(({ path }) => path);
  test.each([
    ["unblok", "unblock"],
    ["hlep", "help"],
    ["lsit", "list"],
    ["priortize", "prioritize"],
    ["prio", "prioritize"],
    ["deploy", null],
    ["x", null],
  ])("%s → %s", (typed, meant) => expect(nearest(typed, words)).toBe(meant));
});

describe("parser", () => {
  const input = (line: string) => {
    const parsed = parseLine(allVerbs, line);
    if ("fault" in parsed) throw new Error(parsed.fault);
    return { verb: parsed.verb.path, ...parsed.input };
  };
  const fault = (line: string) => {
    const parsed = parseLine(allVerbs, line);
    if (!("fault" in parsed)) throw new Error("it was understood");
    return parsed;
  };

  test.each([
    ["/gate", { verb: "help" }],
    ["/GATE Show clip-12", { verb: "show", task: "CLIP-12" }],
    [
      "/gate unblock CLIP-1 use the other font",
      { verb: "unblock", task: "CLIP-1", answer: "use the other font" },
    ],
    ["/gate unblock --version 7 CLIP-1 yes", { verb: "unblock", task: "CLIP-1", answer: "yes", version: 7 }],
    [
      "/gate unblock CLIP-1 “yes, do” —version=7",
      { verb: "unblock", task: "CLIP-1", answer: "yes, do", version: 7 },
    ],
    [
      "/gate unblock CLIP-1 -- --version is the flag",
      { verb: "unblock", task: "CLIP-1", answer: "--version is the flag" },
    ],
    ["/gate prioritize clip-1 p0", { verb: "prioritize", task: "CLIP-1", priority: "P0" }],
    [
      "/gate list --runnable --lane ops intro clip",
      { verb: "list", runnable: true, lane: "ops", text: "intro clip" },
    ],
    [
      "/gate prove CLIP-1 file:a/b.txt --requirement 'the file'",
      { verb: "prove", task: "CLIP-1", link: "file:a/b.txt", requirement: "the file" },
    ],
  ])("%s", (line, expected) => expect(input(line)).toEqual(expected));

  test.each([
    ["/gate unblok CLIP-1 yes", "There is no `/gate unblok`.", ["/gate unblock CLIP-1 yes"]],
    ["unblock CLIP-1 yes", "Commands begin with `/gate`.", ["/gate unblock CLIP-1 yes"]],
    ["/help", "Commands begin with `/gate`.", ["/gate help"]],
    ["hello there", "Commands begin with `/gate`.", ["/gate help"]],
    ["/gate deploy it", "There is no `/gate deploy`.", ["/gate help"]],
    ["/gate show", "TASK is missing: a task's key, such as CLIP-12.", []],
    ["/gate show 12", "“12” is no TASK. It is a task's key, such as CLIP-12.", []],
    ["/gate prioritize CLIP-1 P9", "“P9” is no PRIORITY. Did you mean `P0`?", []],
    ["/gate list --status blokced", "“blokced” is no STATUS. Did you mean `blocked`?", []],
    ["/gate show CLIP-1 CLIP-2", "`/gate show` does not know what to do with “CLIP-2”.", []],
    [
      "/gate unblock CLIP-1 yes --versoin 3",
      "`/gate unblock` knows no `--versoin`. Did you mean `--version`?",
      [],
    ],
    [
      "/gate unblock CLIP-1 yes --version",
      "`--version` needs a value: the version you read; refused if the task has changed since.",
      [],
    ],
    ["/gate unblock CLIP-1 yes --version 1 --version 2", "`--version` is given twice.", []],
    ['/gate unblock CLIP-1 "yes', "The quote that begins at “yes” is never closed.", []],
    [`/gate show ${"x".repeat(5000)}`, "A line has at most 4000 characters.", []],
  ])("%s is refused in a sentence", (line, text, suggestions) => {
    expect(fault(line)).toMatchObject({ fault: text, suggestions });
  });

  test("a fault in a verb's arguments shows how the verb is written", () => {
    expect(fault("/gate unblock").usage).toBe("/gate unblock TASK ANSWER… [--version N]");
  });

  test("every example in the catalogue is understood", () => {
    for (const verb of allVerbs)
      expect(parseLine(allVerbs, verb.example)).toMatchObject({ verb: { path: verb.path } });
  });
});

describe("lines, run in a house", () => {
  let open: TestHouse;
  beforeEach(async () => {
    open = await openTestHouse({ startAt: Date.UTC(2026, 10, 23, 9) });
    await seedRoster(open.house);
  });
  afterEach(() => open.close());

  const context = (role: Role = "operator") => ({
    house: open.house,
    speaker: { actor: "person:local:someone", role },
    verbs: allVerbs,
  });
  const say = async (line: string, role?: Role, confirmed = false) => runLine(context(role), line, confirmed);
  const answerOf = async (line: string, role?: Role): Promise<Answer> => (await say(line, role)).answer;

  test("help lists what the role may do, and explains one verb", async () => {
    const viewer = await answerOf("/gate help", "viewer");
    if (viewer.kind !== "help") throw new Error(viewer.kind);
    expect(viewer.entries.map(({ path }) => path)).toEqual([
      "help",
      "me",
      "status",
      "list",
      "show",
      "approve",
      "digest",
      "validate",
      "audit",
      "dashboard",
    ]);
    const one = await answerOf("/gate help prioritize");
    expect(one).toMatchObject({
      kind: "help",
      entries: [{ usage: "/gate prioritize TASK PRIORITY [REASON…] [--version N]" }],
    });
    expect(await answerOf("/gate help priortize")).toMatchObject({
      kind: "misunderstood",
      suggestions: ["/gate help prioritize"],
    });
  });

  test("what the role may not do is refused, and changes nothing", async () => {
    const key = await added(open.house);
    expect(await say(`/gate prioritize ${key} P1`, "viewer")).toMatchObject({
      visibility: "caller",
      answer: {
        kind: "refused",
        refusal: { sort: "forbidden", code: "role", expected: "operator", got: "viewer" },
      },
    });
    expect((await open.house.queue.task(key))?.task.priority).toBe("P2");
  });

  test("P0 is asked about first, and done once confirmed", async () => {
    const key = await added(open.house);
    await added(open.house);
    const asked = (await say(`/gate prioritize ${key} P0 a customer waits`)).answer;
    expect(asked).toEqual({
      kind: "confirm",
      question: `P0 puts ${key} before everything else in builder: 1 runnable task comes after it. Do it?`,
      line: `/gate prioritize --version 1 ${key} P0 a customer waits`,
    });
    const line = asked.kind === "confirm" ? asked.line : "";
    expect((await open.house.queue.task(key))?.task.priority).toBe("P2");
    expect(await say(line, "operator", true)).toMatchObject({
      visibility: "channel",
      answer: { kind: "done", task: key },
    });
    expect((await open.house.queue.task(key))?.task.priority).toBe("P0");
    expect((await open.house.log.events({ after: 0, task: key, limit: 9 })).at(-1)).toMatchObject({
      actor: "person:local:someone",
      kind: "task.prioritized",
    });
  });

  test("unblock answers the question; a stale version is refused with what is true now", async () => {
    const key = await added(open.house);
    well(
      await blockTask(
        open.house,
        { key, kind: "question", reason: "Two fonts", question: "Which font?" },
        OPERATOR,
      ),
    );
    expect(await answerOf(`/gate unblock ${key} the licensed one --version 1`)).toMatchObject({
      kind: "refused",
      refusal: { code: "stale-version", expected: 2, got: 1 },
    });
    expect(await answerOf(`/gate unblock ${key} the licensed one`)).toMatchObject({ kind: "done" });
    expect((await open.house.queue.task(key))?.task).toMatchObject({ status: "queued", block: null });
  });

  test("status counts, list shows what is open first, show gives one task and its card", async () => {
    const [first, second] = [await added(open.house, { title: "Cut the intro" }), await added(open.house)];
    await claimed(open.house);
    well(await blockTask(open.house, { key: second, kind: "question", reason: "Unclear" }, OPERATOR));
    expect(await answerOf("/gate status")).toMatchObject({
      kind: "status",
      lanes: [{ name: "builder", living: 1, runnable: 0, capacity: 100 }],
      counts: [
        { status: "active", tasks: 1 },
        { status: "blocked", tasks: 1 },
      ],
    });
    const listed = await answerOf("/gate list");
    expect(answerText(listed)).toBe(
      `${second} Cut the clip — blocked · builder · P2\n${first} Cut the intro — active · builder · P2 · ada`,
    );
    expect(answerText(await answerOf("/gate list intro"))).toContain(first);
    expect(answerText(await answerOf("/gate list --status done"))).toBe("No task fits.");
    expect(await answerOf(`/gate show ${second}`)).toMatchObject({
      kind: "task",
      card: { key: second, status: "blocked" },
    });
    expect(await open.house.outbox.notices({ kind: "task-card", after: 0, limit: 9 })).toMatchObject([
      { task: second },
    ]);
    expect(await answerOf("/gate show GATE-99")).toMatchObject({
      kind: "refused",
      refusal: { sort: "missing" },
    });
  });

  test("prove attaches to the attempt under way, and names the requirement where it must", async () => {
    const twin = { ...TRUE_COMMAND, name: "again" };
    const key = await added(open.house, { requirements: [TRUE_COMMAND, twin] });
    expect(await answerOf(`/gate prove ${key} command:checks`)).toMatchObject({
      refusal: { code: "no-open-attempt" },
    });
    await claimed(open.house);
    expect(await answerOf(`/gate prove ${key} https://example.org/`)).toMatchObject({
      refusal: { code: "proof-unfitting" },
    });
    expect(await answerOf(`/gate prove ${key} command:checks --requirement checks`)).toMatchObject({
      kind: "done",
    });
    expect((await open.house.queue.task(key))?.proofs).toMatchObject([
      { requirement: "checks", attachedBy: "person:local:someone" },
    ]);
  });

  describe("completion", () => {
    const offers = async (line: string, role?: Role) => {
      const { suggestions, from } = await complete(context(role), line);
      return { from, texts: suggestions.map(({ text }) => text) };
    };

    test("of the command, the verbs of the role, and their arguments", async () => {
      const key = await added(open.house, { title: "Cut the intro" });
      const blocked = await added(open.house);
      well(await blockTask(open.house, { key: blocked, kind: "question", reason: "Unclear" }, OPERATOR));
      expect(await offers("/g")).toEqual({ from: 0, texts: ["/gate"] });
      expect((await offers("/gate ", "viewer")).texts).toEqual([
        "help",
        "me",
        "status",
        "list",
        "show",
        "approve",
        "digest",
        "validate",
        "audit",
        "dashboard",
      ]);
      expect(await offers("/gate pr")).toEqual({ from: 6, texts: ["prioritize", "prove"] });
      expect((await offers("/gate pr", "viewer")).texts).toEqual([]);
      expect(await offers("/gate unblock ")).toEqual({ from: 14, texts: [blocked] });
      expect((await offers("/gate prioritize intro")).texts).toEqual([key]);
      expect((await offers(`/gate prioritize ${key} `)).texts).toEqual(["P0", "P1", "P2", "P3", "P4"]);
      expect((await offers("/gate list --st")).texts).toEqual(["--status"]);
      expect((await offers("/gate list --status bl")).texts).toEqual(["blocked"]);
      expect((await offers("/gate list --lane=b")).texts).toEqual(["--lane=builder"]);
      expect((await offers("/gate status ")).texts).toEqual(["builder"]);
      expect((await offers(`/gate prove ${key} command:x --requirement `)).texts).toEqual(["checks"]);
      expect((await offers("/gate pause ")).texts).toEqual(["builder", "ada"]);
      expect((await offers("/gate add Cut it --epic ")).texts).toEqual(["GATE"]);
      expect((await offers("/gate status --sh")).texts).toEqual(["--share"]);
      expect((await offers("/gate cancel --sh")).texts).toEqual([]);
      expect((await offers("hello ")).texts).toEqual([]);
    });
  });
});
