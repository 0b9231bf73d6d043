import { describe, expect, test } from "vitest";
import { catalogue } from "../../src/doors/chat/catalogue.ts";
import { parseLine } from "../../src/doors/chat/parse.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { type CommandEntry, writeLine } from "../../src/ports/chat-catalogue.ts";

const commands = catalogue(allVerbs);
const each = (of: (command: CommandEntry) => void) => () => commands.forEach(of);

describe("the catalogue as data", () => {
  test("is the twenty-five verbs that were promised, in their order", () => {
    expect(commands.map(({ path }) => path).join(" ")).toBe(
      "help me status list show add block unblock prioritize assign cancel reopen prove approve ack snooze digest " +
        "subscribe unsubscribe pause resume undo validate audit dashboard",
    );
  });

  test("holds to what platforms take as names and descriptions", () => {
    expect(commands.length).toBeLessThanOrEqual(25);
    expect(new Set(commands.map(({ path }) => path)).size).toBe(commands.length);
    for (const { path, summary, arguments: parts } of commands) {
      expect(path).toMatch(/^[a-z-]{1,32}$/);
      expect(summary.length, path).toBeLessThanOrEqual(100);
      expect(parts.length, path).toBeLessThanOrEqual(25);
      for (const { name, about, choices } of parts) {
        expect(name, path).toMatch(/^[-_a-z0-9]{1,32}$/);
        expect(about.length, `${path} ${name}`).toBeGreaterThan(0);
        expect(about.length, `${path} ${name}`).toBeLessThanOrEqual(100);
        expect(choices?.length ?? 0, `${path} ${name}`).toBeLessThanOrEqual(25);
      }
    }
  });

  test(
    "has the required arguments first",
    each(({ path, arguments: parts }) => {
      const needed = parts.map(({ required }) => required);
      expect(needed, path).toEqual(needed.toSorted((a, b) => Number(b) - Number(a)));
    }),
  );

  test(
    "marks a flag as bare, a word of a list as such, and gives tasks their statuses",
    each(({ path, arguments: parts }) => {
      for (const { name, type, bare, choices, statuses, required, place } of parts) {
        const at = `${path} ${name}`;
        expect(bare, at).toBe(type === "flag");
        expect(choices !== null, at).toBe(type === "choice" || type === "priority");
        expect(statuses !== null, at).toBe(type === "task");
        if (bare) expect({ required, place }, at).toEqual({ required: false, place: null });
      }
    }),
  );

  test("is plain data: nothing of it is lost on the way through JSON", () => {
    expect(JSON.parse(JSON.stringify(commands))).toEqual(commands);
  });

  test(
    "lets the caller alone see what only reads, unless it is shared",
    each(({ path, visibility, changes, arguments: parts }) => {
      expect(
        parts.some(({ name }) => name === "share"),
        path,
      ).toBe(!changes);
      // Whose accounts are one person's is nobody else's business, though linking them is a change.
      expect(visibility, path).toBe(changes && path !== "me" ? "channel" : "caller");
    }),
  );
});

describe("a line written from values", () => {
  test.each([
    ["show", { task: "CLIP-12" }, "/gate show --task CLIP-12"],
    [
      "list",
      { runnable: true, lane: "ops", after: 7, epic: undefined, share: false },
      "/gate list --runnable --lane ops --after 7",
    ],
    [
      "ack",
      { contradiction: "12", note: 'he said "no"\\' },
      String.raw`/gate ack --contradiction 12 --note "he said \"no\"\\"`,
    ],
    ["prove", { task: "CLIP-1", link: "" }, '/gate prove --task CLIP-1 --link ""'],
  ])("%s %j", (path, values, line) => expect(writeLine(path, values)).toBe(line));

  test.each([
    "plain",
    "two words",
    "--version 3",
    "quotes \" and “others” and 'these'",
    'a \\ backslash \\" and ="more"',
    "two\nlines",
    "🔵🔵🔵 العربية",
    "—dash",
  ])("is read back as it was: %j", (answer) => {
    const parsed = parseLine(allVerbs, writeLine("unblock", { task: "CLIP-1", answer }));
    expect(parsed).toMatchObject({ input: { task: "CLIP-1", answer } });
  });
});
