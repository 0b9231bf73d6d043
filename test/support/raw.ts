// Hand-written SQL against the same file, as somebody with a database shell would write it: the twins must hold alone.
import { Connection } from "../../db/connection.ts";
import { twinRefusal } from "../../db/twin-refusal.ts";
import type { Refusal } from "../../src/core/refusal.ts";

export type RawConnection = Connection;

export function openRaw(url: string): Promise<Connection> {
  return Connection.open({ url, synchronous: "normal" });
}

/** Null where the database let it happen; the twin's refusal where it aborted. Other errors fail the test. */
export async function tryRaw(
  raw: Connection,
  ...statements: readonly (string | readonly [string, ...(string | number | null)[]])[]
): Promise<Refusal | null> {
  try {
    await raw.write(
      statements.map((statement) =>
        typeof statement === "string" ? { sql: statement } : { sql: statement[0], args: statement.slice(1) },
      ),
    );
    return null;
  } catch (error) {
    const refusal = twinRefusal(error);
    if (refusal === null) throw error;
    return refusal;
  }
}

type Statements = Parameters<typeof tryRaw> extends [unknown, ...infer Rest] ? Rest : never;

/** As `tryRaw`, but undone: the last statement cannot be prepared, so the whole batch is rolled back. */
export async function wouldRaw(raw: Connection, ...statements: Statements): Promise<Refusal | null> {
  try {
    return await tryRaw(raw, ...statements, "SELECT undo_everything()");
  } catch (error) {
    if (error instanceof Error && /no such function: undo_everything/.test(error.message)) return null;
    throw error;
  }
}
