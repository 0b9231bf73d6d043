import { assert, constantFrom, nat, property, string } from "fast-check";
import { expect, test } from "vitest";
import { lineCheck, pressId, readPress } from "../../adapters/chat/discord/press.ts";

test("a short line stands in the id itself, and comes back whole", () => {
  const press = { wants: "nothing", what: { line: "/gate ack 12" } } as const;
  expect(pressId(press)).toBe("g1:!ack 12");
  expect(readPress("g1:!ack 12")).toEqual(press);
});

test("a line too long for an id has none, and is named by its notice and place instead", () => {
  const line = `/gate unblock CLIP-12 --version 7 "${"because ".repeat(20)}"`;
  expect(pressId({ wants: "nothing", what: { line } })).toBeNull();
  const action = { notice: 123_456, index: 3, check: lineCheck(line) };
  const id = pressId({ wants: "nothing", what: action });
  expect(id).toMatch(/^g1:!#123456\.3\.[\w-]{8}$/);
  expect(readPress(id ?? "")).toEqual({ wants: "nothing", what: action });
});

test("the same line twice in one message has two ids that mean the same", () => {
  const press = { wants: "words", what: { line: "/gate prove CLIP-1" } } as const;
  expect([pressId(press), pressId(press, 1)]).toEqual(["g1:?prove CLIP-1", "g1.1:?prove CLIP-1"]);
  expect(readPress("g1.1:?prove CLIP-1")).toEqual(press);
});

test("what is no id of ours is told apart", () => {
  for (const id of ["", "g1:", "g1:!", "g2:!ack 1", "g1:x ack 1", "g1:!#1.2", "g1:!#1.2.short"])
    expect(readPress(id)).toBeNull();
});

test("every id that is given is at most 100 characters and reads back as what it was made from", () => {
  const wants = constantFrom("nothing", "words", "choice", "yes" as const);
  const words = string({ minLength: 1, maxLength: 120 });
  assert(
    property(wants, words, nat({ max: 40 }), (wanted, said, again) => {
      const press = { wants: wanted as "nothing", what: { line: `/gate ${said}` } };
      const id = pressId(press, again);
      if (id === null) return;
      expect(id.length).toBeLessThanOrEqual(100);
      expect(readPress(id)).toEqual(press);
    }),
  );
});
