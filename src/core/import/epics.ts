import { EPIC_KEY, TASK_KEY } from "../task.ts";
import { TITLE_MAX } from "../task-fields.ts";
import { tidyLine } from "../text.ts";
import type { ImportRecord } from "./record.ts";

export interface EpicName {
  readonly key: string;
  readonly title: string;
  /** What led to it. */
  readonly by: "name" | "itself" | "parent" | "prefix";
}

const KEY_MAX = 24;

/** `bd-307` → `BD307`: an id or heading as an epic's key. "" where nothing of it can stand in one. */
export function epicKeyOf(text: string): string {
  const plain = text.toUpperCase().replace(/[^A-Z0-9]/g, "");
  return (/^[0-9]/.test(plain) ? `E${plain}` : plain).slice(0, KEY_MAX);
}

/** The same key with a number, where another has it already: `LAUNCH` → `LAUNCH2`. */
export function freeEpicKey(wanted: string, taken: (key: string) => boolean): string {
  for (let n = 2, key = wanted; ; n += 1) {
    if (!taken(key)) return key;
    key = `${wanted.slice(0, KEY_MAX - String(n).length)}${n}`;
  }
}

/**
 * Which epic each row belongs to: its own where it is one or names one, else the nearest epic up its chain of parents,
 * else the epic of its id's prefix. `keyHere` is the key of the task a row already became: its epic stays.
 */
export function epicsOf(
  source: string,
  records: ReadonlyMap<string, ImportRecord>,
  keyHere: (id: string) => string | undefined,
): ReadonlyMap<string, EpicName> {
  const own = ownEpics(source, records, keyHere);
  const found = new Map<string, EpicName>();
  for (const record of records.values()) {
    const { id, epic } = record;
    const named = epic && { key: epic.key, title: epic.title ?? epic.key, by: "name" as const };
    found.set(id, named ?? own.get(id) ?? nearest(record, records, own) ?? ofPrefix(source, id));
  }
  return found;
}

function ownEpics(
  source: string,
  records: ReadonlyMap<string, ImportRecord>,
  keyHere: (id: string) => string | undefined,
): ReadonlyMap<string, EpicName> {
  const epics = new Map<string, EpicName>();
  const taken = new Set<string>([...records.keys()].map((id) => ofPrefix(source, id).key));
  for (const record of records.values()) {
    if (!record.isEpic) continue;
    const here = keyHere(record.id);
    const wanted = epicKeyOf(record.id);
    const key =
      here !== undefined && TASK_KEY.test(here)
        ? here.slice(0, here.lastIndexOf("-"))
        : freeEpicKey(wanted === "" ? "E" : wanted, (one) => taken.has(one));
    taken.add(key);
    epics.set(record.id, { key, title: cutTitle(tidyLine(record.title)), by: "itself" });
  }
  return epics;
}

/** Breadth first, so that the nearest epic wins; a chain that bites its tail ends where it began. */
function nearest(
  record: ImportRecord,
  records: ReadonlyMap<string, ImportRecord>,
  own: ReadonlyMap<string, EpicName>,
): EpicName | null {
  const seen = new Set([record.id]);
  const waiting = [record.id];
  for (const id of waiting) {
    const epic = own.get(id);
    if (epic !== undefined) return { ...epic, by: "parent" };
    for (const { sort, target } of records.get(id)?.relations ?? []) {
      if (sort !== "parent" || seen.has(target)) continue;
      seen.add(target);
      waiting.push(target);
    }
  }
  return null;
}

function ofPrefix(source: string, id: string): EpicName {
  const prefix = epicKeyOf(id.slice(0, Math.max(0, id.indexOf("-"))));
  const key = EPIC_KEY.test(prefix) ? prefix : epicKeyOf(source);
  return { key, title: `Imported from ${source}`, by: "prefix" };
}

export function cutTitle(title: string): string {
  return title.length > TITLE_MAX
    ? `${title
        .slice(0, TITLE_MAX - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, "")}…`
    : title;
}
