import { invalid, missing, refuse } from "../src/core/refusal.ts";
import type { AgentRecord, RosterStore } from "../src/ports/roster.ts";
import { coalesce } from "./coalesce.ts";
import { ADMITTED, type RosterDesk, taken } from "./roster-desk.ts";
import {
  AGENT_BY_NAME,
  AGENTS,
  AGENTS_BY_KEY,
  LANES,
  readAgent,
  readAgentByKey,
  readLane,
} from "./roster-rows.ts";

const MAY_ADD_AGENT = `NOT EXISTS (SELECT 1 FROM agents WHERE name = ?2)
  AND NOT EXISTS (SELECT 1 FROM json_each(?3) n WHERE n.value NOT IN (SELECT name FROM lanes))`;
const ADD_AGENT = `INSERT INTO agents (name, role, key_hash, created_at) SELECT ?2, ?3, ?4, :now WHERE ${ADMITTED}`;
const GRANT_LANES = `INSERT INTO agent_lanes (agent_id, lane_id)
SELECT g.id, l.id FROM json_each(?3) n CROSS JOIN lanes l ON l.name = n.value CROSS JOIN agents g ON g.name = ?2
WHERE ${ADMITTED}`;

/** Revoked is for good; pausing what is paused, or resuming what runs, changes nothing. */
const CHANGES = {
  pause: { kind: "agent.paused", set: "paused_at = :now", may: "paused_at IS NULL AND revoked_at IS NULL" },
  resume: {
    kind: "agent.resumed",
    set: "paused_at = NULL",
    may: "paused_at IS NOT NULL AND revoked_at IS NULL",
  },
  revoke: { kind: "agent.revoked", set: "revoked_at = :now", may: "revoked_at IS NULL" },
} as const;

export function agentRoster(
  desk: RosterDesk,
): Pick<RosterStore, "agents" | "addAgent" | "agentByKey" | "setAgent"> {
  const agent = async (name: string): Promise<AgentRecord | null> => {
    const [cells] = await desk.read(AGENT_BY_NAME, [name]);
    return cells === undefined ? null : readAgent(cells);
  };
  return {
    agents: async () => (await desk.read(AGENTS)).map(readAgent),

    agentByKey: coalesce<string, AgentRecord | null>(
      async (hashes) => {
        const rows = await desk.read(AGENTS_BY_KEY, [JSON.stringify(hashes)]);
        const agents = new Map(rows.map(readAgentByKey));
        return hashes.map((hash) => agents.get(hash) ?? null);
      },
      { max: 256 },
    ),

    async addAgent({ name, role, lanes, keyHash }, actor) {
      const event = { kind: "agent.added", actor, data: { name, role, lanes } };
      const args = [name, JSON.stringify([...new Set(lanes)])];
      const written = await desk.write(event, { sql: MAY_ADD_AGENT, args }, [
        { sql: ADD_AGENT, args: [name, role, keyHash] },
        { sql: GRANT_LANES, args },
      ]);
      const found = await agent(name);
      if (found !== null) {
        return written
          ? found
          : taken("name", name, `There is an agent ${name} already, or was: choose another name.`);
      }
      const known = (await desk.read(LANES)).map((cells) => readLane(cells).name);
      const unknown = lanes.find((lane) => !known.includes(lane)) ?? null;
      const hint = `Add the lane first: gatehouse lane set ${unknown} --route PROVIDER/MODEL`;
      return invalid("lane", { expected: known, got: unknown, hint });
    },

    async setAgent(name, change, actor, { reason, requestId } = {}) {
      const { kind, set, may } = CHANGES[change];
      const guard = { sql: `EXISTS (SELECT 1 FROM agents WHERE name = ?2 AND ${may})`, args: [name] };
      const update = { sql: `UPDATE agents SET ${set} WHERE name = ?2 AND ${ADMITTED}`, args: [name] };
      const data = reason === undefined ? { name } : { name, reason };
      await desk.write({ kind, actor, data, requestId }, guard, [update]);
      const found = await agent(name);
      if (found === null) return missing("agent", name, "`gatehouse agent list` shows the agents.");
      if (!found.revoked || change === "revoke") return found;
      return refuse("runnable-pull", "agent-revoked", {
        field: "agent",
        expected: "a key that was not revoked",
        got: "revoked",
        hint: `${name} was revoked for good: add a new agent under another name.`,
      });
    },
  };
}
