import { z } from "zod";
import { ROLES } from "../../src/core/role.ts";
import type { Approval } from "../../src/ports/proof-work.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { defineVerifier, inconclusive, passed } from "./define.ts";

export interface HumanSettings {
  /** Who approved this requirement of this attempt, for the proofs as they stand submitted. */
  readonly approvals: (attempt: string, requirement: string) => Promise<readonly Approval[]>;
}

/** People are told when something waits for them; asking the database more often than that changes nothing. */
const ASK_AGAIN_MS = 600_000;

/**
 * `human`: people approve, in chat or at the command line; there is no link.
 *
 * Holds when `approvers` different people (1 unless said) with at least `role` (operator unless said) approved exactly
 * the proofs that stand submitted. Who created the task, claimed it or attached one of its proofs is refused when they
 * try; a changed set of proofs has no approval.
 */
export function humanVerifier({ approvals }: HumanSettings): Verifier {
  return defineVerifier({
    kind: "human",
    fields: {
      approvers: z.int().min(1).max(20).optional(),
      role: z.enum(ROLES).optional(),
    },
    matches: () => false,
    async verify(wanted, proof) {
      const given = await approvals(proof.attempt.id, wanted.name);
      const people = [...new Set(given.map(({ person }) => person))].toSorted();
      const needed = wanted.approvers ?? 1;
      const seen = { approvals: given.map(({ person, at }) => ({ person, at })) };
      if (people.length < needed) {
        return inconclusive(`${people.length} of ${needed} people approved.`, seen, ASK_AGAIN_MS);
      }
      const evidence = `human:gatehouse:${proof.attempt.id}:${wanted.name}:${people.join(",")}`;
      return passed(`${people.join(", ")} approved.`, evidence, seen);
    },
  });
}
