import type { Change } from "../core/change.ts";
import type { Proof } from "../core/proof.ts";
import type { MessageProof } from "../ports/rechecks.ts";
import { type Caller, changeAttempt, type House } from "./house.ts";
import { settleProof } from "./settle-proof.ts";

/** A message that was edited or deleted after it attached proof. */
export interface ChangedMessage {
  /** As in `proofs.reply_to`: `platform:channel:id`. */
  readonly message: string;
  /** The links it holds now; null where it was deleted. */
  readonly links: readonly string[] | null;
}

/** How long a proof of a completed task is asked for an answer after its message was changed, in milliseconds. */
const ASK_FOR_MS = 7 * 86_400_000;
/** A task may be completed, or its attempt end, between the look and the write: then it is looked at once more. */
const LOOKS = 3;

/**
 * Whoever changes the message that attached a proof has it checked again. While the attempt is open a link that is gone
 * is withdrawn, and one that still stands must pass anew before it counts; a task that is done is looked at as after any
 * delay. Answers with the links this message attached and
 * that had not failed: any other link in it is new.
 */
export async function recheckProofs(
  house: House,
  { message, links }: ChangedMessage,
  caller: Caller,
): Promise<readonly string[]> {
  const attached = new Set<string>();
  const settled = new Set<number>();
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const proofs = (await house.rechecks.ofMessage(message)).filter(({ proof }) => !settled.has(proof.id));
    for (const one of proofs) {
      if (one.proof.verdict !== "failed") attached.add(one.proof.uri);
      if (await lookAgain(house, one, links, caller)) settled.add(one.proof.id);
    }
    if (proofs.every(({ proof }) => settled.has(proof.id))) break;
  }
  return [...attached];
}

/** False where the attempt ended meanwhile. */
async function lookAgain(
  house: House,
  { proof, taskKey, outcome }: MessageProof,
  links: readonly string[] | null,
  caller: Caller,
): Promise<boolean> {
  if (outcome === "done") {
    if (proof.verdict === "passed") await house.rechecks.again([proof.id], ASK_FOR_MS);
    return true;
  }
  if (outcome !== null || proof.verdict === "failed") return true;
  if (links?.includes(proof.uri) !== true) {
    const reason =
      links === null
        ? "The message that attached it was deleted."
        : "The message that attached it was changed and does not hold this link any more.";
    const withdrawn = await settleProof(house, { proof, taskKey }, { verdict: "failed", reason });
    return withdrawn.ok && withdrawn.value !== "moot";
  }
  const asked = await changeAttempt(house, `${taskKey}.${proof.attempt}`, ({ task, attempt, proofs }) =>
    attempt.endedAt === null && proofs.some(({ id }) => id === proof.id)
      ? question(task, attempt.number, proof, caller)
      : ENDED,
  );
  return asked.ok;
}

const ENDED = {
  sort: "refused",
  gate: "proof-before-done",
  code: "no-open-attempt",
  field: "status",
  hint: "The attempt has ended meanwhile.",
} as const;

/** The proof has no verdict until it is checked again: under the version, so that nothing is completed on the old one. */
function question(
  task: { readonly id: number; readonly version: number },
  attempt: number,
  { id, requirement }: Proof,
  caller: Caller,
): Change {
  return {
    task: task.id,
    version: task.version,
    attempt,
    set: {},
    event: { kind: "proof.questioned", actor: caller.actor, data: { proof: id, requirement } },
    verdict: {
      proof: id,
      verdict: "inconclusive",
      reason: "The message that attached it was edited.",
    },
    verify: [id],
  };
}
