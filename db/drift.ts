import type { Connection } from "./connection.ts";
import { migrations } from "./migrate.ts";

/**
 * How the database differs from what this version made: columns that are missing, added or of another type, and twins
 * (triggers) that somebody dropped or rewrote. Empty where it stands as it should; one sentence each.
 */
export async function schemaDrift(connection: Connection): Promise<readonly string[]> {
  return [...(await columnDrift(connection)), ...(await triggerDrift(connection))];
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

async function triggerDrift(connection: Connection): Promise<readonly string[]> {
  const wanted = new Map<string, string>();
  for (const { statements } of migrations()) {
    for (const { sql } of statements) {
      const dropped = /^DROP TRIGGER (?:IF EXISTS )?(\w+)/.exec(sql)?.[1];
      const made = /^CREATE TRIGGER (\w+)/.exec(sql)?.[1];
      if (dropped !== undefined) wanted.delete(dropped);
      if (made !== undefined) wanted.set(made, plain(sql));
    }
  }
  const [rows = []] = await connection.read([
    { sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'" },
  ]);
  const there = new Map(rows.map((row) => [String(row["name"]), plain(String(row["sql"]))]));
  return [...wanted].flatMap(([name, sql]) => {
    const stands = there.get(name);
    if (stands === undefined) return [`trigger ${name} is missing`];
    return stands === sql ? [] : [`trigger ${name} was rewritten`];
  });
}

function plain(sql: string): string {
  return sql.replace(/\s+/g, " ").replace(/;\s*$/, "").trim();
}
