import type { Epic, Lane } from "../src/core/task.ts";
import type { AgentRecord } from "../src/ports/roster.ts";

/** One JSON array a row, as everywhere in the store; each statement stands beside the function that reads it. */
const LANE = `l.id, l.name, l.provider, l.model, l.capacity, l.lease_ms, l.heartbeat_ms, json(l.dispatch),
  l.paused_reason, l.version, l.observe, json(l.route_aliases)`;
/** Looked up by every addition: it counts nothing, and one look serves all who ask in a tick. */
export const LANES_BY_NAME = `SELECT json_array(${LANE}) AS cells FROM json_each(?1) j CROSS JOIN lanes l ON l.name = j.value`;
export const LANES = `SELECT json_array(${LANE},
  (SELECT count(*) FROM attempts a WHERE a.lane_id = l.id AND a.ended_at IS NULL AND a.lease_expires_at > :now),
  (SELECT count(*) FROM tasks t WHERE t.lane_id = l.id AND t.ready_at IS NOT NULL)) AS cells
FROM lanes l ORDER BY l.name`;

export const LANE_NAMES = `SELECT json_array(l.name, l.paused_reason IS NOT NULL,
  (SELECT count(*) FROM (SELECT 1 FROM tasks t WHERE t.lane_id = l.id AND t.ready_at IS NOT NULL LIMIT 1000))) AS cells
FROM lanes l ORDER BY l.name`;

export function readLaneName(json: string): {
  readonly name: string;
  readonly paused: boolean;
  readonly runnable: number;
} {
  const [name, paused, runnable] = JSON.parse(json) as [string, number, number];
  return { name, paused: paused === 1, runnable };
}

export function readLane(json: string): Lane {
  return laneOf(JSON.parse(json) as readonly unknown[]);
}

export function readLaneCounts(json: string): Lane & { readonly living: number; readonly runnable: number } {
  const cells = JSON.parse(json) as readonly unknown[];
  return { ...laneOf(cells), living: cells[12] as number, runnable: cells[13] as number };
}

function laneOf(cells: readonly unknown[]): Lane {
  return {
    id: cells[0] as number,
    name: cells[1] as string,
    route: { provider: cells[2] as string, model: cells[3] as string },
    capacity: cells[4] as number,
    leaseMs: cells[5] as number,
    heartbeatMs: cells[6] as number,
    dispatch: cells[7] as Lane["dispatch"],
    pausedReason: cells[8] as string | null,
    version: cells[9] as number,
    observe: cells[10] as Lane["observe"],
    routeAliases: cells[11] as readonly string[],
  };
}

export const EPIC_BY_KEY =
  "SELECT json_array(e.id, e.key, e.title, e.goal) AS cells FROM epics e WHERE e.key = ?1";
export const EPIC_TITLES =
  "SELECT json_array(e.id, e.key, e.title, e.goal) AS cells FROM epics e ORDER BY e.key LIMIT 1000";
export const EPICS = `SELECT json_array(e.id, e.key, e.title, e.goal, count(t.id),
  count(CASE WHEN t.status = 'done' THEN 1 END)) AS cells
FROM epics e LEFT JOIN tasks t ON t.epic_id = e.id GROUP BY e.id ORDER BY e.key`;

export function readEpic(json: string): Epic {
  const [id, key, title, goal] = JSON.parse(json) as [number, string, string, string];
  return { id, key, title, goal };
}

export function readEpicCounts(json: string): Epic & { readonly tasks: number; readonly done: number } {
  const [, , , , tasks, done] = JSON.parse(json) as [number, string, string, string, number, number];
  return { ...readEpic(json), tasks, done };
}

const AGENT = `json_array(g.id, g.name, g.role, (SELECT json_group_array(name) FROM
    (SELECT l.name FROM agent_lanes al JOIN lanes l ON l.id = al.lane_id WHERE al.agent_id = g.id ORDER BY l.name)),
  g.paused_at IS NOT NULL, g.revoked_at IS NOT NULL, g.created_at)`;
export const AGENT_BY_NAME = `SELECT ${AGENT} AS cells FROM agents g WHERE g.name = ?1`;
export const AGENTS = `SELECT ${AGENT} AS cells FROM agents g ORDER BY g.name`;
/** A revoked key is no key: it is not told apart from one that never was. */
export const AGENTS_BY_KEY = `SELECT json_array(g.key_hash, ${AGENT}) AS cells
FROM json_each(?1) j CROSS JOIN agents g ON g.key_hash = j.value WHERE g.revoked_at IS NULL`;

export function readAgent(json: string): AgentRecord {
  return agentOf(JSON.parse(json) as readonly unknown[]);
}

export function readAgentByKey(json: string): readonly [keyHash: string, agent: AgentRecord] {
  const [keyHash, cells] = JSON.parse(json) as [string, readonly unknown[]];
  return [keyHash, agentOf(cells)];
}

function agentOf(cells: readonly unknown[]): AgentRecord {
  return {
    id: cells[0] as number,
    name: cells[1] as string,
    role: cells[2] as AgentRecord["role"],
    lanes: cells[3] as readonly string[],
    paused: cells[4] === 1,
    revoked: cells[5] === 1,
    createdAt: cells[6] as number,
  };
}
