// The two places a queue can be: a file, and a server somewhere else. Every contract test runs on both.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection } from "../../db/connection.ts";
import { type HranaServer, startHranaServer } from "../remote/hrana-server.ts";
import { openTestHouse, seedRoster, type TestHouse, type TestHouseOptions } from "../support/house.ts";

export interface Place {
  readonly url: string;
  /** The database's own file, wherever the store goes to reach it. */
  readonly file: string;
  readonly server: HranaServer | null;
  /** A house on the database; several may be open at once. They are closed with the place, if not before. */
  open(options?: Omit<TestHouseOptions, "url">): Promise<TestHouse>;
  /** Looks at the committed file and writes to it by hand, past the store. */
  readonly outside: Connection;
  /** Every row of every table, so that "nothing was written" can be said in one comparison. */
  dump(): Promise<Readonly<Record<string, readonly string[]>>>;
  remove(): Promise<void>;
}

export const START = Date.UTC(2026, 2, 30, 9);

export const PLACES = ["file", "server"] as const;

export async function makePlace(kind: (typeof PLACES)[number]): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-contract-"));
  const file = join(folder, "queue.db");
  const server = kind === "server" ? await startHranaServer({ file }) : null;
  const url = server?.url ?? `file:${file}`;
  const outside = await Connection.open({ url: `file:${file}`, synchronous: "normal" });
  const open: TestHouse[] = [];
  return {
    url,
    file,
    server,
    outside,
    async open(options = {}) {
      const house = await openTestHouse({ ...options, url });
      open.push(house);
      return house;
    },
    dump: () => dumpOf(outside),
    async remove() {
      for (const house of open) await house.close();
      await outside.close();
      await server?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A place with a house on it whose time stands still at START, and a lane with its agent. */
export async function makeHouse(
  kind: (typeof PLACES)[number],
  options: { readonly capacity?: number } = {},
): Promise<Place & { readonly at: TestHouse }> {
  const place = await makePlace(kind);
  const at = await place.open({ startAt: START });
  await seedRoster(at.house, options);
  return { ...place, at };
}

export async function dumpOf(connection: Connection): Promise<Readonly<Record<string, readonly string[]>>> {
  const [tables = []] = await connection.read([
    // SQLite notes in its own tables that a counter was looked at; the index of titles holds nothing of its own.
    {
      sql: "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY name",
    },
  ]);
  const names = tables.map(({ name }) => String(name));
  const rows = await connection.read(names.map((name) => ({ sql: `SELECT * FROM "${name}"` })));
  return Object.fromEntries(
    names.map((name, index) => [name, (rows[index] ?? []).map((row) => JSON.stringify(row)).toSorted()]),
  );
}
