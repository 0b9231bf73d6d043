// What every test of the way in and out begins with: the real commands on a real store.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exportQueue } from "../../src/commands/export-queue.ts";
import type { House } from "../../src/commands/house.ts";
import { type ImportTasks, importTasks } from "../../src/commands/import-tasks.ts";
import type { ImportReport } from "../../src/core/import/report.ts";
import type { EventRecord } from "../../src/ports/log.ts";
import type { TaskFacts } from "../../src/ports/queue.ts";
import { well } from "../support/story.ts";

export const ZOE = { actor: "person:local:zoe" };
export const PODCAST = readFileSync(join(import.meta.dirname, "fixtures/podcast.jsonl"), "utf8");

export async function imported(
  house: House,
  source: string,
  text: string | Uint8Array,
  options: Partial<ImportTasks> = {},
): Promise<ImportReport> {
  return well(await importTasks(house, { source, text, ...options }, ZOE));
}

export async function exported(house: House): Promise<string[]> {
  const lines: string[] = [];
  await exportQueue(house, (line) => void lines.push(line));
  return lines;
}

/** The task an external id became; fails the test where there is none. */
export async function taskOf(house: House, id: string): Promise<TaskFacts["task"]> {
  const key = await house.imports.byExternalId(id);
  const facts = key === null ? null : await house.queue.task(key);
  if (facts === null) throw new Error(`nothing was imported from ${id}`);
  return facts.task;
}

export async function eventsOf(house: House, key: string): Promise<readonly EventRecord[]> {
  return house.log.events({ after: 0, task: key, limit: 500 });
}

/** What the report says became of something, whatever the reasons: counts by `to`. */
export function mappedFrom(report: ImportReport, from: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of report.mapped) if (one.from === from) counts[one.to] = (counts[one.to] ?? 0) + one.count;
  return counts;
}

export function refusedAt(report: ImportReport, line: number) {
  return report.refused.find((one) => one.line === line);
}
