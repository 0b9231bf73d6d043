import { done, type Outcome, refused } from "../core/refusal.ts";
import type { AgentRecord } from "../ports/roster.ts";
import type { Caller, House } from "./house.ts";

export interface ChangeAgent {
  readonly name: string;
  readonly change: "pause" | "resume" | "revoke";
}

/**
 * A paused agent pulls nothing more and may finish what it holds; a revoked one's key is no key from now on, and what
 * it holds comes back when its lease lapses. Revoking is for good.
 */
export async function changeAgent(
  house: House,
  input: ChangeAgent,
  caller: Caller,
): Promise<Outcome<AgentRecord>> {
  const changed = await house.roster.setAgent(input.name, input.change, caller.actor);
  return "gate" in changed ? refused(changed) : done(changed);
}
