import type { House } from "../../commands/house.ts";
import type { AgentRecord } from "../../ports/roster.ts";
import { ProblemAnswer, problem } from "./problem.ts";

/** How long a key's owner is remembered, in milliseconds: a key revoked by another process is refused within a second. */
const REMEMBERED_MS = 500;
const REMEMBERED_MAX = 10_000;
/** Longer than any key there is. */
const KEY_MAX = 200;

export interface KeyRing {
  /** Whose key the request carries; throws the 401 where it carries none that lives. */
  owner(authorization: string | undefined): Promise<AgentRecord>;
  /** An agent changed in this process: nothing remembered holds any more. */
  forget(): void;
}

/** Keys are looked up by their SHA-256: the key itself is never kept. `now` is a monotonic clock in milliseconds. */
export function keyRing(house: House, now: () => number): KeyRing {
  let known = new Map<string, { readonly until: number; readonly owner: Promise<AgentRecord | null> }>();

  const lookUp = (hash: string): Promise<AgentRecord | null> => {
    const remembered = known.get(hash);
    if (remembered !== undefined && now() < remembered.until) return remembered.owner;
    if (known.size >= REMEMBERED_MAX) known = new Map();
    const owner = house.roster.agentByKey(hash);
    const entry = { until: now() + REMEMBERED_MS, owner };
    known.set(hash, entry);
    owner.then(
      (agent) => agent === null && known.delete(hash),
      () => known.delete(hash),
    );
    return owner;
  };

  return {
    async owner(authorization) {
      if (authorization === undefined || authorization.trim() === "") {
        throw unauthorized(
          "key-missing",
          "Send an agent's key: Authorization: Bearer KEY. `gatehouse agent add` makes one.",
        );
      }
      const key = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1];
      const agent =
        key === undefined || key.length > KEY_MAX ? null : await lookUp(house.identity.sha256(key));
      if (agent === null || agent.revoked) {
        throw unauthorized(
          "key-unknown",
          "No living key is this one: it was mistyped or revoked. Ask an operator for another.",
        );
      }
      return agent;
    },
    forget() {
      known = new Map();
    },
  };
}

function unauthorized(code: string, hint: string): ProblemAnswer {
  const challenge = `Bearer realm="gatehouse"${code === "key-missing" ? "" : ', error="invalid_token"'}`;
  return new ProblemAnswer(problem(401, code, { field: "Authorization", expected: "Bearer KEY", hint }), {
    "www-authenticate": challenge,
  });
}

/** Throws the 403 where the call needs another role than the agent has. */
export function requireRole(agent: AgentRecord, role: AgentRecord["role"]): void {
  if (agent.role === role) return;
  throw new ProblemAnswer(
    problem(403, "role", {
      field: "role",
      expected: role,
      got: agent.role,
      hint: `This call needs a key of role ${role}; ${agent.name} is ${agent.role === "agent" ? "an agent" : "an operator"}. \`gatehouse agent add NAME --role ${role}\` makes one.`,
    }),
  );
}
