import { randomBytes } from "node:crypto";
import type { Json } from "../src/core/json.ts";
import { type Refusal, refuse } from "../src/core/refusal.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, SqlValue, Statement } from "./connection.ts";
import { writeOnce } from "./once.ts";

/** As with tasks, the event is the ticket: written first where the change may be, and nothing is written without it. */
const admitWhere = (
  guard: string,
): string => `INSERT INTO events (change_id, kind, actor, at, data, request_id)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, :now, j.value -> 3, j.value ->> 4 FROM json_each(?1) j WHERE ${guard}`;

/** Nobody else writes inside this batch, so the last event is its own or there is none. ?1 is the ticket. */
export const ADMITTED =
  "(SELECT change_id FROM events ORDER BY id DESC LIMIT 1) = (SELECT value ->> 0 FROM json_each(?1))";

const STANDS = "SELECT 1 AS cells FROM events WHERE request_id = ?1";
/** Fails where the batch stands already: a link may carry a request out twice. */
const FIRST_TIME = `SELECT json('done before: ' || e.request_id) FROM json_each(?1) j
CROSS JOIN events e ON e.request_id = j.value ->> 4`;

export interface RosterEvent {
  readonly kind: string;
  readonly actor: string;
  readonly data: { readonly [field: string]: Json };
  readonly requestId?: string | undefined;
}

/** Where lanes, epics and agents are read and changed. */
export interface RosterDesk {
  /** The `cells` of each row. */
  read(sql: string, args?: readonly SqlValue[]): Promise<readonly string[]>;
  /**
   * One batch under one event: true where it was written, false where the guard said no. In the guard and in the
   * statements ?1 is the ticket, so their own arguments begin at ?2.
   */
  write(event: RosterEvent, guard: Statement, statements: readonly Statement[]): Promise<boolean>;
}

export function rosterDesk(connection: Connection, clock: QueueClock): RosterDesk {
  const read = async (sql: string, args: readonly SqlValue[] = []): Promise<readonly string[]> => {
    const [rows = []] = await connection.read([{ sql: clock.sql(sql), args }]);
    return rows.map((row) => String(row["cells"]));
  };
  return {
    read,
    async write(event, guard, statements) {
      const token = randomBytes(12).toString("base64url");
      // Only a remote answer can be lost; then the event is found again by this.
      const requestId = event.requestId ?? (connection.remote ? `roster:${token}` : null);
      const ticket = JSON.stringify([[token, event.kind, event.actor, event.data, requestId]]);
      const batch = [
        ...(connection.remote ? [{ sql: FIRST_TIME, args: [] }] : []),
        { sql: admitWhere(guard.sql), args: guard.args },
        ...statements,
        { sql: `SELECT 1 AS written WHERE ${ADMITTED}`, args: [] },
      ].map(({ sql, args }) => ({ sql: clock.sql(sql), args: [ticket, ...(args ?? [])] }));
      const written = await writeOnce(
        async () => ((await connection.write(batch)).at(-1) ?? []).length === 1 || null,
        async () => (await read(STANDS, [requestId])).length === 1 || null,
      );
      return written ?? false;
    },
  };
}

export function taken(field: string, got: string, hint: string): Refusal {
  return refuse("queue-truth", "exists", { field, expected: "one that is free", got, hint });
}
