// A house for many processes: a lane nobody fills up, an agent, and a policy whose verdicts the test gives itself.
import type { House } from "../../src/commands/house.ts";
import type { Requirement } from "../../src/core/proof.ts";

export const RACE_ROUTE = { provider: "anthropic", model: "claude-opus-5" };
export const RACE_CALLER = { actor: "agent:runner" };
export const RACE_POLICY: readonly Requirement[] = [{ name: "checks", kind: "command", argv: ["true"] }];

export async function furnish(house: House, leaseMs = 900_000): Promise<void> {
  const actor = "person:test:race";
  const lane = await house.roster.setLane(
    {
      name: "race",
      route: RACE_ROUTE,
      capacity: 1_000_000,
      leaseMs,
      heartbeatMs: Math.min(leaseMs, 300_000),
    },
    actor,
  );
  if ("gate" in lane) throw new Error(lane.hint);
  const keyHash = house.identity.sha256("runner");
  const agent = await house.roster.addAgent(
    { name: "runner", role: "agent", lanes: ["race"], keyHash },
    actor,
  );
  if ("gate" in agent) throw new Error(agent.hint);
}
