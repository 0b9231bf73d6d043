import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseLine } from "../../src/doors/chat/parse.ts";
import { readRequirements } from "../../src/doors/chat/requirements.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { GATE_PAGE, gatePage } from "../../tools/gate-page.ts";

const page = readFileSync(GATE_PAGE, "utf8");

test("docs/gate.md has the table the catalogue makes: `node tools/gate-page.ts` writes it anew", () => {
  expect(page).toBe(gatePage(page));
  expect(page.match(/^\| `\/gate /gm)).toHaveLength(25);
});

test("every line it shows is understood, and its requirements are some", () => {
  const lines = [...page.matchAll(/^(\/gate .+)$|`(\/gate (?!help COMMAND)[^`|]+? [^`|]+)`(?! \|)/gm)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines) {
    const parsed = parseLine(allVerbs, line);
    expect("fault" in parsed ? parsed.fault : null, line).toBeNull();
    const proof = "input" in parsed && "require" in parsed.input ? parsed.input.require : undefined;
    if (typeof proof === "string") expect(readRequirements(proof), line).toMatchObject({ ok: true });
  }
});
