import type { Json } from "./json.ts";

/** One thing that must be shown before a task is done. The rest of its fields belong to its kind. */
export interface Requirement {
  readonly name: string;
  readonly kind: string;
  readonly [field: string]: Json;
}

/** `pending` has not been looked at since it was attached; the other three are a verifier's words. */
export type VerdictName = "pending" | "passed" | "failed" | "inconclusive";

/** What a verifier found. `inconclusive` is asked again; only `passed` proves. */
export interface Verdict {
  readonly verdict: Exclude<VerdictName, "pending">;
  /** One sentence a person can act on. */
  readonly reason: string;
  /** `kind:provider:immutable id`: what exactly was seen, always present where it passed. */
  readonly evidence?: string;
  /** What was seen: digests, times, status, who. */
  readonly seen?: { readonly [field: string]: Json };
  /** With `inconclusive`: not before this many milliseconds. */
  readonly retryAfterMs?: number;
}

export interface Proof {
  readonly id: number;
  readonly taskId: number;
  readonly attempt: number;
  readonly requirement: string;
  readonly kind: string;
  readonly uri: string;
  readonly attachedBy: string;
  readonly attachedAt: number;
  readonly verdict: VerdictName;
  readonly reason: string | null;
  readonly evidence: string | null;
  readonly seen: { readonly [field: string]: Json } | null;
  readonly checkedAt: number | null;
  readonly checks: number;
}

/** Evidence older than this is checked again before it may complete a task. */
export const FRESH_EVIDENCE_MS = 60_000;

/** The kind people prove by approving: it has no link, and it judges the rest of the set. */
export const HUMAN = "human";

/**
 * The set of proofs a submission stands on, as text: hashed at submit, compared at completion, and what people approve.
 * Links and requirements, not verdicts: a verdict is the answer, the set is the question.
 */
export function proofSetText(proofs: readonly Proof[]): string {
  return proofs
    .filter(({ kind }) => kind !== HUMAN)
    .map((proof) => `${proof.requirement}\t${proof.id}\t${proof.kind}\t${proof.uri}`)
    .toSorted()
    .join("\n");
}

const LONG_DIGEST = /\b([0-9a-f]{12})[0-9a-f]{28,}\b/gu;

/** What evidence is, as people read it in a chat: of a long digest only how it begins. All of it stands in the log and the API. */
export function shortEvidence(identity: string): string {
  return identity.replaceAll(LONG_DIGEST, "$1…");
}
