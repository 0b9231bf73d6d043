import { acknowledge, type Contradiction } from "../core/contradiction.ts";
import { type Outcome, refused } from "../core/refusal.ts";
import type { Caller, House } from "./house.ts";
import { moveContradiction } from "./move-contradiction.ts";
import { reasonFault } from "./reason.ts";

export interface AcknowledgeContradiction {
  readonly id: number;
  readonly note?: string | undefined;
  /** What was changed at its source where the queue cannot see it, such as a model setting of the agent's own. */
  readonly changed?: string | undefined;
}

/** Somebody looks after it: it escalates no more, is mended by nobody else, and stands until it is not seen any more. */
export async function acknowledgeContradiction(
  house: House,
  { id, note, changed }: AcknowledgeContradiction,
  caller: Caller,
): Promise<Outcome<Contradiction>> {
  const remark = changed ?? note ?? null;
  const fault = remark === null ? null : reasonFault(remark, changed === undefined ? "note" : "changed");
  if (fault) return refused(fault);
  const moved = await moveContradiction(house, id, caller, (record) =>
    acknowledge(record, caller.actor, remark),
  );
  if (moved.ok && changed !== undefined) {
    await house.contradictions.sourceChanged(moved.value.source, changed, caller.actor);
  }
  return moved;
}
