import type { TaskFacts } from "../src/ports/queue.ts";

/** How long a remembered fact may stand in for a read, in milliseconds. */
const KEEP_MS = 5000;
const KEEP_COUNT = 4096;

/**
 * What this process itself last saw of an open attempt, for the holder's next act. It never answers anybody: a decision
 * made on it is confirmed by the version in the guard, and a refusal is always asked again of the row.
 */
export class AttemptMemory {
  readonly #facts = new Map<string, { readonly facts: TaskFacts; readonly seenAt: number }>();

  keep(facts: TaskFacts): void {
    if (facts.attempt === null) return;
    const { id } = facts.attempt;
    this.#facts.delete(id);
    this.#facts.set(id, { facts, seenAt: performance.now() });
    if (this.#facts.size <= KEEP_COUNT) return;
    const oldest = this.#facts.keys().next().value;
    if (oldest !== undefined) this.#facts.delete(oldest);
  }

  recall(id: string): TaskFacts | null {
    const kept = this.#facts.get(id);
    if (kept === undefined) return null;
    const ageMs = performance.now() - kept.seenAt;
    if (ageMs > KEEP_MS) return null;
    return { ...kept.facts, now: kept.facts.now + Math.round(ageMs) };
  }

  forget(id: string): void {
    this.#facts.delete(id);
  }
}
