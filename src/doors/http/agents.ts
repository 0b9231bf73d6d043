import { z } from "@hono/zod-openapi";
import { addAgent } from "../../commands/add-agent.ts";
import { changeAgent } from "../../commands/change-agent.ts";
import { done, missing, refused } from "../../core/refusal.ts";
import type { AgentRecord } from "../../ports/roster.ts";
import { type Call, defineCall } from "./call.ts";
import { iso, Name, Timestamp } from "./fields.ts";

const agentFields = {
  name: z.string(),
  role: z.enum(["agent", "operator"]),
  lanes: z.array(z.string()),
  paused: z.boolean(),
  revoked: z.boolean(),
  createdAt: Timestamp,
};
const AgentJson = z.object(agentFields).openapi("Agent");

function agentJson(agent: AgentRecord): z.input<typeof AgentJson> {
  return { ...agent, lanes: [...agent.lanes], createdAt: iso(agent.createdAt) };
}

const list = defineCall({
  method: "get",
  path: "/v1/agents",
  name: "listAgents",
  summary: "Who works, and in which lanes",
  role: "operator",
  success: {
    status: 200,
    schema: z.object({ agents: z.array(AgentJson) }).openapi("Agents"),
    description: "All agents, revoked ones as well",
  },
  async run({ house }) {
    return done({ agents: (await house.roster.agents()).map(agentJson) });
  },
});

const add = defineCall({
  method: "post",
  path: "/v1/agents",
  name: "addAgent",
  summary: "Add an agent; its key is in this answer and nowhere else",
  role: "operator",
  body: z
    .strictObject({
      name: Name,
      role: z.enum(["agent", "operator"]).optional(),
      lanes: z.array(Name).max(100).optional(),
    })
    .openapi("NewAgent"),
  success: {
    status: 201,
    schema: z.object({ ...agentFields, key: z.string() }).openapi("AgentWithKey"),
    description: "The agent and its key",
  },
  secret: true,
  async run({ house, caller, forgetKeys }, { body }) {
    const added = await addAgent(house, { ...body, lanes: [...new Set(body.lanes)] }, caller);
    forgetKeys();
    return added.ok ? done({ ...agentJson(added.value.agent), key: added.value.key }) : added;
  },
});

function change(verb: "pause" | "resume" | "revoke", summary: string): Call {
  return defineCall({
    method: "post",
    path: `/v1/agents/{name}/${verb}`,
    name: `${verb}Agent`,
    summary,
    role: "operator",
    params: z.object({ name: z.string() }),
    success: { status: 200, schema: AgentJson, description: "The agent" },
    async run({ house, caller, forgetKeys }, { params }) {
      const changed = await changeAgent(house, { name: params.name, change: verb }, caller);
      forgetKeys();
      return changed.ok ? done(agentJson(changed.value)) : changed;
    },
    async recall({ house }, { data }) {
      const agents = await house.roster.agents();
      const agent = agents.find(({ name }) => name === data["name"]);
      const hint = "`GET /v1/agents` shows the agents.";
      return agent === undefined
        ? refused(missing("agent", data["name"] ?? null, hint))
        : done(agentJson(agent));
    },
  });
}

export const agentCalls: readonly Call[] = [
  list,
  add,
  change("pause", "It pulls nothing more, and may finish what it holds"),
  change("resume", "It may pull again"),
  change("revoke", "Its key is no key from now on, for good"),
];
