import { HUMAN, type Requirement, type Verdict } from "../core/proof.ts";
import { done, type Outcome, refuse, refused } from "../core/refusal.ts";
import type { TaskFacts } from "../ports/queue.ts";
import { askVerifier } from "./ask-verifier.ts";
import { type House, noTask } from "./house.ts";

/** What a link would come to under one requirement. */
export interface TriedProof {
  readonly requirement: string;
  readonly kind: string;
  /** False: the verifier would not take such a link, and was not asked. */
  readonly fits: boolean;
  readonly verdict: Verdict["verdict"] | null;
  readonly reason: string;
  readonly evidence: string | null;
  readonly seen: Verdict["seen"] | null;
}

export interface Trial {
  readonly task: string;
  readonly uri: string;
  /** What it was measured against: the attempt, or the task's beginning where nobody has claimed it. */
  readonly attempt: string | null;
  readonly claimedAt: number;
  readonly checks: readonly TriedProof[];
}

/**
 * A dry run: what the verifiers say of a link, for every requirement that would take it, or for the one named. Attaches
 * and writes nothing. A command of the policy is run, as it would be.
 */
export async function tryProof(
  house: House,
  {
    key,
    uri,
    requirement,
  }: { readonly key: string; readonly uri: string; readonly requirement?: string | undefined },
  signal: AbortSignal,
): Promise<Outcome<Trial>> {
  const facts = await house.queue.task(key);
  if (facts === null) return refused(noTask(key));
  const { task, attempt } = facts;
  const names = task.requirements.map(({ name }) => name);
  if (requirement !== undefined && !names.includes(requirement)) {
    return refused(
      refuse("proof-before-done", "requirement-unknown", {
        field: "requirement",
        expected: names,
        got: requirement,
        hint: "Name one of the policy's requirements, exactly.",
      }),
    );
  }
  const claimedAt = attempt?.startedAt ?? task.createdAt;
  const asked = task.requirements.filter(({ name }) => requirement === undefined || name === requirement);
  const checks = await Promise.all(
    asked.map((one) => tryOne(house, { ...facts, claimedAt }, one, uri, requirement !== undefined, signal)),
  );
  return done({ task: key, uri, attempt: attempt?.id ?? null, claimedAt, checks });
}

async function tryOne(
  house: House,
  { task, attempt, createdBy, now, claimedAt }: TaskFacts & { readonly claimedAt: number },
  requirement: Requirement,
  uri: string,
  named: boolean,
  signal: AbortSignal,
): Promise<TriedProof> {
  const { name, kind } = requirement;
  const about = { requirement: name, kind };
  const fits = house.verifiers.get(kind)?.matches(requirement, uri) === true;
  if (kind === HUMAN || (!fits && !named)) {
    const reason =
      kind === HUMAN
        ? "People approve this one: there is no link for it."
        : "Such a link is not what this requirement takes.";
    return { ...about, fits: false, verdict: null, reason, evidence: null, seen: null };
  }
  const verdict = await askVerifier(
    house,
    {
      requirement,
      uri,
      attachedAt: now,
      task: { key: task.key, createdBy },
      attempt: { id: attempt?.id ?? `${task.key}.0`, agent: attempt?.agent ?? "", claimedAt },
      now,
    },
    signal,
  );
  const owner = await ownerOf(house, requirement, verdict, task.id);
  return {
    ...about,
    fits,
    verdict: owner === null ? verdict.verdict : "failed",
    reason:
      owner === null ? verdict.reason : `${verdict.reason} But the same evidence already proves ${owner}.`,
    evidence: verdict.evidence ?? null,
    seen: verdict.seen ?? null,
  };
}

/** The other task that this evidence already proves, where that is not allowed. */
async function ownerOf(
  house: House,
  requirement: Requirement,
  { verdict, evidence }: Verdict,
  task: number,
): Promise<string | null> {
  if (verdict !== "passed" || evidence === undefined || requirement["reuse"] === true) return null;
  return house.proofWork.evidenceOwner(evidence, task);
}
