// Writes the table of `/gate` commands into docs/gate.md, from the catalogue: `node tools/gate-page.ts`. What people wrote
// around the table stays.
import { readFileSync, writeFileSync } from "node:fs";
import { catalogue } from "../src/doors/chat/catalogue.ts";
import { allVerbs } from "../src/doors/chat/verbs/all.ts";
import type { CommandEntry } from "../src/ports/chat-catalogue.ts";

export const GATE_PAGE = new URL("../docs/gate.md", import.meta.url);
const BEGIN = "<!-- from the catalogue: node tools/gate-page.ts -->";
const END = "<!-- end -->";

/** The page with its table as the catalogue has it now. */
export function gatePage(page: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/gate.md has no ${BEGIN} … ${END}`);
  const rows = catalogue(allVerbs).map(row);
  const table = ["| command | what it does | for | seen by | asks first |", "|---|---|---|---|---|", ...rows];
  return `${page.slice(0, from + BEGIN.length)}\n${table.join("\n")}\n${page.slice(to)}`;
}

function row({ usage, summary, role, visibility, confirms }: CommandEntry): string {
  const who = visibility === "caller" ? "you" : "all";
  return `| \`${usage.replaceAll("|", String.raw`\|`)}\` | ${summary} | ${role} | ${who} | ${confirms ? "yes" : ""} |`;
}

if (import.meta.main) writeFileSync(GATE_PAGE, gatePage(readFileSync(GATE_PAGE, "utf8")));
