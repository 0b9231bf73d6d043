import type { Json } from "../json.ts";
import type { Refusal } from "../refusal.ts";
import type { Status } from "../task.ts";
import type { SourceFault } from "./record.ts";

/** Something that came in as something else, how often, and why. */
export interface MappedRows {
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly why: string;
}

/** What an import did, or with `dryRun` would do. `created + unchanged + changed + refused` accounts for every row. */
export interface ImportReport {
  readonly source: string;
  readonly dryRun: boolean;
  readonly rows: number;
  readonly created: number;
  /** Rows an earlier import brought, the same as then. */
  readonly unchanged: number;
  /** Rows an earlier import brought and that changed in the source since: the tasks are left as they are. */
  readonly changed: number;
  readonly refused: readonly SourceFault[];
  readonly mapped: readonly MappedRows[];
  /** Epics added. */
  readonly epics: number;
  readonly dependencies: number;
  readonly links: number;
  /** Of the tasks created. */
  readonly byStatus: { readonly [status in Status]?: number };
}

export interface Tally {
  readonly note: (from: string, to: string, why: string, count?: number) => void;
  readonly list: () => readonly MappedRows[];
}

/** Counts mappings; the same one is listed once, and all of one sort (`status …`, `field …`) together. */
export function tally(): Tally {
  const rows = new Map<string, MappedRows>();
  return {
    note(from, to, why, count = 1) {
      const name = `${from}\n${to}\n${why}`;
      rows.set(name, { from, to, count: (rows.get(name)?.count ?? 0) + count, why });
    },
    list: () => [...Map.groupBy(rows.values(), ({ from }) => from.split(" ", 1)[0]).values()].flat(),
  };
}

const SHOWN = 80;

/** What came, short enough for a report. */
export function shown(value: unknown): Json {
  if (typeof value === "string")
    return value.length > SHOWN ? `${value.slice(0, SHOWN).toWellFormed()}…` : value;
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  if (value === undefined) return null;
  return Array.isArray(value) ? "a list" : "an object";
}

/** A command's refusal, as a row of the report. */
export function refusedRow(
  at: { readonly line: number; readonly id: string },
  refusal: Refusal,
): SourceFault {
  return {
    ...at,
    ...(refusal.field === undefined ? {} : { field: refusal.field }),
    ...(refusal.expected === undefined ? {} : { expected: refusal.expected }),
    ...(refusal.got === undefined ? {} : { got: shown(refusal.got) }),
    why: `${refusal.gate}: ${refusal.code}: ${refusal.hint}`,
  };
}
