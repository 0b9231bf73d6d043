import { randomBytes } from "node:crypto";
import type { Json } from "../src/core/json.ts";
import { invalid, missing, type Refusal, refuse } from "../src/core/refusal.ts";
import { LANE_DEFAULTS } from "../src/core/roster.ts";
import type { AgentRecord, RosterStore } from "../src/ports/roster.ts";
import type { QueueClock } from "./clock.ts";
import { coalesce } from "./coalesce.ts";
import { type Connection, DoubtfulWrite, type SqlValue, type Statement } from "./connection.ts";
import {
  AGENT_BY_NAME,
  AGENTS,
  AGENTS_BY_KEY,
  EPIC_BY_KEY,
  EPICS,
  LANE_BY_NAME,
  LANES,
  readAgent,
  readEpic,
  readEpicCounts,
  readLane,
  readLaneCounts,
} from "./roster-rows.ts";

/** As with tasks, the event is the ticket: written first where the change may be, and nothing is written without it. */
const admitWhere = (
  guard: string,
): string => `INSERT INTO events (change_id, kind, actor, at, data, request_id)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, :now, j.value -> 3, j.value ->> 4 FROM json_each(?1) j WHERE ${guard}`;
/** Nobody else writes inside this batch, so the last event is its own or there is none. ?1 the same JSON. */
const ADMITTED =
  "(SELECT change_id FROM events ORDER BY id DESC LIMIT 1) = (SELECT value ->> 0 FROM json_each(?1))";

const MAY_SET_LANE = "?3 IS NOT NULL OR EXISTS (SELECT 1 FROM lanes WHERE name = ?2)";
const SET_LANE = `INSERT INTO lanes (name, provider, model, capacity, lease_ms, heartbeat_ms, dispatch, created_at, updated_at)
SELECT ?2, coalesce(?3, l.provider), coalesce(?4, l.model), coalesce(?5, l.capacity, ?9), coalesce(?6, l.lease_ms, ?10),
  coalesce(?7, l.heartbeat_ms, ?11), coalesce(?8, l.dispatch, ?12), :now, :now
FROM (SELECT 1) LEFT JOIN lanes l ON l.name = ?2 WHERE ${ADMITTED}
ON CONFLICT (name) DO UPDATE SET provider = excluded.provider, model = excluded.model, capacity = excluded.capacity,
  lease_ms = excluded.lease_ms, heartbeat_ms = excluded.heartbeat_ms, dispatch = excluded.dispatch,
  version = lanes.version + 1, updated_at = excluded.updated_at`;

const MAY_PAUSE_LANE = "EXISTS (SELECT 1 FROM lanes WHERE name = ?2 AND paused_reason IS NOT ?3)";
const PAUSE_LANE = `UPDATE lanes SET paused_at = CASE WHEN ?3 IS NULL THEN NULL ELSE :now END, paused_reason = ?3,
  version = version + 1, updated_at = :now WHERE name = ?2 AND ${ADMITTED}`;

const MAY_ADD_EPIC = "NOT EXISTS (SELECT 1 FROM epics WHERE key = ?2)";
const ADD_EPIC = `INSERT INTO epics (key, title, goal, created_at) SELECT ?2, ?3, ?4, :now WHERE ${ADMITTED}`;

const MAY_ADD_AGENT = `NOT EXISTS (SELECT 1 FROM agents WHERE name = ?2)
  AND NOT EXISTS (SELECT 1 FROM json_each(?3) n WHERE n.value NOT IN (SELECT name FROM lanes))`;
const ADD_AGENT = `INSERT INTO agents (name, role, key_hash, created_at) SELECT ?2, ?3, ?4, :now WHERE ${ADMITTED}`;
const GRANT_LANES = `INSERT INTO agent_lanes (agent_id, lane_id)
SELECT g.id, l.id FROM json_each(?3) n CROSS JOIN lanes l ON l.name = n.value CROSS JOIN agents g ON g.name = ?2
WHERE ${ADMITTED}`;

/** Revoked is for good; pausing what is paused, or resuming what runs, changes nothing. */
const SET_AGENT = {
  pause: { kind: "agent.paused", set: "paused_at = :now", may: "paused_at IS NULL AND revoked_at IS NULL" },
  resume: {
    kind: "agent.resumed",
    set: "paused_at = NULL",
    may: "paused_at IS NOT NULL AND revoked_at IS NULL",
  },
  revoke: { kind: "agent.revoked", set: "revoked_at = :now", may: "revoked_at IS NULL" },
} as const;

interface RosterEvent {
  readonly kind: string;
  readonly actor: string;
  readonly data: { readonly [field: string]: Json };
}

