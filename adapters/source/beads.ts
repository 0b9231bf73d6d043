import { z } from "zod";
import type { ImportRecord, Relation, SourceFault, SourceState } from "../../src/core/import/record.ts";
import { canonicalJson, type Json } from "../../src/core/json.ts";
import { PRIORITIES, type Priority } from "../../src/core/task.ts";
import type { ParsedSource, Source } from "../../src/ports/source.ts";
import { claimedId, contentLines, externalId, type JsonObject, readObject, shapeFault } from "./lines.ts";

const text = z.string().nullish();

/** What this adapter reads of a row; every other field is kept as it is. */
const ROW = z.looseObject({
  id: externalId,
  title: z.string().refine((title) => title.trim() !== "", "a title"),
  description: text,
  acceptance_criteria: text,
  design: text,
  notes: text,
  status: text,
  issue_type: text,
  updated_at: text,
  dependencies: z
    .array(z.looseObject({ issue_id: text, depends_on_id: z.string().min(1), type: text }))
    .nullish(),
});
type Row = z.infer<typeof ROW>;

/** Fields that have a place of their own in a task. Dependencies have one too, but their dates and authors do not. */
const PLACED = new Set([
  "id",
  "title",
  "description",
  "acceptance_criteria",
  "design",
  "notes",
  "status",
  "issue_type",
]);

const STATES: Readonly<Record<string, SourceState>> = {
  open: "open",
  in_progress: "claimed",
  blocked: "blocked",
  closed: "closed",
  tombstone: "deleted",
};
const TYPES = new Set(["task", "bug", "feature", "epic", "chore"]);
const RELATIONS: Readonly<Record<string, Relation["sort"]>> = { blocks: "blocks", "parent-child": "parent" };

/** The issue file of steveyegge/beads: one JSON object a line (`.beads/issues.jsonl`). */
export const beads: Source = {
  name: "beads",
  parse(source): ParsedSource {
    const records: ImportRecord[] = [];
    const faults: SourceFault[] = [];
    for (const line of contentLines(source)) {
      const object = readObject(line);
      if (!object.ok) {
        faults.push(object.fault);
        continue;
      }
      const { row } = object;
      const read = ROW.safeParse(row);
      if (read.success) records.push(recordOf(line.number, row, read.data));
      else faults.push(shapeFault({ line: line.number, ...claimedId(row) }, row, read.error));
    }
    return { records, faults, archive: null };
  },
};

function recordOf(line: number, row: JsonObject, read: Row): ImportRecord {
  const status = read.status ?? "";
  const type = read.issue_type ?? null;
  const priority = priorityOf(row["priority"]);
  const sections = (["design", "notes"] as const).filter((field) => (read[field] ?? "").trim() !== "");
  const changedAt = Date.parse(read.updated_at ?? "");
  return {
    line,
    id: read.id,
    title: read.title,
    body: [read.description ?? "", ...sections.map((field) => `## ${headingOf(field)}\n\n${read[field]}`)]
      .filter((part) => part.trim() !== "")
      .join("\n\n"),
    acceptance: read.acceptance_criteria ?? "",
    state: Object.hasOwn(STATES, status) ? (STATES[status] as SourceState) : "unknown",
    status,
    priority,
    priorityWord: row["priority"] === undefined ? "missing" : JSON.stringify(row["priority"]).slice(0, 40),
    type: type === null ? null : { word: type, known: TYPES.has(type) },
    epic: null,
    isEpic: type === "epic",
    block: null,
    lane: null,
    requirements: null,
    notBefore: null,
    relations: (read.dependencies ?? []).map((dependency) => relationOf(read.id, dependency)),
    changedAt: Number.isNaN(changedAt) ? null : changedAt,
    fields: fieldsOf(row, priority),
    inBody: sections,
    identity: canonicalJson(row),
  };
}

function headingOf(field: string): string {
  return `${field.slice(0, 1).toUpperCase()}${field.slice(1)}`;
}

function priorityOf(value: Json | undefined): Priority | null {
  return typeof value === "number" ? (PRIORITIES[value] ?? null) : null;
}

function fieldsOf(row: JsonObject, priority: Priority | null): { readonly [field: string]: Json } {
  const left = Object.entries(row).filter(
    ([field, value]) => !PLACED.has(field) && value !== null && (field !== "priority" || priority === null),
  );
  return Object.fromEntries(left);
}

function relationOf(id: string, dependency: NonNullable<Row["dependencies"]>[number]): Relation {
  const word = dependency.type ?? "untyped";
  const target = dependency.depends_on_id;
  // An edge that starts at another row is nothing this row may decide.
  if (dependency.issue_id != null && dependency.issue_id !== id) {
    return { sort: "other", word: `of ${dependency.issue_id}: ${word}`, target };
  }
  return {
    sort: Object.hasOwn(RELATIONS, word) ? (RELATIONS[word] as Relation["sort"]) : "other",
    word,
    target,
  };
}
