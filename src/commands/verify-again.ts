import { queueTruth } from "../core/gates/queue-truth.ts";
import { type Outcome, refuse } from "../core/refusal.ts";
import type { Committed } from "../ports/queue.ts";
import { type Caller, changeTask, type House } from "./house.ts";
import { onlyFrom } from "./wrong-status.ts";

/** Has the proofs of a submitted attempt looked at again: for one that stands in verification and is asked by nobody. */
export function verifyAgain(
  house: House,
  input: { readonly key: string; readonly version?: number | undefined },
  caller: Caller,
): Promise<Outcome<Committed>> {
  return changeTask(house, input.key, ({ task, attempt, proofs }) => {
    const barred =
      queueTruth({ task, basedOn: input.version }) ?? onlyFrom(task, ["verifying"], "verified again");
    if (barred) return barred;
    const asked = proofs.map(({ id }) => id);
    if (attempt === null || attempt.endedAt !== null || asked.length === 0) {
      return refuse("proof-before-done", "proof-missing", {
        field: "proofs",
        expected: "a proof of the open attempt",
        got: null,
        hint: `${task.key} has nothing to look at: cancel it, or reopen its work.`,
      });
    }
    return {
      task: task.id,
      version: task.version,
      attempt: attempt.number,
      set: {},
      event: {
        kind: "proof.asked-again",
        actor: caller.actor,
        data: { proofs: asked },
        requestId: caller.requestId,
      },
      verify: asked,
    };
  });
}