export function rosterStore(connection: Connection, clock: QueueClock): RosterStore {
  const read = async (sql: string, args: readonly SqlValue[] = []): Promise<readonly string[]> => {
    const [rows = []] = await connection.read([{ sql: clock.sql(sql), args }]);
    return rows.map((row) => String(row["cells"]));
  };

  /** One batch under one event. True where it was written, false where the guard said no. */
  const write = async (
    event: RosterEvent,
    guard: Statement,
    statements: readonly Statement[],
  ): Promise<boolean> => {
    const token = randomBytes(12).toString("base64url");
    // Only a remote answer can be lost; then the event is found again by this.
    const requestId = connection.remote ? `roster:${token}` : null;
    const ticket = JSON.stringify([[token, event.kind, event.actor, event.data, requestId]]);
    const batch = [
      { sql: admitWhere(guard.sql), args: guard.args },
      ...statements,
      { sql: `SELECT 1 AS written WHERE ${ADMITTED}`, args: [] },
    ].map(({ sql, args }) => ({ sql: clock.sql(sql), args: [ticket, ...(args ?? [])] }));
    try {
      return ((await connection.write(batch)).at(-1) ?? []).length === 1;
    } catch (error) {
      if (!(error instanceof DoubtfulWrite)) throw error;
      const found = await read("SELECT 1 AS cells FROM events WHERE request_id = ?1", [requestId]);
      return found.length === 1;
    }
  };

  const lane = async (name: string) => {
    const [cells] = await read(LANE_BY_NAME, [name]);
    return cells === undefined ? null : readLane(cells);
  };
  const epic = async (key: string) => {
    const [cells] = await read(EPIC_BY_KEY, [key]);
    return cells === undefined ? null : readEpic(cells);
  };
  const agent = async (name: string) => {
    const [cells] = await read(AGENT_BY_NAME, [name]);
    return cells === undefined ? null : readAgent(cells);
  };
  const agentByKey = coalesce<string, AgentRecord | null>(
    async (hashes) => {
      const found = (await read(AGENTS_BY_KEY, [JSON.stringify(hashes)])).map((cells) => JSON.parse(cells));
      const agents = new Map(found.map(([hash, cells]) => [String(hash), readAgent(JSON.stringify(cells))]));
      return hashes.map((hash) => agents.get(hash) ?? null);
    },
    { max: 256 },
  );

  return {
    lane,
    epic,
    agentByKey,
    lanes: async () => (await read(LANES)).map(readLaneCounts),
    epics: async () => (await read(EPICS)).map(readEpicCounts),
    agents: async () => (await read(AGENTS)).map(readAgent),

    async setLane(settings, actor) {
      const { name, route, capacity, leaseMs, heartbeatMs, dispatch } = settings;
      const args = [
        name,
        route?.provider ?? null,
        route?.model ?? null,
        capacity ?? null,
        leaseMs ?? null,
        heartbeatMs ?? null,
        dispatch === undefined ? null : JSON.stringify(dispatch),
        LANE_DEFAULTS.capacity,
        LANE_DEFAULTS.leaseMs,
        LANE_DEFAULTS.heartbeatMs,
        JSON.stringify(LANE_DEFAULTS.dispatch),
      ];
      const data = JSON.parse(JSON.stringify(settings)) as RosterEvent["data"];
      const guard = { sql: MAY_SET_LANE, args: args.slice(0, 2) };
      const written = await write({ kind: "lane.set", actor, data }, guard, [{ sql: SET_LANE, args }]);
      if (written) return (await lane(name)) ?? noLane(name);
      return invalid(
        "route",
        { expected: "PROVIDER/MODEL", got: null, hint: `Lane ${name} is new: say which route it runs on.` },
        "runnable-pull",
      );
    },

    async pauseLane(name, reason, actor) {
      const data = reason === null ? { name } : { name, reason };
      const event = { kind: reason === null ? "lane.resumed" : "lane.paused", actor, data };
      const args = [name, reason];
      await write(event, { sql: MAY_PAUSE_LANE, args }, [{ sql: PAUSE_LANE, args }]);
      return (await lane(name)) ?? noLane(name);
    },

    async addEpic({ key, title, goal }, actor) {
      const event = { kind: "epic.added", actor, data: { key, title } };
      const guard = { sql: MAY_ADD_EPIC, args: [key] };
      const written = await write(event, guard, [{ sql: ADD_EPIC, args: [key, title, goal] }]);
      const found = await epic(key);
      if (written && found !== null) return found;
      return exists("key", key, `There is an epic ${key} already: add tasks to it, or choose another key.`);
    },

    async addAgent({ name, role, lanes, keyHash }, actor) {
      const event = { kind: "agent.added", actor, data: { name, role, lanes } };
      const names = JSON.stringify([...new Set(lanes)]);
      const written = await write(event, { sql: MAY_ADD_AGENT, args: [name, names] }, [
        { sql: ADD_AGENT, args: [name, role, keyHash] },
        { sql: GRANT_LANES, args: [name, names] },
      ]);
      const found = await agent(name);
      if (written && found !== null) return found;
      if (found !== null) {
        return exists(
          "name",
          name,
          `There is an agent ${name} already: revoked names are not used again. Choose another.`,
        );
      }
      const known = new Set((await read(LANES)).map((cells) => readLane(cells).name));
      const unknown = lanes.find((one) => !known.has(one)) ?? null;
      return invalid("lane", {
        expected: [...known],
        got: unknown,
        hint: `Add the lane first: gatehouse lane set ${unknown} --route PROVIDER/MODEL`,
      });
    },

    async setAgent(name, change, actor) {
      const { kind, set, may } = SET_AGENT[change];
      const guard = { sql: `EXISTS (SELECT 1 FROM agents WHERE name = ?2 AND ${may})`, args: [name] };
      await write({ kind, actor, data: { name } }, guard, [
        { sql: `UPDATE agents SET ${set} WHERE name = ?2 AND ${ADMITTED}`, args: [name] },
      ]);
      const found = await agent(name);
      if (found === null) return missing("agent", name, "`gatehouse agent list` shows the agents.");
      if (found.revoked && change !== "revoke") {
        return refuse("runnable-pull", "agent-revoked", {
          field: "agent",
          expected: "a key that was not revoked",
          got: "revoked",
          hint: `${name} was revoked for good: add a new agent under another name.`,
        });
      }
      return found;
    },
  };
}

function noLane(name: string): Refusal {
  return missing("lane", name, "`gatehouse lane list` shows the lanes.");
}

function exists(field: string, got: string, hint: string): Refusal {
  return refuse("queue-truth", "exists", { field, expected: "one that is free", got, hint });
}
