import { createHash } from "node:crypto";
import { epicKeyOf, freeEpicKey } from "../../src/core/import/epics.ts";
import type { ImportRecord, Relation, SourceFault } from "../../src/core/import/record.ts";
import { shown } from "../../src/core/import/report.ts";
import { canonicalJson } from "../../src/core/json.ts";
import type { Priority } from "../../src/core/task.ts";
import type { ParsedSource, Source } from "../../src/ports/source.ts";
import { contentLines, LINE_MAX, type Line } from "./lines.ts";

const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const ITEM = /^(\s*)(?:[-*+]|\d{1,9}[.)])\s+\[([ xX])\]\s+(.*\S)\s*$/;
const PRIORITY = /\s*[[(](P[0-4])[\])]/;
const ACCEPTANCE = /^acceptance:\s*(.*)$/i;
const DEPENDS = /^depends(?: on)?:\s*(.*\S)\s*$/i;

interface Heading {
  readonly title: string;
  readonly key: string;
}

interface Item {
  readonly line: number;
  readonly indent: number;
  readonly closed: boolean;
  readonly title: string;
  readonly priority: Priority | null;
  readonly epic: Heading | null;
  readonly parent: Item | null;
  readonly body: string[];
  acceptance: string;
  readonly depends: string[];
  readonly id: string;
}

/**
 * A task list: a heading with items under it is an epic, `- [ ] title` a task, `- [x]` one that is called closed. What is
 * indented under an item is its body; `Acceptance: …` and `Depends: …` lines there say what they say. An item indented
 * under another is a task of its own. Every other line is reported.
 */
export const markdown: Source = {
  name: "markdown",
  parse(source): ParsedSource {
    const { items, faults } = readItems(contentLines(source), source.split(/\r?\n/));
    const byTitle = new Map(items.map((item) => [fold(item.title), item.id]));
    return { records: items.map((item) => recordOf(item, byTitle)), faults, archive: null };
  },
};

function readItems(lines: readonly Line[], all: readonly string[]): { items: Item[]; faults: SourceFault[] } {
  const items: Item[] = [];
  const faults: SourceFault[] = [];
  const keys = new Set<string>();
  let heading: Heading | null = null;
  let open: Item[] = [];
  let previous = 0;
  for (const line of lines) {
    const blank = line.number - previous > 1 && all[line.number - 2]?.trim() === "";
    previous = line.number;
    const headed = HEADING.exec(line.text);
    const listed = ITEM.exec(line.text);
    const indent = indentOf(line.text);
    const current = open.at(-1);
    if (line.text.length > LINE_MAX) faults.push(notUnderstood(line, "The line is too long to be one row."));
    else if (headed !== null) {
      heading = headingOf(headed[2] ?? "", keys);
      open = [];
    } else if (listed !== null) {
      open = open.filter((item) => item.indent < indent);
      const item = itemOf(line.number, indent, listed, heading, open.at(-1) ?? null);
      items.push(item);
      open.push(item);
    } else if (current !== undefined && indent > (open[0]?.indent ?? 0)) {
      const owner = open.findLast((item) => item.indent < indent) ?? current;
      addLine(owner, line.text, blank);
    } else {
      open = [];
      faults.push(
        notUnderstood(line, "Neither a heading, nor a task `- [ ] title`, nor indented under one."),
      );
    }
  }
  return { items, faults };
}

function notUnderstood(line: Line, why: string): SourceFault {
  return { line: line.number, field: "line", expected: "- [ ] title", got: shown(line.text), why };
}

function indentOf(text: string): number {
  return (/^\s*/.exec(text)?.[0] ?? "").replaceAll("\t", "    ").length;
}

/** A heading in a script without capital letters has no key in it: its hash stands in. */
function headingOf(title: string, keys: Set<string>): Heading {
  const plain = epicKeyOf(title);
  const key = freeEpicKey(plain === "" ? `E${sha(title).slice(0, 6).toUpperCase()}` : plain, (one) =>
    keys.has(one),
  );
  keys.add(key);
  return { title: title === "" ? key : title, key };
}

function itemOf(
  line: number,
  indent: number,
  match: RegExpExecArray,
  epic: Heading | null,
  parent: Item | null,
): Item {
  const written = match[3] ?? "";
  const priority = (PRIORITY.exec(written)?.[1] as Priority | undefined) ?? null;
  const bare = written.replace(PRIORITY, "").trim();
  const title = bare === "" ? written : bare;
  return {
    line,
    indent,
    closed: match[2] !== " ",
    title,
    priority,
    epic,
    parent,
    body: [],
    acceptance: "",
    depends: [],
    id: `${epic?.key ?? "MARKDOWN"}:${sha(title).slice(0, 16)}`,
  };
}

function addLine(item: Item, text: string, blank: boolean): void {
  const said = text.trim();
  const acceptance = ACCEPTANCE.exec(said);
  const depends = DEPENDS.exec(said);
  if (acceptance !== null)
    item.acceptance = [item.acceptance, acceptance[1] ?? ""].filter(Boolean).join("\n");
  else if (depends !== null) item.depends.push(depends[1] ?? "");
  else {
    if (blank && item.body.length > 0) item.body.push("");
    item.body.push(text);
  }
}

/** The body without the indentation all of its lines share. */
function dedent(lines: readonly string[]): string {
  const common = Math.min(
    ...lines.filter((line) => line !== "").map((line) => /^\s*/.exec(line)?.[0].length ?? 0),
  );
  return lines.map((line) => line.slice(common).trimEnd()).join("\n");
}

function recordOf(item: Item, byTitle: ReadonlyMap<string, string>): ImportRecord {
  const body = item.body.length === 0 ? "" : dedent(item.body);
  const relations: Relation[] = item.depends
    .flatMap((text) => (byTitle.has(fold(text)) ? [text] : text.split(",").map((part) => part.trim())))
    .filter((text) => text !== "")
    .map((text) => ({ sort: "blocks", word: "depends", target: byTitle.get(fold(text)) ?? text }));
  if (item.parent !== null) relations.push({ sort: "parent", word: "parent-child", target: item.parent.id });
  const status = item.closed ? "[x]" : "[ ]";
  const { title, acceptance, priority } = item;
  return {
    line: item.line,
    id: item.id,
    title,
    body,
    acceptance,
    state: item.closed ? "closed" : "open",
    status,
    priority,
    priorityWord: "missing",
    type: null,
    epic: item.epic,
    isEpic: false,
    block: null,
    lane: null,
    requirements: null,
    notBefore: null,
    relations,
    changedAt: null,
    fields: {},
    inBody: [],
    identity: canonicalJson({
      title,
      body,
      acceptance,
      status,
      priority,
      relations: relations.map((one) => ({ ...one })),
    }),
  };
}

function fold(title: string): string {
  return title.trim().toLowerCase();
}

function sha(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
