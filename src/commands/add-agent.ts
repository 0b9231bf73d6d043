import { done, invalid, type Outcome, refused } from "../core/refusal.ts";
import { nameFault } from "../core/roster.ts";
import type { AgentRecord } from "../ports/roster.ts";
import type { Caller, House } from "./house.ts";

export interface AddAgent {
  readonly name: string;
  readonly role?: AgentRecord["role"] | undefined;
  readonly lanes: readonly string[];
}

/** So that whoever finds a key in a log or a commit can tell what it opens. */
const KEY_PREFIX = "gatehouse_";

/** Adds an agent and makes its key. The key is answered here once and nowhere else: only its hash is kept. */
export async function addAgent(
  house: House,
  input: AddAgent,
  caller: Caller,
): Promise<Outcome<{ readonly agent: AgentRecord; readonly key: string }>> {
  const role = input.role ?? "agent";
  const fault = nameFault("agent", input.name);
  if (fault) return refused(fault);
  if (role === "agent" && input.lanes.length === 0) {
    const hint = "An agent pulls from lanes: name at least one. Only an operator's key may do without.";
    return refused(invalid("lane", { expected: "at least one lane", got: [], hint }));
  }
  const key = `${KEY_PREFIX}${house.identity.secret()}`;
  const keyHash = house.identity.sha256(key);
  const added = await house.roster.addAgent(
    { name: input.name, role, lanes: input.lanes, keyHash },
    caller.actor,
  );
  return "gate" in added ? refused(added) : done({ agent: added, key });
}
