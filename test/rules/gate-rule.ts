import type { Attempt } from "../../src/core/attempt.ts";
import type * as Heartbeat from "../../src/core/gates/heartbeat-trust.ts";
import type * as Gate from "../../src/core/gates/proof-before-done.ts";
import type { Proof } from "../../src/core/proof.ts";
import type { Task } from "../../src/core/task.ts";
import { type Name, named } from "./rule.ts";
import type { Place } from "./without.ts";

export const NOW = 1_000_000;
export const GATE = "src/core/gates/proof-before-done.ts";
export const TRUST = "src/core/gates/heartbeat-trust.ts";
export const gate = (check: string, without = ""): Place => ({ file: GATE, check, without });
export const trust = (check: string, without = ""): Place => ({ file: TRUST, check, without });

/** Only the fields that the gates read. */
export const task = {
  key: "CLIP-12",
  status: "verifying",
  epoch: 2,
  policyHash: "policy",
  requirements: [{ name: "built", kind: "command" }],
} as unknown as Task;
export const attempt = {
  id: "CLIP-12.1",
  agent: "ada",
  epoch: 2,
  policyHash: "policy",
  proofSetHash: "set",
  outcome: null,
  endedAt: null,
  leaseExpiresAt: NOW + 1,
} as unknown as Attempt;
export const proof = {
  id: 1,
  requirement: "built",
  kind: "command",
  attachedBy: "agent:ada",
  verdict: "passed",
  reason: null,
  checkedAt: NOW,
} as unknown as Proof;

/** Of the module that is asked. */
export type Gates = typeof Gate & typeof Heartbeat;

/** A rule of a gate: what it says by its code, and changes to good facts that nothing else refuses. */
export interface GateRule {
  readonly kind: string;
  readonly name: string;
  readonly also?: string;
  readonly code: string;
  readonly file: string;
  readonly places: readonly Place[];
  readonly bad: readonly object[];
  /** The code of the refusal of the good facts with this change; null where they pass. */
  readonly ask: (gates: Gates, change: object) => string | null;
}

export type Row<F> = readonly [name: Name, code: string, places: readonly Place[], ...bad: Partial<F>[]];

interface Asked<F> {
  readonly file: string;
  readonly good: F;
  readonly ask: (gates: Gates, facts: F) => { readonly code: string } | null;
}

export function gateRulesOf<F extends object>(
  kind: string,
  { file, good, ask }: Asked<F>,
  rows: readonly Row<F>[],
): readonly GateRule[] {
  return rows.map(([called, code, places, ...bad]) => ({
    kind,
    ...named(called),
    code,
    file,
    places,
    bad,
    ask: (gates, change) => ask(gates, { ...good, ...change })?.code ?? null,
  }));
}

export const withTask = (change: object) => ({ task: { ...task, ...change } });
export const withAttempt = (change: object) => ({ attempt: { ...attempt, ...change } });
export const withProof = (change: object) => ({ proofs: [{ ...proof, ...change }] });
