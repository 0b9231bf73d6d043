import type { Json } from "../json.ts";
import type { Requirement } from "../proof.ts";
import type { Priority } from "../task.ts";

/**
 * What a source says a row is, in words every source shares. `claimed`: somebody is said to work on it. `unknown` is
 * kept and reported; it never becomes work by itself.
 */
export type SourceState = "open" | "draft" | "claimed" | "blocked" | "closed" | "deleted" | "unknown";

/** What one row says of another. Only `blocks` orders work: this row waits for the target. */
export interface Relation {
  readonly sort: "blocks" | "parent" | "other";
  /** The source's own word for it, such as `discovered-from`. */
  readonly word: string;
  /** The other row's external id, or a task's key here. */
  readonly target: string;
}

/** One row of a source, read and typed but not judged. Everything the row held is in here somewhere. */
export interface ImportRecord {
  /** Counted from 1. */
  readonly line: number;
  /** The source's own id, the same at each import. */
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly acceptance: string;
  readonly state: SourceState;
  /** The source's own word for its state; "" where the row gave none. */
  readonly status: string;
  /** Null where the row named none, or one that is unknown. */
  readonly priority: Priority | null;
  /** What the row said where `priority` is null, for the report. */
  readonly priorityWord: string;
  /** The source's own word for the type; null where the source has no types. */
  readonly type: { readonly word: string; readonly known: boolean } | null;
  /** The epic the row belongs to, where the source names it itself; without a title it must be here already. */
  readonly epic: { readonly key: string; readonly title: string | null } | null;
  /** The row is itself an epic; what names it as parent belongs to it. */
  readonly isEpic: boolean;
  /** Why it is blocked, where the state says so. */
  readonly block: { readonly reason: string; readonly owner: string; readonly question: string } | null;
  readonly lane: string | null;
  /** Null where the row says nothing of a policy. */
  readonly requirements: readonly Requirement[] | null;
  /** Milliseconds since 1970 UTC. */
  readonly notBefore: number | null;
  readonly relations: readonly Relation[];
  /** When the row last changed, in milliseconds since 1970 UTC: of two rows with one id the newer counts. */
  readonly changedAt: number | null;
  /** What has no place of its own in a task, kept beside it as it was. */
  readonly fields: { readonly [field: string]: Json };
  /** Fields whose text was put into the body under a heading. */
  readonly inBody: readonly string[];
  /** The row as one text, the same for the same row: its hash tells whether the row changed since. */
  readonly identity: string;
}

/** A line or a row that cannot come in, and what it would have taken. */
export interface SourceFault {
  readonly line: number;
  readonly id?: string;
  readonly field?: string;
  readonly expected?: Json;
  readonly got?: Json;
  /** One sentence. */
  readonly why: string;
}
