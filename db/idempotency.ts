import { randomBytes } from "node:crypto";
import type { Begun, IdempotencyStore, KeyedRequest } from "../src/ports/idempotency.ts";
import type { QueueClock } from "./clock.ts";
import { coalesce } from "./coalesce.ts";
import type { Connection } from "./connection.ts";

const KEPT_MS = 24 * 60 * 60 * 1000;
/** Longer than any request may take, the wait for a locked database included: after it a silent run is taken for dead. */
const LEASE_MS = 20_000;
const GROUP = 256;

const FORGET = `DELETE FROM idempotency WHERE started_at <= :now - ${KEPT_MS}`;

/** Begins where nothing stands, or takes over from a run that died. [agent, key, fingerprint, token] */
const BEGIN = `INSERT INTO idempotency (agent_id, key, fingerprint, started_at, lease_until, token)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, :now, :now + ${LEASE_MS}, j.value ->> 3 FROM json_each(?1) j WHERE true
ON CONFLICT (agent_id, key) DO UPDATE SET
  tries = tries + (token <> excluded.token), lease_until = excluded.lease_until, token = excluded.token
WHERE status IS NULL AND fingerprint = excluded.fingerprint AND (lease_until <= :now OR token = excluded.token)`;

const LOOK = `SELECT json_array(j.key, i.fingerprint, i.token, i.started_at, i.tries, i.lease_until - :now, i.status, i.body)
  AS cells FROM json_each(?1) j CROSS JOIN idempotency i ON i.agent_id = j.value ->> 0 AND i.key = j.value ->> 1`;

/** [agent, key, token, status, body] */
const ANSWER = `UPDATE idempotency SET status = j.value ->> 3, body = j.value ->> 4 FROM json_each(?1) j
WHERE agent_id = j.value ->> 0 AND idempotency.key = j.value ->> 1 AND token = j.value ->> 2`;

const ABANDON =
  "UPDATE idempotency SET lease_until = 0 WHERE agent_id = ?1 AND key = ?2 AND token = ?3 AND status IS NULL";

interface Answer {
  readonly request: KeyedRequest;
  readonly token: string;
  readonly status: number;
  readonly body: string;
}

/** Each of its writes may be repeated: the token says who wrote. */
export function idempotencyStore(connection: Connection, clock: QueueClock): IdempotencyStore {
  const name = ({ agent, key }: KeyedRequest): string => `${agent} ${key}`;
  const begin = coalesce<KeyedRequest, Begun>((requests) => writeBegins(connection, clock, requests), {
    max: GROUP,
    key: name,
  });
  const answer = coalesce<Answer, void>(
    async (answers) => {
      const rows = answers.map(({ request, token, status, body }) => [
        request.agent,
        request.key,
        token,
        status,
        body,
      ]);
      await connection.writeRepeatable([{ sql: ANSWER, args: [JSON.stringify(rows)] }]);
      return answers.map(() => undefined);
    },
    { max: GROUP, key: (one) => name(one.request) },
  );
  return {
    begin,
    answer: (request, token, { status, body }) => answer({ request, token, status, body }),
    async abandon(request, token) {
      await connection.writeRepeatable([{ sql: ABANDON, args: [request.agent, request.key, token] }]);
    },
  };
}

async function writeBegins(
  connection: Connection,
  clock: QueueClock,
  requests: readonly KeyedRequest[],
): Promise<readonly Begun[]> {
  const tokens = requests.map(() => randomBytes(12).toString("base64url"));
  const rows = requests.map(({ agent, key, fingerprint }, index) => [agent, key, fingerprint, tokens[index]]);
  const args = [JSON.stringify(rows)];
  const results = await connection.writeRepeatable([
    { sql: clock.sql(FORGET) },
    { sql: clock.sql(BEGIN), args },
    { sql: clock.sql(LOOK), args },
  ]);
  const found = new Map<number, readonly unknown[]>();
  for (const row of results[2] ?? []) {
    const [position, ...cells] = JSON.parse(String(row["cells"])) as [number, ...unknown[]];
    found.set(position, cells);
  }
  return requests.map((request, index) =>
    readBegun(found.get(index) ?? [], request, tokens[index] as string),
  );
}

function readBegun(cells: readonly unknown[], request: KeyedRequest, token: string): Begun {
  const [fingerprint, holder, startedAt, tries, leftMs, status, body] = cells as [
    string,
    string,
    number,
    number,
    number,
    number | null,
    string | null,
  ];
  if (fingerprint !== request.fingerprint) return { state: "mismatched" };
  if (status !== null) return { state: "answered", status, body: body ?? "" };
  if (holder === token) return { state: "begun", startedAt, again: tries > 1, token };
  return { state: "running", retryAfterMs: leftMs };
}
