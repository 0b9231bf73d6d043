import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allRules } from "../rules/all.ts";
import { RULES_PAGE, rulesPage } from "../rules/page.ts";

const page = readFileSync(RULES_PAGE, "utf8");

test("docs/proof-rules.md has the rules there are: `node test/rules/page.ts` writes them anew", () => {
  expect(page).toBe(rulesPage(page));
});

test("no two rules of a kind have one name", () => {
  const names = allRules.map(({ kind, name }) => `${kind}: ${name}`);
  expect(new Set(names).size).toBe(names.length);
});
