import { createHash } from "node:crypto";
import { z } from "zod";
import { ARCHIVE_FORMAT } from "../../src/core/archive.ts";
import type { ImportRecord, SourceFault } from "../../src/core/import/record.ts";
import { canonicalJson } from "../../src/core/json.ts";
import type { Requirement } from "../../src/core/proof.ts";
import { DEFAULT_EPIC, EPIC_KEY, PRIORITIES } from "../../src/core/task.ts";
import type { ParsedSource, Source } from "../../src/ports/source.ts";
import { parseArchive } from "./archive.ts";
import { claimedId, contentLines, externalId, type JsonObject, readObject, shapeFault } from "./lines.ts";

const requirement = z.looseObject({ name: z.string().min(1), kind: z.string().min(1) });

/** The body of POST /v1/tasks, with an id of one's own if there is one. */
const PLAIN = z.strictObject({
  id: externalId.optional(),
  title: z.string().refine((title) => title.trim() !== "", "a title"),
  body: z.string().optional(),
  acceptance: z.string().optional(),
  epic: z.string().regex(EPIC_KEY, "a key such as CLIP").optional(),
  lane: z.string().min(1).optional(),
  priority: z.enum(PRIORITIES).optional(),
  dependsOn: z.array(z.string().min(1)).optional(),
  notBefore: z.iso.datetime({ offset: true, error: "an ISO 8601 time with its offset" }).optional(),
  policy: z.strictObject({ requirements: z.array(requirement) }).optional(),
  draft: z.boolean().optional(),
});

/**
 * The own format: an export, which begins with its header and comes back as it was; or plain lines, one new task each,
 * written by hand.
 */
export const jsonl: Source = {
  name: "jsonl",
  parse(source): ParsedSource {
    const lines = contentLines(source);
    const [first, ...rest] = lines;
    const header = first === undefined ? null : readObject(first);
    if (first !== undefined && header?.ok === true && header.row["format"] === ARCHIVE_FORMAT) {
      return parseArchive(header.row, first.number, rest);
    }
    const records: ImportRecord[] = [];
    const faults: SourceFault[] = [];
    for (const line of lines) {
      const object = readObject(line);
      if (!object.ok) {
        faults.push(object.fault);
        continue;
      }
      const { row } = object;
      const read = PLAIN.safeParse(row);
      if (read.success) records.push(recordOf(line.number, row, read.data));
      else faults.push(shapeFault({ line: line.number, ...claimedId(row) }, row, read.error));
    }
    return { records, faults, archive: null };
  },
};

function recordOf(line: number, row: JsonObject, read: z.infer<typeof PLAIN>): ImportRecord {
  const epic = read.epic ?? DEFAULT_EPIC;
  return {
    line,
    id: read.id ?? `${epic}:${createHash("sha256").update(read.title).digest("hex").slice(0, 16)}`,
    title: read.title,
    body: read.body ?? "",
    acceptance: read.acceptance ?? "",
    state: read.draft === true ? "draft" : "open",
    status: read.draft === true ? "draft" : "open",
    priority: read.priority ?? null,
    priorityWord: "missing",
    type: null,
    epic: { key: epic, title: null },
    isEpic: false,
    block: null,
    lane: read.lane ?? null,
    requirements: (read.policy?.requirements as readonly Requirement[] | undefined) ?? null,
    notBefore: read.notBefore === undefined ? null : Date.parse(read.notBefore),
    relations: (read.dependsOn ?? []).map((target) => ({ sort: "blocks", word: "dependsOn", target })),
    changedAt: null,
    fields: {},
    inBody: [],
    identity: canonicalJson(row),
  };
}
