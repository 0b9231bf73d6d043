import { askVerifier, underTest } from "../commands/ask-verifier.ts";
import type { House } from "../commands/house.ts";
import { rotProof } from "../commands/rot-proof.ts";
import { HUMAN } from "../core/proof.ts";
import type { Recheck } from "../ports/rechecks.ts";
import { Places, type WorkPool, workPool } from "./work-pool.ts";

/** Half of all places: what nobody has looked at yet comes first. */
const MOST = 32;
/** Without an answer it is asked again after 1 min, 2 min, 4 min … at most every six hours. */
const RETRY_MS = 60_000;
const RETRY_MAX_MS = 6 * 3_600_000;

/**
 * Looks at the proofs of completed tasks again, so many milliseconds after done, through the verifiers that passed them.
 * What still holds is noted; what does not reopens the task and corrects its announcement. `places` is shared with the
 * pool that verifies, so that both together keep to the bound a host.
 */
export function recheckPool(
  house: House,
  delays: readonly number[],
  signal: AbortSignal,
  settled: () => void = () => undefined,
  places: Places = new Places(),
): WorkPool {
  const pool = workPool<Recheck>({
    shelf: house.rechecks,
    about: ({ id, proof }) => ({ id, uri: proof.uri }),
    work: (work) => lookAgain(house, work, signal),
    settled,
    places,
    most: MOST,
    clock: house.clock,
    now: () => house.queue.now(),
  });
  const stages = stagesOf(delays);
  return {
    async run() {
      const plans: (number | null)[] = [];
      for (const stage of stages) plans.push(await house.rechecks.plan(stage));
      const { nextDueMs } = await pool.run();
      const times = [...plans, nextDueMs].filter((time) => time !== null);
      return { nextDueMs: times.length === 0 ? null : Math.min(...times) };
    },
    idle: () => pool.idle(),
  };
}

/** Each delay lasts until the next one's time; the last one as long again as it waited. */
function stagesOf(
  delays: readonly number[],
): readonly { readonly afterMs: number; readonly untilMs: number }[] {
  const sorted = [...new Set(delays)].toSorted((a, b) => a - b);
  return sorted.map((afterMs, index) => ({ afterMs, untilMs: sorted[index + 1] ?? 2 * afterMs }));
}

async function lookAgain(house: House, work: Recheck, signal: AbortSignal): Promise<void> {
  const { proof, taskKey } = work;
  const facts = await house.queue.attempt(`${taskKey}.${proof.attempt}`);
  const stands = facts?.proofs.some(({ id, verdict }) => id === proof.id && verdict === "passed") === true;
  const isDone = facts?.task.status === "done" && facts.task.attempts === proof.attempt;
  const under = facts === null || !stands || !isDone || proof.kind === HUMAN ? null : underTest(facts, proof);
  if (under === null) return house.rechecks.drop(work);
  const verdict = await askVerifier(house, under, signal);
  if (verdict.verdict === "passed") return house.rechecks.noted(work);
  if (verdict.verdict === "inconclusive") {
    if (signal.aborted) return house.rechecks.giveBack(work);
    const retryMs = Math.max(RETRY_MS * 2 ** Math.min(work.tries, 10), verdict.retryAfterMs ?? 0);
    return house.rechecks.postpone(work, Math.min(retryMs, RETRY_MAX_MS));
  }
  const rotted = await rotProof(house, work, verdict);
  // A twin that will not take it leaves it on the list: it is looked at again, and never taken for noted.
  return rotted.ok ? house.rechecks.drop(work) : house.rechecks.postpone(work, RETRY_MAX_MS);
}
