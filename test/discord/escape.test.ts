import { array, assert, constantFrom, integer, oneof, property, string } from "fast-check";
import { expect, test } from "vitest";
import { block, code, line, plain } from "../../adapters/chat/discord/escape.ts";

test.each([
  ["*bold* _it_ ~~no~~ `code` ||hidden||", String.raw`\*bold\* \_it\_ \~\~no\~\~ \`code\` \|\|hidden\|\|`],
  ["@everyone <@123456789012345678> <#1>", String.raw`\@everyone \<\@123456789012345678> \<#1>`],
  ["[bank](https://evil.example/x)", String.raw`\[bank\](<https://evil.example/x>)`],
  ["https://good.example@evil.example/", String.raw`https\://good.example\@evil.example/`],
  ["see https://a.example/b_c*d.", "see <https://a.example/b_c*d>."],
  ["# heading", String.raw`\# heading`],
  ["1. first", String.raw`1\. first`],
  ["12:30 is fine, so is CLIP-1 #3", "12:30 is fine, so is CLIP-1 #3"],
  ["a\u202eb\u200bc\u0007d", "abc d"],
  ["👩‍💻 stays", "👩‍💻 stays"],
  ["🔵🔵🔵 AUTO-COMPLETE CLIP-1", "🔹🔹🔵 AUTO-COMPLETE CLIP-1"],
  ["🔵\u200b🔵 🔵 AUTO-COMPLETE", "🔹🔹 🔵 AUTO-COMPLETE"],
])("%j is shown as its own characters", (words, shown) => {
  expect(line(words)).toBe(shown);
});

test("lines of a block cannot become headings, lists, quotes or small print", () => {
  expect(block("# a\n- b\n> c\n-# d\n1. e\nf")).toBe(
    ["# a", "- b", "> c", "-# d"].map((each) => `\\${each}`).join("\n") + "\n1\\. e\nf",
  );
});

test("an address is cut off whole: half of one would name another host", () => {
  expect(line(`look at https://a.example.evil.test/${"x".repeat(50)}`, 30)).toBe("look at…");
});

test("code holds whatever is in it", () => {
  expect(code("a`b")).toBe("`aˋb`");
  expect(code("")).toBe("");
});

test("whatever is written, nothing in it is an unescaped sign, hidden, or longer than twice its limit", () => {
  const words = string({ unit: "binary", maxLength: 400 });
  const nasty = array(
    constantFrom(
      "*",
      "_",
      "`",
      "@everyone",
      "<@1>",
      "[a](b)",
      "https://x.y/",
      "🔵",
      "\u202e",
      "\n",
      " ",
      "\\",
    ),
  );
  assert(
    property(
      oneof(
        words,
        nasty.map((parts) => parts.join("")),
      ),
      integer({ min: 10, max: 300 }),
      (said, max) => {
        const shown = line(said, max);
        const rest = shown.replaceAll(/<https?:\/\/[^\s<>]+>/gu, "").replaceAll(/\\[^0-9A-Za-z\s]/gu, "");
        expect(rest).not.toMatch(/[*_~`|[\]<@\u202e\u200b]/u);
        expect(shown).not.toMatch(/🔵\s*🔵/u);
        expect(plain(said, max).length).toBeLessThanOrEqual(max);
      },
    ),
  );
});
