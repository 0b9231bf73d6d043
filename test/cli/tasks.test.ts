import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ran, runHere } from "../support/command-line.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { claimed } from "../support/story.ts";

let opened: TestHouse;
const gatehouse = (...args: (string | string[])[]): Promise<Ran> => runHere(opened.house, args.flat());
const REPORT = '{"name":"report","kind":"file","path":"report.txt"}';

beforeAll(async () => {
  opened = await openTestHouse();
  await seedRoster(opened.house);
  await gatehouse("epic", "add", "CLIP", "Clips");
});
afterAll(() => opened.close());

/** A queued task of its own for each test; its key. */
const addTask = async (...more: string[]): Promise<string> => {
  const args = ["--lane", "builder", "--acceptance", "it is there", "--require", REPORT, "--json", ...more];
  return (await gatehouse("task", "add", "Write the report", ...args)).json.key as string;
};

describe("task add", () => {
  it("queues a task with all that was said of it", async () => {
    const first = await addTask();
    const { status, json } = await gatehouse(
      ["task", "add", "Cut the clip", "--epic", "CLIP", "--lane", "builder", "--priority", "p0"],
      ["--acceptance", "it plays", "--depends-on", first, "--not-before", "2030-01-01T00:00:00+01:00"],
      ["--require", REPORT, "--require", '[{"name":"plays","kind":"command","argv":["true"]}]'],
      ["--body", "two\nlines", "--max-attempts", "5", "--json"],
    );

    expect(status).toBe(0);
    expect(json).toMatchObject({
      key: "CLIP-1",
      title: "Cut the clip",
      epic: "CLIP",
      lane: "builder",
      priority: "P0",
      status: "queued",
      version: 1,
      acceptance: "it plays",
      body: "two\nlines",
      dependsOn: [first],
      notBefore: "2029-12-31T23:00:00.000Z",
      limits: { maxAttempts: 5, maxLapses: 10 },
      policy: { requirements: [{ name: "report" }, { name: "plays", argv: ["true"] }] },
    });
  });

  it("says in a line what became of it", async () => {
    const { out, err } = await gatehouse("task", "add", "Think", "--draft");

    expect(out).toMatch(/^GATE-\d+ added: draft, version 1\n$/);
    expect(err).toBe("");
  });

  it("puts the operating system's user on the event", async () => {
    const key = await addTask();

    expect((await opened.house.log.events({ after: 0, task: key, limit: 1 }))[0]).toMatchObject({
      actor: "person:cli:tess",
    });
  });

  it.each([
    ["no lane", ["--acceptance", "x", "--require", REPORT], "lane"],
    ["no acceptance", ["--lane", "builder", "--require", REPORT], "acceptance"],
    ["no requirement", ["--lane", "builder", "--acceptance", "x"], "policy.requirements"],
    ["a lane that is not there", ["--lane", "nowhere", "--acceptance", "x", "--require", REPORT], "lane"],
    ["an epic that is not there", ["--epic", "NONE", "--draft"], "epic"],
    ["a dependency that is not there", ["--depends-on", "GATE-99999", "--draft"], "dependsOn"],
    [
      "a kind nobody checks",
      ["--require", '{"name":"x","kind":"telepathy"}', "--draft"],
      "policy.requirements[0].kind",
    ],
    [
      "a field its kind does not have",
      ["--require", '{"name":"x","kind":"file","pth":"a"}', "--draft"],
      "policy.requirements[0].pth",
    ],
    [
      "two requirements of one name",
      ["--require", `[${REPORT},${REPORT}]`, "--draft"],
      "policy.requirements",
    ],
  ])("refuses %s with status 1, and adds nothing", async (_, args, field) => {
    const before = await opened.house.log.lastEvent();
    const { status, out, err } = await gatehouse("task", "add", "Odd", ...args);

    expect(status).toBe(1);
    expect(out).toBe("");
    expect(err).toMatch(/^refused by (queue-truth|runnable-pull|proof-before-done): [a-z-]+\n/);
    expect(err).toContain(`  field     ${field}\n`);
    expect(err).toMatch(/\n {2}to do {5}\S/);
    expect(await opened.house.log.lastEvent()).toBe(before);
  });

  it.each([
    ["a title that shows something else", "right\u202eleft", "U+202E"],
    ["a title with a control character", "bell\u0007", "U+0007"],
    ["a title of many lines", "two\nlines", "U+000A"],
  ])("refuses %s without printing it", async (_, title, named) => {
    const { status, err } = await gatehouse("task", "add", title, "--draft");

    expect(status).toBe(1);
    expect(err).toContain(named);
    expect(err).not.toMatch(/[^\P{C}\n]/u);
  });

  it("welcomes emoji and scripts from right to left", async () => {
    const { json } = await gatehouse("task", "add", "🎬 חתוך את הקליפ", "--draft", "--json");

    expect(json.title).toBe("🎬 חתוך את הקליפ");
  });

  it.each([
    ["[{]", 'That is not JSON: at position 3 it has "]" where a name in double quotes is expected.'],
    ["{name:'x'}", 'That is not JSON: at position 2 it has "n" where a name in double quotes is expected.'],
    ['{"name":"x"', "That is not JSON: at position 12 it has the end where a comma or } is expected."],
    ["report", 'That is not JSON: at position 1 it has "r" where a value is expected.'],
    ["", "That is not JSON: at position 1 it has the end where a value is expected."],
    ['"report"', "A requirement is an object with a name and a kind"],
    ['{"name":"x"}', 'has no text in "kind"'],
    ['[{"name":"x","kind":"file"},{"kind":"file"}]', '(number 2 of the array) has no text in "name"'],
  ])("takes --require %s for wrong usage, in words", async (json, words) => {
    const { status, err } = await gatehouse("task", "add", "Odd", "--require", json);

    expect(status).toBe(2);
    expect(err).toContain(words);
  });
});

