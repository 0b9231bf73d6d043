import { readdirSync, readFileSync } from "node:fs";
import { Trouble } from "../src/ports/trouble.ts";
import { type Connection, DoubtfulWrite, type Statement } from "./connection.ts";

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly Statement[];
}

const FOLDER = new URL("./migrations/", import.meta.url);

/**
 * Splits a migration into statements. A statement ends with a semicolon at a line's end; a trigger ends with `END;`.
 * That is a rule of our own files, not of SQL: batches take one statement at a time, and triggers hold semicolons.
 */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = [];
  let current: string[] = [];
  for (const line of sql.split("\n")) {
    if (current.length === 0 && (line.trim() === "" || line.startsWith("--"))) continue;
    current.push(line);
    const trigger = /^CREATE TRIGGER/.test(current[0] ?? "");
    if (trigger ? /(^|\s)END;\s*$/.test(line) : /;\s*$/.test(line)) {
      statements.push(current.join("\n"));
      current = [];
    }
  }
  if (current.length > 0) throw new Error(`a migration ends inside a statement: ${current[0]}`);
  return statements;
}

export function migrations(): readonly Migration[] {
  return readdirSync(FOLDER)
    .filter((file) => /^\d{4}-.*\.sql$/.test(file))
    .sort()
    .map((file) => ({
      version: Number(file.slice(0, 4)),
      name: file.slice(5, -4),
      statements: splitStatements(readFileSync(new URL(file, FOLDER), "utf8")).map((sql) => ({ sql })),
    }));
}

/**
 * Brings the database to this version. N processes may start at once on an empty database: each migration is one write
 * batch that inserts its version row first, so the second process fails cleanly and looks again.
 */
export async function migrate(connection: Connection): Promise<void> {
  await connection.write([
    {
      sql: `CREATE TABLE IF NOT EXISTS schema_migrations (
        version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`,
    },
  ]);
  const known = migrations();
  const newest = known.at(-1)?.version ?? 0;
  for (;;) {
    const applied = await appliedVersion(connection);
    if (applied > newest) {
      throw new Trouble(
        "newer-schema",
        `The database has schema ${applied}, this version of Gatehouse knows ${newest}: update Gatehouse, or point GATEHOUSE_DB_URL elsewhere.`,
      );
    }
    const next = known.find((migration) => migration.version > applied);
    if (next === undefined) return;
    try {
      await connection.write([
        {
          sql: "INSERT INTO schema_migrations VALUES (?, ?, CAST(unixepoch('subsec') * 1000 AS INTEGER))",
          args: [next.version, next.name],
        },
        ...next.statements,
      ]);
    } catch (error) {
      // Another process was first, or the answer was lost: either way the version row tells.
      if (!(error instanceof DoubtfulWrite) && (await appliedVersion(connection)) < next.version) throw error;
    }
  }
}

export async function appliedVersion(connection: Connection): Promise<number> {
  const rows = await connection.read([{ sql: "SELECT max(version) AS version FROM schema_migrations" }]);
  return Number(rows[0]?.[0]?.["version"] ?? 0);
}
