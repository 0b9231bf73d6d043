/** Where the database is. `fileSystem` is null where the system does not say. */
export type DatabasePlace =
  | { readonly kind: "remote"; readonly url: string }
  | { readonly kind: "file"; readonly path: string; readonly fileSystem: string | null };

/** What the database's owner looks after and the doctor looks at. Nothing here decides anything about tasks. */
export interface Maintenance {
  readonly place: DatabasePlace;
  /** The size of the write-ahead log in bytes; null on a remote server, which looks after its own. */
  walBytes(): Promise<number | null>;
  /**
   * Moves the write-ahead log into the database: `passive` as far as nobody is in the way, `truncate` to the end, and
   * the file shrinks. `complete` is false where a reader or writer held some of it back. Nothing on a remote server.
   */
  checkpoint(
    mode: "passive" | "truncate",
  ): Promise<{ readonly complete: boolean; readonly walBytes: number }>;
  /** Forgets answers of keyed requests that are older than a day; how many. */
  forgetAnswers(): Promise<number>;
  /** Writes a row and takes it away again, so that disk, permissions and locks have all been asked. */
  tryWrite(): Promise<void>;
  schema(): Promise<{ readonly applied: number; readonly known: number }>;
  /** How the tables and the gates' triggers differ from what this version made, one sentence each; empty where they do not. */
  drift(): Promise<readonly string[]>;
}
