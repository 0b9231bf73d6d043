import type { Connection } from "./connection.ts";
import { migrations } from "./migrate.ts";

/**
 * How the database differs from what this version made: columns that are missing, added or of another type, and
 * indexes of words and twins (triggers) that somebody dropped or rewrote. Empty where it stands as it should; one sentence each.
 */
export async function schemaDrift(connection: Connection): Promise<readonly string[]> {
  return [...(await columnDrift(connection)), ...(await wordingDrift(connection))];
}

async function columnDrift(connection: Connection): Promise<readonly string[]> {
  // Drizzle and its tables cost a third of a second: only whoever asks this pays for them.
  const [{ getTableConfig, SQLiteTable }, schema] = await Promise.all([
    import("drizzle-orm/sqlite-core"),
    import("./schema.ts"),
  ]);
  const tables = Object.values(schema)
    .filter((table) => table instanceof SQLiteTable)
    .map((table) => getTableConfig(table));
  const found = await connection.read(
    tables.map(({ name }) => ({
      sql: 'SELECT name, type, "notnull" FROM pragma_table_info(?1)',
      args: [name],
    })),
  );
  return tables.flatMap((table, index) => {
    const wanted = new Map(table.columns.map((column) => [column.name, column.getSQLType()]));
    const there = new Map(
      (found[index] ?? []).map((row) => [String(row["name"]), String(row["type"]).toLowerCase()]),
    );
    if (there.size === 0) return [`table ${table.name} is missing`];
    const missing = [...wanted]
      .filter(([name]) => !there.has(name))
      .map(([name]) => `column ${table.name}.${name} is missing`);
    const added = [...there]
      .filter(([name]) => !wanted.has(name))
      .map(([name]) => `column ${table.name}.${name} was added`);
    const other = [...wanted]
      .filter(([name, type]) => there.has(name) && there.get(name) !== type)
      .map(([name, type]) => `column ${table.name}.${name} is ${there.get(name)}, not ${type}`);
    return [...missing, ...added, ...other];
  });
}

/** What is held to its very words: triggers, and the virtual tables drizzle knows nothing of. */
async function wordingDrift(connection: Connection): Promise<readonly string[]> {
  const wanted = new Map<string, string>();
  for (const { statements } of migrations()) {
    for (const { sql } of statements) {
      const dropped = /^DROP TRIGGER (?:IF EXISTS )?(\w+)/.exec(sql)?.[1];
      const [, sort, made] = /^CREATE (TRIGGER|VIRTUAL TABLE) (\w+)/.exec(sql) ?? [];
      if (dropped !== undefined) wanted.delete(`trigger ${dropped}`);
      if (sort !== undefined) wanted.set(`${sort === "TRIGGER" ? "trigger" : "table"} ${made}`, plain(sql));
    }
  }
  const [rows = []] = await connection.read([
    { sql: "SELECT type || ' ' || name AS name, sql FROM sqlite_schema WHERE type IN ('table', 'trigger')" },
  ]);
  const there = new Map(rows.map((row) => [String(row["name"]), plain(String(row["sql"]))]));
  return [...wanted].flatMap(([name, sql]) => {
    const stands = there.get(name);
    if (stands === undefined) return [`${name} is missing`];
    return stands === sql ? [] : [`${name} was rewritten`];
  });
}

function plain(sql: string): string {
  return sql.replace(/\s+/g, " ").replace(/;\s*$/, "").trim();
}
