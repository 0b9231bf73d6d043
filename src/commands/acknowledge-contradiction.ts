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
  if (moved.ok && changed !== undefined) await noteSource(house, moved.value, changed, caller);
  return moved;
}

/** The second half of an acknowledgement that a crash may have cut in two; done twice it is done once. */
export async function finishAcknowledging(
  house: House,
  { id, changed }: AcknowledgeContradiction,
  caller: Caller,
): Promise<void> {
  const record = changed === undefined ? null : await house.contradictions.get(id);
  if (record !== null && changed !== undefined) await noteSource(house, record, changed, caller);
}

async function noteSource(
  house: House,
  { source }: Contradiction,
  changed: string,
  { actor, requestId }: Caller,
): Promise<void> {
  await house.contradictions.sourceChanged(source, changed, actor, requestId);
}
