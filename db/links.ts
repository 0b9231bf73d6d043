import type { LinkStore } from "../src/ports/links.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { ADMITTED, type RosterDesk } from "./roster-desk.ts";

const ALL = `SELECT json_array(person, json_group_array(account)) AS cells
FROM (SELECT person, account FROM linked_accounts ORDER BY person, account) GROUP BY person`;
const ACCOUNTS = `SELECT account AS cells FROM linked_accounts
WHERE person = (SELECT person FROM linked_accounts WHERE account = ?1) ORDER BY account`;

/** An account that was offered before has one code at a time; codes nobody used are swept by the way. */
const SWEEP = "DELETE FROM link_codes WHERE expires_at <= :now";
const OFFER = `INSERT INTO link_codes (account, hash, expires_at) VALUES (?1, ?2, :now + ?3)
ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at`;
const OFFERED = "SELECT account AS cells FROM link_codes WHERE hash = ?1 AND expires_at > :now";

/** ?1 is the ticket; ?2 the account that joins, ?3 the hash. */
const STANDS = "SELECT account FROM link_codes WHERE hash = ?3 AND expires_at > :now";
const PERSON = (account: string) =>
  `coalesce((SELECT l.person FROM linked_accounts l WHERE l.account = ${account}), ${account})`;
/** Both sides, whoever they were joined to before, are the person of the one who offered. */
const MERGE = `UPDATE linked_accounts SET person = ${PERSON(`(${STANDS})`)}
WHERE person = (SELECT person FROM linked_accounts WHERE account = ?2) AND ${ADMITTED}`;
const JOIN = `INSERT INTO linked_accounts (account, person, linked_at)
SELECT j.value, ${PERSON(`(${STANDS})`)}, :now FROM json_each(json_array((${STANDS}), ?2)) j WHERE ${ADMITTED}
ON CONFLICT (account) DO NOTHING`;
const USE = `DELETE FROM link_codes WHERE hash = ?3 AND ${ADMITTED}`;

/** ?2 the account. The one that named the others leaves the name to the next. */
const LINKED = "SELECT 1 FROM linked_accounts WHERE account = ?2";
const PART = `DELETE FROM linked_accounts WHERE account = ?2 AND ${ADMITTED}`;
const RENAME = `UPDATE linked_accounts SET person = (SELECT min(l.account) FROM linked_accounts l WHERE l.person = ?2)
WHERE person = ?2 AND ${ADMITTED}`;
const ALONE = `DELETE FROM linked_accounts WHERE ${ADMITTED}
AND person IN (SELECT person FROM linked_accounts GROUP BY person HAVING count(*) = 1)`;

export function linkStore(desk: RosterDesk, connection: Connection, clock: QueueClock): LinkStore {
  return {
    all: async () =>
      (await desk.read(ALL)).map((cells) => {
        const [person, accounts] = JSON.parse(cells) as [string, string[]];
        return { person, accounts };
      }),
    async accountsOf(account) {
      const linked = await desk.read(ACCOUNTS, [account]);
      return linked.length === 0 ? [account] : linked;
    },
    async offer(account, hash, forMs) {
      await connection.writeRepeatable([
        { sql: clock.sql(SWEEP), args: [] },
        { sql: clock.sql(OFFER), args: [account, hash, forMs] },
      ]);
    },
    offeredBy: async (hash) => (await desk.read(OFFERED, [hash]))[0] ?? null,
    async join(account, hash, { actor, requestId }) {
      const other = (await desk.read(OFFERED, [hash]))[0];
      if (other === undefined) return false;
      const event = { kind: "account.linked", actor, data: { account, other }, requestId };
      const args = [account, hash];
      const guard = { sql: `(${STANDS}) = ?4 AND ?2 <> ?4`, args: [...args, other] };
      return desk.write(
        event,
        guard,
        [MERGE, JOIN, USE].map((sql) => ({ sql, args })),
      );
    },
    part(account, actor) {
      const args = [account];
      const event = { kind: "account.parted", actor, data: { account } };
      return desk.write(event, { sql: `EXISTS (${LINKED})`, args }, [
        { sql: PART, args },
        { sql: RENAME, args },
        { sql: ALONE, args: [] },
      ]);
    },
  };
}
