import type { ArchivedHistory, ArchivedTaskEvent, ArchivedTaskRow } from "../archive.ts";
import type { Block, Status } from "../task.ts";

/** What a plan has to know of the queue as it stands. */
export interface Question {
  readonly origins: readonly { readonly source: string; readonly id: string }[];
  readonly keys: readonly string[];
  readonly epics: readonly string[];
  readonly lanes: readonly string[];
  readonly agents: readonly string[];
  readonly evidence: readonly string[];
}

export const NO_QUESTION: Question = {
  origins: [],
  keys: [],
  epics: [],
  lanes: [],
  agents: [],
  evidence: [],
};

export interface Here {
  /** By `originName`: which task that row became, and the hash of the row as it was then. */
  readonly origins: ReadonlyMap<string, { readonly key: string; readonly hash: string | null }>;
  /** `birth` is the token of the task's first change: it tells a task from another one under the same key. */
  readonly tasks: ReadonlyMap<string, { readonly version: number; readonly birth: string | null }>;
  readonly epics: ReadonlySet<string>;
  readonly lanes: ReadonlySet<string>;
  readonly agents: ReadonlySet<string>;
  /** By evidence, the keys of the tasks it proves where nobody said that it may prove another. */
  readonly proving: ReadonlyMap<string, readonly string[]>;
}

export function originName(source: string, id: string): string {
  return `${source}\n${id}`;
}

/** An epic that is to exist, and how many numbers of it are wanted. */
export interface EpicOrder {
  readonly key: string;
  readonly title: string;
  readonly count: number;
}

/** Some fields of T may be null: that is the moment of writing, by the database's clock. */
type Timed<T, Field extends keyof T> = Omit<T, Field> & { readonly [F in Field]: number | null };

/** Nobody holds what comes in from outside. */
export type ArrivalStatus = Exclude<Status, "offered" | "active" | "verifying">;

export type ArrivalRow = Omit<Timed<ArchivedTaskRow, "createdAt" | "updatedAt">, "status" | "block"> & {
  readonly status: ArrivalStatus;
  readonly block: Timed<Block, "since"> | null;
};

/** `change` null: a token of its own is made. */
export type ArrivalEvent = Omit<Timed<ArchivedTaskEvent, "at">, "change"> & {
  readonly change: string | null;
};

/** A task as it comes in, whole: its row, what hangs on it, and the history it brings. */
export interface Arrival {
  readonly row: ArrivalRow;
  readonly history: Omit<ArchivedHistory, "events"> & { readonly events: readonly ArrivalEvent[] };
}
