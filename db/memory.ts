import type { Change } from "../src/core/change.ts";
import type { Proof } from "../src/core/proof.ts";
import type { TaskFacts } from "../src/ports/queue.ts";

/** How long a remembered fact may stand in for a read, in milliseconds. */
const KEEP_MS = 5000;
const KEEP_COUNT = 4096;

/**
 * What this process itself last saw of an open attempt, for the holder's next act. It never answers anybody: a decision
 * made on it is confirmed by the version in the guard, and a refusal is always asked again of the row.
 */
export class AttemptMemory {
  readonly #kept = new Map<string, Kept>();

  keep(facts: TaskFacts): void {
    // What is seen of an attempt changes without a change of its task: where that is asked, it is read each time.
    if (facts.attempt === null || facts.lane?.observe === "required") return;
    const { id } = facts.attempt;
    const seenAt = performance.now();
    const kept = this.#kept.get(id);
    if (kept === undefined) this.#kept.set(id, { facts, seenAt });
    else Object.assign(kept, { facts, seenAt });
    if (this.#kept.size <= KEEP_COUNT) return;
    const oldest = this.#kept.keys().next().value;
    if (oldest !== undefined) this.forget(oldest);
  }

  recall(id: string): TaskFacts | null {
    const { facts, seenAt } = this.#kept.get(id) ?? NOTHING;
    if (facts === null) return null;
    const ageMs = performance.now() - seenAt;
    if (ageMs > KEEP_MS) return null;
    return { ...facts, now: facts.now + Math.round(ageMs) };
  }

  /**
   * Empties what the map holds before it goes. A map that grows leaves its old table behind with all that stood in it, which
   * the collector of young objects takes for alive: every attempt's facts would be copied and kept until a full collection.
   */
  forget(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    kept.facts = null;
    this.#kept.delete(id);
  }
}

interface Kept {
  facts: TaskFacts | null;
  seenAt: number;
}
const NOTHING: Kept = { facts: null, seenAt: 0 };

/** What a change became in the database: its version and time, and the ids of the proofs it attached, by requirement. */
export interface Written {
  readonly version: number;
  readonly at: number;
  readonly proofs: ReadonlyMap<string, number>;
}

/** The parts of a change whose outcome is known without reading it back: what holders and verifiers do all day. */
const FOLLOWED: ReadonlySet<string> = new Set<keyof Change>([
  "task",
  "version",
  "attempt",
  "lease",
  "set",
  "event",
  "addProofs",
  "proofSetHash",
  "verdict",
  "verify",
]);

/**
 * The facts right after a change that was written, from those it was decided on: the guard has proved that nothing came
 * between. Null where the attempt is over, or the change does more than is followed here.
 */
export function factsAfter(before: TaskFacts, change: Change, written: Written): TaskFacts | null {
  const { task, attempt } = before;
  const { status, ...others } = change.set;
  if (attempt?.number !== change.attempt || attempt === null || Object.keys(others).length > 0) return null;
  if (Object.keys(change).some((part) => !FOLLOWED.has(part))) return null;
  // Known from the batch's own answer alone: where that was lost and looked up, the ids were not.
  if (change.addProofs?.some(({ requirement }) => !written.proofs.has(requirement))) return null;
  return {
    ...before,
    now: written.at,
    task: { ...task, version: written.version, updatedAt: written.at, status: status ?? task.status },
    attempt: { ...attempt, proofSetHash: change.proofSetHash ?? attempt.proofSetHash },
    proofs: proofsAfter(before, change, written),
  };
}

function proofsAfter(
  { task, attempt, proofs }: TaskFacts,
  { addProofs = [], verdict, event }: Change,
  written: Written,
): readonly Proof[] {
  const superseded = new Set(addProofs.map(({ supersedes }) => supersedes));
  const standing = proofs
    .filter(({ id }) => !superseded.has(id))
    .map((proof) => (proof.id === verdict?.proof ? judged(proof, verdict, written.at) : proof));
  const added = addProofs.map(
    ({ requirement, kind, uri }): Proof => ({
      id: written.proofs.get(requirement) ?? 0,
      taskId: task.id,
      attempt: attempt?.number ?? 0,
      requirement,
      kind,
      uri,
      attachedBy: event.actor,
      attachedAt: written.at,
      verdict: "pending",
      reason: null,
      evidence: null,
      seen: null,
      checkedAt: null,
      checks: 0,
    }),
  );
  return [...standing, ...added];
}

function judged(proof: Proof, found: NonNullable<Change["verdict"]>, checkedAt: number): Proof {
  const { verdict, reason, evidence, seen } = found;
  return {
    ...proof,
    verdict,
    reason,
    evidence: evidence ?? null,
    seen: seen ?? null,
    checkedAt,
    checks: proof.checks + 1,
  };
}