describe("task list", () => {
  it("shows aligned columns, the same on a screen and in a pipe", async () => {
    const key = await addTask("--priority", "P1");
    const { status, out } = await gatehouse("task", "list", "--text", key);
    const [head, row] = out.trimEnd().split("\n");

    expect(status).toBe(0);
    expect(head).toMatch(/^KEY +PRIORITY {2}STATUS +LANE +TITLE +HELD BY$/);
    expect(row).toMatch(new RegExp(`^${key} +P1 +queued \\(runnable\\) +builder +Write the report$`));
    expect(row!.indexOf("P1")).toBe(head!.indexOf("PRIORITY"));
    expect(out).not.toMatch(/[^\P{C}\n]/u);
  });

  it("filters, and goes on after a page", async () => {
    const { json: all } = await gatehouse("task", "list", "--status", "queued", "--epic", "GATE", "--json");
    const first = await gatehouse(
      "task",
      "list",
      "--status",
      "queued",
      "--epic",
      "GATE",
      "--limit",
      "1",
      "--json",
    );
    const rest = await gatehouse([
      "task",
      "list",
      "--status",
      "queued",
      "--epic",
      "GATE",
      "--after",
      first.json.nextCursor,
      "--json",
    ]);

    expect(first.json.tasks).toHaveLength(1);
    expect([...first.json.tasks, ...rest.json.tasks]).toEqual(all.tasks);
    expect(all.tasks.every((task: { status: string }) => task.status === "queued")).toBe(true);
    const page = await gatehouse("task", "list", "--limit", "1");
    expect(page.err).toBe(`There are more: --after ${first.json.nextCursor}\n`);
  });

  it("takes a status that does not exist for wrong usage", async () => {
    const { status, err } = await gatehouse("task", "list", "--status", "finished");

    expect(status).toBe(2);
    expect(err).toContain("Allowed choices are draft, queued");
  });
});

describe("task why", () => {
  it("says what a queued task waits for, and that nothing keeps a runnable one", async () => {
    const first = await addTask();
    const key = await addTask("--depends-on", first);
    expect((await gatehouse("task", "why", key)).out).toBe(
      `${key} is queued.\n- ${first} is queued, not done\n`,
    );
    expect((await gatehouse("task", "why", first)).out).toBe(
      `${first} is queued.\n- Nothing: an agent of lane builder may pull it now.\n`,
    );
    expect((await gatehouse("task", "why", key, "--json")).json).toMatchObject({
      task: key,
      status: "queued",
      why: [{ code: "dependency", detail: `${first} is queued, not done` }],
    });
  });

  it("says of a held task what each requirement still lacks", async () => {
    const key = await addTask("--priority", "P0");
    await claimed(opened.house, "s-why");
    const { out } = await gatehouse("task", "why", key);
    expect(out).toBe(`${key} is active, held by ada.\n- "report" (file) has no proof yet.\n`);
  });

  it("refuses a task that is not there", async () => {
    expect(await gatehouse("task", "why", "CLIP-999")).toMatchObject({ status: 1 });
  });
});

describe("task show", () => {
  it("tells the whole story, and why the task waits", async () => {
    const first = await addTask();
    const key = await addTask("--depends-on", first);
    const { out } = await gatehouse("task", "show", key);

    expect(out).toContain(`${key}  Write the report`);
    expect(out).toMatch(new RegExp(`waits for +${first} is queued, not done`));
    expect(out).toMatch(/requires +report: file \{"path":"report.txt"\}/);
    expect(out).toMatch(/task\.added +person:cli:tess/);
    const { json } = await gatehouse("task", "show", key, "--json");
    expect(json).toMatchObject({
      key,
      runnable: false,
      why: [{ code: "dependency" }],
      attempts: [],
      proofs: [],
    });
    expect(json.events).toMatchObject([{ kind: "task.added" }]);
  });

  it("says what is missing of a key that is none", async () => {
    const { status, err } = await gatehouse("task", "show", "CLIP-404");

    expect(status).toBe(1);
    expect(err).toContain("refused by queue-truth: not-found\n  field     task\n  got       CLIP-404\n");
    expect(err).toContain("gatehouse task list");
  });
});

