export type SqlValue = string | number | null;
export interface Statement {
  readonly sql: string;
  readonly args?: readonly SqlValue[];
}
export type Row = Record<string, string | number | null>;

/**
 * What the owner of the connection asks of a database, embedded or remote. Failures are the client's own LibsqlError; a
 * statement that failed by itself inside a batch is a LibsqlBatchError.
 */
export interface RawClient {
  /** All or nothing, in one transaction: of the rows a write may return, or in one snapshot. */
  batch(statements: readonly Statement[], mode: "read" | "write"): Promise<Row[][]>;
  /** One statement in no transaction. Whether a write by it was kept nobody can say: for PRAGMAs alone. */
  execute(sql: string): Promise<Row[]>;
  /** Takes the write lock and lets it go, in a way that leaves no statement behind where it cannot be had. */
  tryLock(): Promise<void>;
  /** Throws the raw connection away. The next call opens another. */
  reconnect(): void;
  close(): void;
}
