import { type Contradiction, SNOOZE_MAX_MS, snooze } from "../core/contradiction.ts";
import { invalid, type Outcome, refused } from "../core/refusal.ts";
import type { Caller, House } from "./house.ts";
import { moveContradiction } from "./move-contradiction.ts";

const SNOOZE_MIN_MS = 60_000;

/** Nothing more is said of it until then, at most a week from now: a mute that never ends hides what it was for. */
export async function snoozeContradiction(
  house: House,
  { id, forMs }: { readonly id: number; readonly forMs: number },
  caller: Caller,
): Promise<Outcome<Contradiction>> {
  if (!Number.isSafeInteger(forMs) || forMs < SNOOZE_MIN_MS || forMs > SNOOZE_MAX_MS) {
    return refused(
      invalid("for", {
        expected: "1 minute to 7 days",
        got: Number.isFinite(forMs) ? `${forMs / 60_000} min` : null,
        hint: "Every snooze ends: say for how long, such as 4h or 2d.",
      }),
    );
  }
  return moveContradiction(house, id, caller, (record, now) => snooze(record, now + forMs, caller.actor));
}