describe("task edit", () => {
  it("changes what is said and leaves the rest", async () => {
    const key = await addTask("--not-before", "2030-01-01T00:00:00Z");
    const { json } = await gatehouse("task", "edit", key, "--title", "Write it", "--any-time", "--json");

    expect(json).toMatchObject({ title: "Write it", notBefore: null, acceptance: "it is there", version: 2 });
  });

  it("takes a task out of the queue and puts it back", async () => {
    const key = await addTask();

    expect((await gatehouse("task", "edit", key, "--draft")).out).toBe(`${key} edited: draft, version 2\n`);
    expect((await gatehouse("task", "edit", key, "--queue")).out).toBe(`${key} edited: queued, version 3\n`);
  });

  it("refuses a change based on a stale version", async () => {
    const key = await addTask();
    await gatehouse("task", "prioritize", key, "P0");
    const { status, err } = await gatehouse("task", "edit", key, "--title", "Late", "--version", "1");

    expect(status).toBe(1);
    expect(err).toContain("refused by queue-truth: stale-version\n");
    expect(err).toContain("  expected  2\n  got       1\n");
  });

  it("refuses a task that waits for itself", async () => {
    const key = await addTask();
    const { status, err } = await gatehouse("task", "edit", key, "--depends-on", key);

    expect(status).toBe(1);
    expect(err).toContain("dependency-cycle");
  });

  it.each([
    [[], "Say what to change"],
    [["--draft", "--queue"], "--draft and --queue cannot both be said"],
    [
      ["--any-time", "--not-before", "2030-01-01T00:00:00Z"],
      "--not-before and --any-time cannot both be said",
    ],
    [["--independent", "--depends-on", "GATE-1"], "--depends-on and --independent cannot both be said"],
    [["--not-before", "tomorrow"], "It takes a time in ISO 8601"],
    [["--not-before", "2030-01-01T00:00:00"], "with its offset"],
    [["--not-before", "2030-02-30T00:00:00Z"], "It takes a time in ISO 8601"],
    [["--priority", "P5"], "It takes one of P0, P1, P2, P3, P4"],
    [["--version", "two"], "It takes a whole number"],
  ])("takes %o for wrong usage", async (args, words) => {
    const key = await addTask();
    const { status, err } = await gatehouse("task", "edit", key, ...args);

    expect(status).toBe(2);
    expect(err).toContain(words);
  });
});

describe("the ways of a task", () => {
  it("block with a question, unblock with its answer", async () => {
    const key = await addTask();
    const blocked = await gatehouse(
      ["task", "block", key, "--reason", "two spellings", "--question", "Which?", "--owner", "kim"],
      ["--choice", "a", "--choice", "b", "--json"],
    );

    expect(blocked.json).toMatchObject({
      status: "blocked",
      block: {
        kind: "question",
        reason: "two spellings",
        question: "Which?",
        owner: "kim",
        choices: ["a", "b"],
      },
    });
    expect((await gatehouse("task", "show", key)).out).toMatch(/question +Which\? \(a \/ b\) — asked of kim/);
    expect((await gatehouse("task", "unblock", key, "--reason", "a")).out).toBe(
      `${key} unblocked: queued, version 3\n`,
    );
  });

  it("cancel with a reason, and nothing leads back", async () => {
    const key = await addTask();

    expect((await gatehouse("task", "cancel", key, "--reason", "not needed")).status).toBe(0);
    const again = await gatehouse("task", "unblock", key, "--reason", "oh well");
    expect(again.status).toBe(1);
    expect(again.err).toContain("refused by queue-truth: transition\n");
  });

  it.each(["reopen", "requeue"])("%s only from where it leads", async (verb) => {
    const key = await addTask();
    const { status, err } = await gatehouse("task", verb, key, "--reason", "x");

    expect(status).toBe(1);
    expect(err).toContain("refused by queue-truth");
    expect((await gatehouse("task", "show", key, "--json")).json).toMatchObject({
      status: "queued",
      version: 1,
    });
  });

  it("prioritize", async () => {
    const key = await addTask();

    expect((await gatehouse("task", "prioritize", key, "p0", "--reason", "a customer waits")).out).toBe(
      `${key} is P0: queued, version 2\n`,
    );
  });

  it.each(["block", "unblock", "cancel", "reopen", "requeue"])("%s asks for a reason", async (verb) => {
    const { status, err } = await gatehouse("task", verb, "GATE-1");

    expect(status).toBe(2);
    expect(err).toContain("required option '--reason <text>' not specified");
  });
});
