import { ARCHIVE_VERSION, type Archive, type ArchivedTask } from "../../src/core/archive.ts";
import type { SourceFault } from "../../src/core/import/record.ts";
import { shown } from "../../src/core/import/report.ts";
import type { ParsedSource } from "../../src/ports/source.ts";
import { RECORDS, type Read, type RecordName } from "./archive-records.ts";
import { claimedId, type JsonObject, type Line, readObject, shapeFault } from "./lines.ts";

type Filed<Name extends RecordName> = Read<Name> & { readonly line: number };
type Files = { readonly [Name in RecordName]: Filed<Name>[] };

/** The own format behind its header: records of an export, put together task by task. */
export function parseArchive(header: JsonObject, line: number, rest: readonly Line[]): ParsedSource {
  const version = header["version"];
  if (version !== ARCHIVE_VERSION) {
    const why = `The file is of version ${JSON.stringify(shown(version))}; this Gatehouse reads version ${ARCHIVE_VERSION}.`;
    const fault = { line, field: "version", expected: ARCHIVE_VERSION, got: shown(version), why };
    return { records: [], faults: [fault], archive: null };
  }
  const files: Files = {
    lane: [],
    epic: [],
    agent: [],
    task: [],
    attempt: [],
    proof: [],
    event: [],
    announcement: [],
  };
  const faults: SourceFault[] = [];
  const names = new Set<string>();
  for (const one of rest) {
    const fault = file(one, files, names);
    if (fault !== null) faults.push(fault);
  }
  const archive = assemble(files, faults);
  return { records: [], faults, archive };
}

/** Puts one line where it belongs; answers what is wrong with it. */
function file(line: Line, files: Files, names: Set<string>): SourceFault | null {
  const object = readObject(line);
  if (!object.ok) return object.fault;
  const { row } = object;
  const name = row["record"];
  if (typeof name !== "string" || !Object.hasOwn(RECORDS, name)) {
    const expected = Object.keys(RECORDS);
    const why = "After the header each line is one of these records.";
    return { line: line.number, field: "record", expected, got: shown(name), why };
  }
  const at = { line: line.number, ...claimedId(row, "key"), ...claimedId(row, "task") };
  const read = RECORDS[name as RecordName].safeParse(row);
  if (!read.success) return shapeFault(at, row, read.error);
  const own = row["key"] ?? (name === "lane" || name === "agent" ? row["name"] : undefined);
  if (typeof own === "string" && names.has(`${name} ${own}`)) {
    return {
      ...at,
      field: "record",
      expected: `one ${name} of that name`,
      got: own,
      why: `The file has ${name} ${own} twice.`,
    };
  }
  if (typeof own === "string") names.add(`${name} ${own}`);
  const { record: _, ...rest } = read.data;
  (files[name as RecordName] as unknown[]).push({ ...rest, line: line.number });
  return null;
}

function assemble(files: Files, faults: SourceFault[]): Archive {
  const tasks = new Map<string, { readonly line: number } & Mutable>();
  for (const { line, ...row } of files.task) {
    tasks.set(row.key, { line, row, history: { attempts: [], proofs: [], events: [], announcements: [] } });
  }
  const historyOf = (task: string, line: number): Mutable["history"] | null => {
    const found = tasks.get(task);
    if (found !== undefined) return found.history;
    const why = `It belongs to ${task}, which is not in the file or could not be read.`;
    faults.push({ line, id: task, field: "task", expected: "a task of this file", got: task, why });
    return null;
  };
  for (const { line, task, ...attempt } of files.attempt) historyOf(task, line)?.attempts.push(attempt);
  for (const { line, task, ...proof } of files.proof) historyOf(task, line)?.proofs.push(proof);
  for (const { line, task, version, ...event } of files.event) {
    if (task !== null && version !== null) historyOf(task, line)?.events.push({ version, ...event });
  }
  for (const { line, task, ...one } of files.announcement) historyOf(task, line)?.announcements.push(one);
  for (const { history } of tasks.values()) {
    history.attempts.sort((a, b) => a.number - b.number);
    history.events.sort((a, b) => a.version - b.version);
    history.announcements.sort((a, b) => a.version - b.version);
  }
  return {
    lanes: files.lane,
    epics: files.epic,
    agents: files.agent,
    events: files.event
      .filter(({ task }) => task === null)
      .map(({ change, kind, actor, at, data }) => ({ change, kind, actor, at, data })),
    tasks: [...tasks.values()],
  };
}

interface Mutable {
  readonly row: ArchivedTask["row"];
  readonly history: {
    readonly attempts: ArchivedTask["history"]["attempts"][number][];
    readonly proofs: ArchivedTask["history"]["proofs"][number][];
    readonly events: ArchivedTask["history"]["events"][number][];
    readonly announcements: ArchivedTask["history"]["announcements"][number][];
  };
}
