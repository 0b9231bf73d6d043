import { done, type Outcome, refused } from "../core/refusal.ts";
import type { AgentRecord } from "../ports/roster.ts";
import type { Caller, House } from "./house.ts";
import { reasonFault } from "./reason.ts";

export interface ChangeAgent {
  readonly name: string;
  readonly change: "pause" | "resume" | "revoke";
  /** Stands on the event. */
  readonly reason?: string | undefined;
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
  const { name, change, reason } = input;
  const fault = reason === undefined ? null : reasonFault(reason);
  if (fault !== null) return refused(fault);
  const { actor, requestId } = caller;
  const changed = await house.roster.setAgent(name, change, actor, { reason, requestId });
  return "gate" in changed ? refused(changed) : done(changed);
}
