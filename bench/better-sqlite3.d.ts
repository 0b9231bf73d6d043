/** What the limit's process uses of better-sqlite3, which ships no types. */
declare module "better-sqlite3" {
  interface Statement {
    run(...values: unknown[]): { readonly changes: number };
    get(...values: unknown[]): Record<string, unknown> | undefined;
    all(...values: unknown[]): Record<string, unknown>[];
  }
  class Database {
    constructor(path: string);
    readonly name: string;
    prepare(sql: string): Statement;
    exec(sql: string): void;
    pragma(sql: string): unknown;
    transaction<Work extends (...values: never[]) => unknown>(work: Work): Work;
    close(): void;
  }

  export { Database };
  export default Database;
}
