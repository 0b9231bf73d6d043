import { giveBack } from "../core/ending.ts";
import { holderTrust } from "../core/gates/heartbeat-trust.ts";
import { queueTruth } from "../core/gates/queue-truth.ts";
import { invalid, type Outcome, refused } from "../core/refusal.ts";
import type { Committed } from "../ports/queue.ts";
import { type Caller, changeAttempt, type House } from "./house.ts";
import { reasonFault } from "./reason.ts";

export interface ReleaseAttempt {
  readonly attempt: string;
  readonly epoch: number;
  readonly agent: string;
  readonly reason: string;
  /** `infrastructure` where the work itself is not to blame (a shutdown, a lost machine): no failure is counted. */
  readonly fault?: "task" | "infrastructure" | undefined;
}

/** The holder gives the task back. */
export async function releaseAttempt(
  house: House,
  input: ReleaseAttempt,
  caller: Caller,
): Promise<Outcome<Committed>> {
  const fault = reasonFault(input.reason);
  if (fault) return refused(fault);
  const counts = input.fault === "infrastructure" ? "nothing" : "failure";
  return changeAttempt(house, input.attempt, (facts) => {
    const { attempt, task, now } = facts;
    return (
      holderTrust({ agent: input.agent, epoch: input.epoch, attempt, task }, now) ??
      (task.status === "verifying"
        ? invalid("status", {
            expected: "active",
            got: task.status,
            hint: `${task.key} is being verified: wait for the verdict.`,
          })
        : null) ??
      queueTruth({ task, to: "queued" }) ?? {
        ...giveBack(
          facts,
          { outcome: "released", counts, reason: input.reason },
          { kind: "task.released", actor: caller.actor, requestId: caller.requestId },
        ),
        lease: "living" as const,
      }
    );
  });
}
