import { readdirSync, readFileSync } from "node:fs";
import { Trouble } from "../src/ports/trouble.ts";
import type { Connection, Statement } from "./connection.ts";
import { writeOnce } from "./once.ts";

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
function splitStatements(sql: string): readonly string[] {
  const statements: string[] = [];
  let current: string[] = [];
  for (const line of sql.split("\n")) {
    if (current.length === 0 && (line.trim() === "" || line.startsWith("--"))) continue;
    current.push(line);
    const trigger = (current[0] ?? "").startsWith("CREATE TRIGGER");
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
    .toSorted()
    .map((file) => ({
      version: Number(file.slice(0, 4)),
      name: file.slice(5, -4),
      statements: splitStatements(readFileSync(new URL(file, FOLDER), "utf8")).map((sql) => ({ sql })),
    }));
}

/**
 * Brings the database to this version: what it does not have is made, in order, also where a later one was made before.
 * N processes may start at once on an empty database: each migration is one write batch that inserts its version row
 * first, so the second process fails cleanly and looks again.
 */
export async function migrate(connection: Connection): Promise<void> {
  await makeRegister(connection);
  const known = migrations();
  const newest = known.at(-1)?.version ?? 0;
  for (;;) {
    const applied = await appliedVersions(connection);
    const last = Math.max(0, ...applied);
    if (last > newest) {
      throw new Trouble(
        "newer-schema",
        `The database has schema ${last}, this version of Gatehouse knows ${newest}: update Gatehouse, or point GATEHOUSE_DB_URL elsewhere.`,
      );
    }
    const next = known.find(({ version }) => !applied.has(version));
    if (next === undefined) return;
    await apply(connection, next);
  }
}

/** A database that has it already is only looked at, so that a start changes nothing and waits for nobody. */
async function makeRegister(connection: Connection): Promise<void> {
  const [found = []] = await connection.read([
    { sql: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'" },
  ]);
  if (found.length > 0) return;
  await connection.writeRepeatable([
    {
      sql: `CREATE TABLE IF NOT EXISTS schema_migrations (
        version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`,
    },
  ]);
}

async function apply(connection: Connection, { version, name, statements }: Migration): Promise<void> {
  const stands = async (): Promise<true | null> =>
    (await appliedVersions(connection)).has(version) ? true : null;
  const register = {
    sql: "INSERT INTO schema_migrations VALUES (?, ?, CAST(unixepoch('subsec') * 1000 AS INTEGER))",
    args: [version, name],
  };
  try {
    await writeOnce(async () => {
      await connection.write([register, ...statements]);
      return true;
    }, stands);
  } catch (error) {
    // Another process was first: the version row tells.
    if ((await stands()) === null) throw error;
  }
}

/** The newest. */
export async function appliedVersion(connection: Connection): Promise<number> {
  return Math.max(0, ...(await appliedVersions(connection)));
}

async function appliedVersions(connection: Connection): Promise<ReadonlySet<number>> {
  const [rows = []] = await connection.read([{ sql: "SELECT version FROM schema_migrations" }]);
  return new Set(rows.map((row) => Number(row["version"])));
}
