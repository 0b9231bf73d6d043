import { invalid, type Refusal } from "../refusal.ts";
import { type EpicOrder, type Here, NO_QUESTION, originName, type Question } from "./arrival.ts";
import { type EpicName, epicsOf } from "./epics.ts";
import { countStatuses, type ImportPlan, type ImportSettings, type PlannedTask } from "./plan.ts";
import type { ImportRecord, SourceFault } from "./record.ts";
import { namedTargets, planRelations } from "./relations.ts";
import { refusedRow, type Tally, tally } from "./report.ts";
import { planRow, type RowPlan, rowHash } from "./row.ts";

export interface RecordInput {
  readonly records: readonly ImportRecord[];
  readonly faults: readonly SourceFault[];
  readonly here: Here;
  readonly settings: ImportSettings;
  /** Rows the store would not take, by id. */
  readonly barred: ReadonlyMap<string, Refusal>;
}

/** What has to be looked up before these rows can be planned. */
export function questionOf(records: readonly ImportRecord[], settings: ImportSettings): Question {
  const { source } = settings;
  const { ids, keys } = namedTargets(records);
  const lanes = records.flatMap(({ lane }) => (lane === null ? [] : [lane]));
  const epics = epicsOf(source, chooseNewest(records, []), () => undefined);
  return {
    ...NO_QUESTION,
    origins: ids.map((id) => ({ source, id })),
    keys,
    epics: [...new Set([...epics.values()].map(({ key }) => key))],
    lanes: [...new Set(lanes)],
  };
}

/** Rows of a foreign source as new tasks: pure, so that a dry run is the same plan. */
export function planRecords(input: RecordInput): ImportPlan {
  const { here, settings } = input;
  const refused: SourceFault[] = [...input.faults];
  const newest = chooseNewest(input.records, refused);
  const keyHere = (id: string): string | undefined => here.origins.get(originName(settings.source, id))?.key;
  const epics = epicsOf(settings.source, newest, keyHere);

  const fresh = new Map<string, ImportRecord>();
  const rows = new Map<string, RowPlan>();
  const counts = { unchanged: 0, changed: 0 };
  for (const record of newest.values()) {
    const known = here.origins.get(originName(settings.source, record.id));
    if (known !== undefined) {
      counts[known.hash === rowHash(record, settings) ? "unchanged" : "changed"] += 1;
      continue;
    }
    const row = judge(record, epicKey(epics, record.id), input);
    if ("gate" in row) refused.push(refusedRow(record, row));
    else {
      fresh.set(record.id, record);
      rows.set(record.id, row);
    }
  }

  const told = tally();
  for (const row of rows.values()) row.tell(told.note);
  const relations = planRelations(input, fresh, epics, told.note);
  const { orders, places } = number(fresh, epics);
  const tasks = relations.order.map((id): PlannedTask => {
    const { row, history } = rows.get(id) as RowPlan;
    const related = relations.of.get(id) ?? { dependsOn: [], links: [] };
    return {
      ref: id,
      line: fresh.get(id)?.line ?? 0,
      key: { nth: places.get(id) ?? 0 },
      row,
      history,
      ...related,
    };
  });
  noteEpics(orders, here, told.note);
  return {
    tasks,
    epics: orders,
    report: {
      source: settings.source,
      rows: input.records.length + input.faults.length,
      created: tasks.length,
      ...counts,
      refused: refused.toSorted((a, b) => a.line - b.line),
      mapped: told.list(),
      epics: orders.filter(({ key }) => !here.epics.has(key)).length,
      dependencies: relations.dependencies,
      links: relations.links,
      byStatus: countStatuses(tasks),
    },
  };
}

/** Of rows with one id the newest counts, and of equally new ones the last; the others are refused by line. */
function chooseNewest(
  records: readonly ImportRecord[],
  refused: SourceFault[],
): ReadonlyMap<string, ImportRecord> {
  const newest = new Map<string, ImportRecord>();
  for (const record of records) {
    const other = newest.get(record.id);
    if (other === undefined || changed(other) <= changed(record)) newest.set(record.id, record);
  }
  for (const record of records) {
    const newer = newest.get(record.id) as ImportRecord;
    if (newer !== record) refused.push(duplicate(record, newer));
  }
  // A row that came to its place by replacing an older one still counts from its own line.
  return new Map([...newest].toSorted(([, a], [, b]) => a.line - b.line));
}

function changed(record: ImportRecord): number {
  return record.changedAt ?? 0;
}

function duplicate(older: ImportRecord, newer: ImportRecord): SourceFault {
  const newerBy = changed(newer) === changed(older) ? "comes later" : "was changed later";
  return {
    line: older.line,
    id: older.id,
    field: "id",
    expected: "one row an id",
    got: older.id,
    why: `Line ${newer.line} has the same id and ${newerBy}: that one counts.`,
  };
}

function judge(record: ImportRecord, epic: string, input: RecordInput): RowPlan | Refusal {
  const barred = input.barred.get(record.id);
  if (barred !== undefined) return barred;
  const { lanes, epics } = input.here;
  if (record.lane !== null && !lanes.has(record.lane)) {
    const hint = `Add it first: gatehouse lane set ${record.lane} --route PROVIDER/MODEL`;
    return invalid("lane", { expected: "one that exists", got: record.lane, hint });
  }
  if (record.epic?.title === null && !epics.has(epic)) {
    const hint = `Add it first: gatehouse epic add ${epic} TITLE`;
    return invalid("epic", { expected: "one that exists", got: epic, hint });
  }
  return planRow(record, epic, input.settings);
}

/** Numbers follow the order of the source, epic by epic. */
function number(
  records: ReadonlyMap<string, ImportRecord>,
  epics: ReadonlyMap<string, EpicName>,
): { readonly orders: readonly EpicOrder[]; readonly places: ReadonlyMap<string, number> } {
  const orders = new Map<string, EpicOrder>();
  const places = new Map<string, number>();
  for (const id of records.keys()) {
    const epic = epics.get(id) as EpicName;
    const count = (orders.get(epic.key)?.count ?? 0) + 1;
    orders.set(epic.key, { key: epic.key, title: orders.get(epic.key)?.title ?? epic.title, count });
    places.set(id, count);
  }
  return { orders: [...orders.values()], places };
}

function epicKey(epics: ReadonlyMap<string, EpicName>, id: string): string {
  return epics.get(id)?.key ?? "";
}

function noteEpics(orders: readonly EpicOrder[], here: Here, note: Tally["note"]): void {
  for (const { key } of orders) {
    if (here.epics.has(key)) note(`epic ${key}`, "the epic of that key", "it is here already");
  }
}
