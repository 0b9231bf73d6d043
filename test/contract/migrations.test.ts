import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrations } from "../../db/migrate.ts";
import { openStore } from "../../db/store.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { makePlace, PLACES, type Place } from "./places.ts";

const STARTERS = 6;
const known = migrations().map(({ version }) => version);
const schema = { applied: known.at(-1), known: known.at(-1) };

async function applied(place: Place): Promise<readonly unknown[]> {
  const [rows = []] = await place.outside.read([{ sql: "SELECT version FROM schema_migrations ORDER BY 1" }]);
  return rows.map((row) => row["version"]);
}

describe.each(PLACES)("a database in a %s", (kind) => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace(kind);
  });
  afterEach(() => place.remove());

  test("gets its schema once, however many processes start on it at the same moment", async () => {
    const starters = Array.from({ length: STARTERS }, () =>
      fork(join(import.meta.dirname, "start-store.ts"), [place.url]),
    );
    const ended = starters.map((starter) => once(starter, "exit"));
    await Promise.all(starters.map((starter) => once(starter, "message")));
    const answers = starters.map(async (starter) => (await once(starter, "message"))[0] as unknown);
    for (const starter of starters) starter.send("go");
    expect(await Promise.all(answers)).toEqual(starters.map(() => ({ schema })));
    expect((await Promise.all(ended)).map(([status]) => status)).toEqual(starters.map(() => 0));
    expect(await applied(place)).toEqual(known);
  });

  test("gets its schema once, however many connections of one process start on it", async () => {
    const stores = await Promise.all(
      Array.from({ length: STARTERS }, () => openStore({ url: place.url, synchronous: "normal" })),
    );
    for (const store of stores) expect(await store.maintenance.schema()).toEqual(schema);
    await Promise.all(stores.map((store) => store.close()));
    expect(await applied(place)).toEqual(known);
  });

  test("is not changed by being opened again", async () => {
    await (await openStore({ url: place.url })).close();
    const before = await place.dump();
    await (await openStore({ url: place.url })).close();
    expect(await place.dump()).toEqual(before);
  });

  test("of a newer schema is refused in a sentence, and left as it is", async () => {
    await (await openStore({ url: place.url })).close();
    await place.outside.write([{ sql: "INSERT INTO schema_migrations VALUES (9999, 'tomorrow', 0)" }]);
    const before = await place.dump();
    const refusal = await openStore({ url: place.url }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Trouble);
    expect(refusal).toMatchObject({
      code: "newer-schema",
      message: expect.stringContaining("update Gatehouse"),
    });
    expect(await place.dump()).toEqual(before);
  });

  test("that failed half-way through a migration has nothing of it", async () => {
    // The name is taken, so the first migration fails in the middle of its statements.
    await place.outside.write([{ sql: "CREATE TABLE notices (mine TEXT)" }]);
    await expect(openStore({ url: place.url })).rejects.toThrow("notices");
    expect(Object.keys(await place.dump())).toEqual(["notices", "schema_migrations"]);
    expect(await applied(place)).toEqual([]);
    await place.outside.write([{ sql: "DROP TABLE notices" }]);
    await (await openStore({ url: place.url })).close();
    expect(await applied(place)).toEqual(known);
  });
});

test("sessions that worked before they were kept stay their agents'", async () => {
  const SESSIONS = 63;
  const place = await makePlace("file");
  const earlier = migrations().filter(({ version }) => version !== SESSIONS);
  await place.outside.write([
    {
      sql: "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT",
    },
    ...earlier.flatMap(({ version, name, statements }) => [
      { sql: "INSERT INTO schema_migrations VALUES (?, ?, 0)", args: [version, name] },
      ...statements,
    ]),
    {
      sql: `INSERT INTO lanes (id, name, provider, model, capacity, lease_ms, heartbeat_ms, created_at, updated_at)
        VALUES (1, 'builder', 'anthropic', 'claude-opus-5', 9, 900000, 300000, 0, 0)`,
    },
    ...["ada", "bob"].map((agent) => ({
      sql: "INSERT INTO agents (name, role, key_hash, created_at) VALUES (?1, 'agent', substr(?1 || hex(zeroblob(32)), 1, 64), 0)",
      args: [agent],
    })),
    { sql: "INSERT INTO agent_lanes SELECT id, 1 FROM agents" },
    {
      sql: `INSERT INTO tasks (id, key, epic_id, lane_id, priority, status, version, ready_at, created_at, updated_at)
        VALUES (1, 'GATE-1', 1, 1, 2, 'queued', 1, 0, 0, 0)`,
    },
    {
      sql: `INSERT INTO attempts (task_id, number, epoch, token, agent_id, lane_id, session, provider, model, started_at,
        lease_ms, lease_expires_at, last_heartbeat_at, policy_hash)
        SELECT 1, 1, 1, 't', id, 1, 's-1', 'anthropic', 'claude-opus-5', 1, 900000, 900001, 1, '' FROM agents WHERE name = 'ada'`,
    },
  ]);
  const { house } = await place.open();
  const [rows = []] = await place.outside.read([
    { sql: "SELECT s.name, g.name AS agent FROM sessions s JOIN agents g ON g.id = s.agent_id" },
  ]);
  expect(rows).toEqual([{ name: "s-1", agent: "ada" }]);
  expect(await applied(place)).toEqual(known);
  const route = { provider: "anthropic", model: "claude-opus-5" };
  expect(await claimTask(house, { lane: "builder", agent: "bob", session: "s-1", route })).toMatchObject({
    ok: false,
    refusal: { code: "session-shared", expected: "ada", got: "bob" },
  });
  await place.remove();
});

describe("a migration on a server", () => {
  test.each([
    "drop-before-execute",
    "drop-after-execute",
    "bad-gateway",
    "bad-gateway-after-execute",
  ] as const)("whose answer is spoilt by %s is made once", async (fault) => {
    const place = await makePlace("server");
    const { server } = place;
    for (const { version } of migrations()) {
      server?.faults.next(fault, new RegExp(`INSERT INTO schema_migrations.*"value":"?${version}[^0-9]`));
    }
    await (await openStore({ url: place.url })).close();
    expect(server?.faults.pending).toBe(0);
    const [rows = []] = await place.outside.read([{ sql: "SELECT version FROM schema_migrations" }]);
    expect(rows.map((row) => row["version"])).toEqual(known);
    await place.remove();
  });
});
