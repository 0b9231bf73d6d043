import type { BriefFacts, BriefRevision } from "../core/brief.ts";

/** The brief: what agents read, made from a valid queue only. The newest revisions are kept. */
export interface BriefStore {
  facts(): Promise<BriefFacts>;
  /** The newest revision; null where none was ever made. */
  last(): Promise<BriefRevision | null>;
  /** The next revision, made at the database's time; null where `after` (0: none) is no longer the newest. */
  add(
    after: number,
    brief: Pick<BriefRevision, "generatedBy" | "event" | "sha256" | "content">,
  ): Promise<BriefRevision | null>;
  /** Marks a revision as stale because of these codes, or with null as good again. */
  mark(revision: number, staleBecause: readonly string[] | null): Promise<void>;
}

/** The brief as a file beside the database, for agents that read files. */
export interface BriefFile {
  readonly path: string;
  /** Null where there is no file. Throws Trouble where it cannot be read. */
  read(): Promise<string | null>;
  /** Replaces the file as a whole or not at all. Throws Trouble where it cannot be written. */
  write(text: string): Promise<void>;
}
