import type { Archive } from "../core/archive.ts";
import type { ImportRecord, SourceFault } from "../core/import/record.ts";

/** A text, read. What could not be read is in `faults`; the two together account for every line. */
export interface ParsedSource {
  /** Rows that are to become new tasks, in the order of the text. */
  readonly records: readonly ImportRecord[];
  readonly faults: readonly SourceFault[];
  /** Only the own format has one: tasks that come with their whole history. */
  readonly archive: Archive | null;
}

/**
 * Something tasks are imported from. `parse` only reads: it never throws for what a text can hold, decides nothing, and
 * asks nobody. One file under `adapters/source/` and one line in its `all.ts`.
 */
export interface Source {
  readonly name: string;
  parse(text: string): ParsedSource;
}
