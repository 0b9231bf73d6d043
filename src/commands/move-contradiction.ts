import { type Contradiction, isOver, type Move } from "../core/contradiction.ts";
import { done, missing, type Outcome, refuse, refused } from "../core/refusal.ts";
import type { Caller, House } from "./house.ts";
import { tellContradictions } from "./tell-contradictions.ts";

const DECISIONS = 8;

/** What a person does about one contradiction: decided on the record as it stands, again where it moved meanwhile. */
export async function moveContradiction(
  house: Pick<House, "contradictions" | "outbox" | "queue">,
  id: number,
  caller: Caller,
  decide: (record: Contradiction, now: number) => Move,
): Promise<Outcome<Contradiction>> {
  for (let tries = 0; tries < DECISIONS; tries += 1) {
    const record = await house.contradictions.get(id);
    if (record === null) {
      const hint = `There is no contradiction ${id}: \`gatehouse contradiction list\` shows them.`;
      return refused(missing("contradiction", id, hint));
    }
    if (isOver(record)) {
      return refused(
        refuse("queue-truth", "contradiction-over", {
          field: "state",
          expected: "one that stands",
          got: record.state,
          hint: `#${id} is over${record.remark === null ? "" : `: ${record.remark}`}. If it comes back it has another number.`,
        }),
      );
    }
    const now = await house.queue.now();
    const moves = [decide(record, now)];
    const [moved] = await house.contradictions.apply(
      { openings: [], moves },
      caller.actor,
      now,
      caller.requestId,
    );
    if (moved === undefined) continue;
    await tellContradictions(house);
    return done(moved);
  }
  return refused(
    refuse("queue-truth", "contended", {
      field: "contradiction",
      expected: "one that stands still",
      got: `${DECISIONS} changes by others`,
      hint: `Others are at #${id} at this moment: look again.`,
    }),
  );
}
