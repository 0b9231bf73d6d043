import type { Change } from "../core/change.ts";
import { correctCompletion } from "../core/notice.ts";
import type { Proof, Verdict } from "../core/proof.ts";
import { done, type Outcome, refused } from "../core/refusal.ts";
import type { TaskFacts } from "../ports/queue.ts";
import type { House } from "./house.ts";

const SYSTEM = "system:recheck-proofs";
const DECISIONS = 8;

export interface RottenProof {
  readonly proof: Proof;
  readonly taskKey: string;
  /** The AUTO-COMPLETE notice the correction stands under, by id; null where there is none. */
  readonly announcement: number | null;
}

/**
 * What proved a task does not hold any more: in one batch the task goes back to the queue, the proof's verdict is failed
 * with what it was passed on kept, and the announcement is corrected where it stands. `moot` where the task is not done
 * by that attempt now: somebody else was first.
 */
export async function rotProof(
  house: House,
  rotten: RottenProof,
  verdict: Verdict,
): Promise<Outcome<"reopened" | "moot">> {
  const { proof, taskKey } = rotten;
  for (let tries = 0; tries < DECISIONS; tries += 1) {
    const facts = await house.queue.attempt(`${taskKey}.${proof.attempt}`);
    const standing = facts?.proofs.find(({ id }) => id === proof.id);
    if (
      facts === null ||
      facts.task.status !== "done" ||
      facts.task.attempts !== proof.attempt ||
      standing?.verdict !== "passed"
    ) {
      return done("moot");
    }
    const committed = await house.queue.commit(reopening(facts, standing, rotten.announcement, verdict));
    if (committed === null) continue;
    return "gate" in committed ? refused(committed) : done("reopened");
  }
  return done("moot");
}

function reopening(
  { task, attempt }: TaskFacts,
  proof: Proof,
  announcement: number | null,
  { reason, seen }: Verdict,
): Change {
  const { requirement, evidence, uri } = proof;
  return {
    task: task.id,
    version: task.version,
    attempt: proof.attempt,
    set: { status: "queued", completion: null, failures: 0, lapses: 0, notBefore: null },
    event: {
      kind: "proof.rotted",
      actor: SYSTEM,
      data: { proof: proof.id, requirement, uri, reason, evidence },
    },
    // The evidence stays: it says what was seen when the task was completed.
    verdict: {
      proof: proof.id,
      verdict: "failed",
      reason,
      ...(evidence === null ? {} : { evidence }),
      ...(seen === undefined ? {} : { seen: { passedOn: proof.seen, now: seen } }),
    },
    notices: [
      correctCompletion({
        key: task.key,
        title: task.title,
        attempt: attempt?.id ?? `${task.key}.${proof.attempt}`,
        requirement,
        uri,
        reason,
        announcement,
      }),
    ],
  };
}
