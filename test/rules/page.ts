// Writes the table of rules into docs/proof-rules.md, from the rules and their bad proofs: `node test/rules/page.ts`. What
// people wrote around the table stays.
import { readFileSync, writeFileSync } from "node:fs";
import { everyRule, type ListedRule } from "./all.ts";

export const RULES_PAGE = new URL("../../docs/proof-rules.md", import.meta.url);
const BEGIN = "<!-- from the rules: node test/rules/page.ts -->";
const END = "<!-- end -->";

/** The page with its table as the rules are now. */
export function rulesPage(page: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/proof-rules.md has no ${BEGIN} … ${END}`);
  const bad = everyRule.reduce((sum, rule) => sum + rule.bad, 0);
  const table = [
    "| kind | rule | bad proofs | its check is in |",
    "|---|---|---|---|",
    ...everyRule.map(row),
    `| all | ${everyRule.length} rules | ${bad} | |`,
  ];
  return `${page.slice(0, from + BEGIN.length)}\n${table.join("\n")}\n${page.slice(to)}`;
}

function row({ kind, name, also, bad, where }: ListedRule): string {
  const files = where.map((place) => `\`${place.replace("adapters/proof/", "")}\``);
  const called = also === undefined ? name : `${name} (also kept by: ${also})`;
  return `| ${kind} | ${called} | ${bad} | ${files.join(", ")} |`;
}

if (import.meta.main) writeFileSync(RULES_PAGE, rulesPage(readFileSync(RULES_PAGE, "utf8")));
