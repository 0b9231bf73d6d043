import { askVerifier, underTest } from "../commands/ask-verifier.ts";
import type { House } from "../commands/house.ts";
import { settleProof } from "../commands/settle-proof.ts";
import { cancelButton, proveButton, showButton } from "../core/button.ts";
import type { PlainNotice } from "../core/notice.ts";
import type { Verdict } from "../core/proof.ts";
import type { ProofUnanswered } from "../core/proof-status.ts";
import { backoffMs } from "../core/task.ts";
import type { ProofWork } from "../ports/proof-work.ts";
import type { TaskFacts } from "../ports/queue.ts";
import { Places, type WorkPool, workPool } from "./work-pool.ts";

/** An inconclusive proof is asked again after 1 s, 2 s, 4 s …, or when the verifier said; at most every ten minutes. */
const RETRY_MAX_MS = 600_000;
/** A proof without an answer for so long is a person's to look at; it is still asked again. */
const ASK_AFTER_MS = 24 * 3_600_000;

/**
 * Verifies proofs side by side, under a lease each: a verdict that comes twice finds the version moved. `settled` is
 * called after each, so that a loop fills the free place.
 */
export function proofPool(
  house: House,
  signal: AbortSignal,
  settled: () => void = () => undefined,
  places: Places = new Places(),
): WorkPool {
  return workPool<ProofWork>({
    shelf: house.proofWork,
    about: ({ proof }) => proof,
    work: (work) => verifyOne(house, work, signal, places),
    settled,
    places,
    clock: house.clock,
    now: () => house.queue.now(),
  });
}

async function verifyOne(house: House, work: ProofWork, signal: AbortSignal, places: Places): Promise<void> {
  const judged = await judge(house, work, signal);
  if (judged === null) return;
  const { verdict, facts } = judged;
  if (!signal.aborted) await places.settle();
  // Called off, not answered: whoever runs next takes it up at once.
  if (signal.aborted && verdict.verdict === "inconclusive") return house.proofWork.giveBack(work.proof.id);
  if (verdict.verdict === "inconclusive") {
    const retryMs = verdict.retryAfterMs ?? backoffMs(work.proof.checks + 1);
    await house.proofWork.postpone(work.proof.id, verdict.reason, Math.min(retryMs, RETRY_MAX_MS));
    await askAPerson(house, work, verdict.reason);
    return;
  }
  const outcome = await settleProof(house, work, verdict, facts);
  if (!outcome.ok) {
    // A twin refused what core allowed: it stays due and visible, and is never taken for done.
    const { gate, hint } = outcome.refusal;
    await house.proofWork.postpone(work.proof.id, `${gate}: ${hint}`, RETRY_MAX_MS);
  }
}

/** One notice a proof, edited in place: after a day without an answer somebody should look. */
async function askAPerson(house: House, { proof, taskKey }: ProofWork, reason: string): Promise<void> {
  const waitedMs = (await house.queue.now()) - proof.attachedAt;
  const task = waitedMs < ASK_AFTER_MS ? undefined : (await house.queue.task(taskKey))?.task;
  if (task === undefined) return;
  const { id, requirement, uri } = proof;
  // Once it is submitted no other proof is taken.
  const another = task.status === "active";
  const notice: PlainNotice<"proof-status", ProofUnanswered> = {
    kind: "proof-status",
    subject: `proof-unanswered:${id}`,
    text: `${taskKey}: the proof for "${requirement}" has had no answer for ${Math.floor(waitedMs / 3_600_000)} h: ${reason.replace(/\.$/, "")}. ${another ? "Attach another proof, or cancel the task." : "It is asked again and again; nobody else can answer, so wait, or cancel the task."}`,
    data: {
      task: taskKey,
      proof: id,
      requirement,
      uri,
      reason,
      buttons: [
        ...(another ? [proveButton(taskKey)] : []),
        cancelButton({ task: taskKey, version: task.version }),
        showButton(taskKey),
      ],
    },
  };
  await house.outbox.post(notice, taskKey);
}

interface Judged {
  readonly verdict: Verdict;
  /** What the verifier was asked on. */
  readonly facts: TaskFacts;
}

/** The verifier's verdict; null where nobody needs it any more. */
async function judge(house: House, work: ProofWork, signal: AbortSignal): Promise<Judged | null> {
  const id = `${work.taskKey}.${work.proof.attempt}`;
  // What this process saw a moment ago says well enough what to look at; that there is nothing to do, only the row says.
  const asked =
    stillAsked(house.queue.remembered(id), work) ?? stillAsked(await house.queue.attempt(id), work);
  if (asked === null) {
    await house.proofWork.drop(work.proof.id);
    return null;
  }
  return { verdict: await askVerifier(house, asked.under, signal), facts: asked.facts };
}

function stillAsked(facts: TaskFacts | null, { proof }: ProofWork) {
  const under = facts === null || facts.attempt?.endedAt !== null ? null : underTest(facts, proof);
  return facts === null || under === null ? null : { facts, under };
}
