import type { Json } from "./json.ts";
import { invalid, type Refusal } from "./refusal.ts";

/**
 * How work reaches the agents of a lane. `pull`: they ask for it. Every other kind is a dispatcher, which is handed offers
 * for `agent`; what else it needs to know is its own.
 */
export interface Dispatch {
  readonly kind: string;
  /** For whom offers are made: an agent that has the lane. */
  readonly agent?: string;
  /** How long an offer waits for its first heartbeat. */
  readonly offerSeconds?: number;
  readonly [field: string]: Json | undefined;
}

const OFFER_SECONDS = 120;
const OFFER_MIN = 5;
const OFFER_MAX = 86_400;
const AGENT = /^[a-z0-9][a-z0-9._-]{0,59}$/i;

export function offerMs({ offerSeconds = OFFER_SECONDS }: Dispatch): number {
  return offerSeconds * 1000;
}

/** The part that is the same for every dispatcher. `kinds` are those there are. */
export function dispatchFault(dispatch: Dispatch, kinds: readonly string[]): Refusal | null {
  const { kind, agent, offerSeconds } = dispatch;
  const wrong = (field: string, expected: Json, got: Json, hint: string): Refusal =>
    invalid(field, { expected, got, hint }, "runnable-pull");
  if (kind === "pull") {
    const [extra] = Object.keys(dispatch).filter((field) => field !== "kind");
    if (extra === undefined) return null;
    return wrong(
      `dispatch.${extra}`,
      "nothing",
      dispatch[extra] ?? null,
      "Agents that pull need no other setting.",
    );
  }
  if (!kinds.includes(kind))
    return wrong(
      "dispatch",
      ["pull", ...kinds],
      kind,
      "Say one of the ways there are; docs/dispatch.md tells them apart.",
    );
  if (typeof agent !== "string" || !AGENT.test(agent))
    return wrong(
      "dispatch.agent",
      "an agent's name",
      agent ?? null,
      "Say for which agent of this lane the offers are.",
    );
  if (offerSeconds === undefined) return null;
  const fits = Number.isSafeInteger(offerSeconds) && offerSeconds >= OFFER_MIN && offerSeconds <= OFFER_MAX;
  const expected = `${OFFER_MIN} to ${OFFER_MAX} seconds`;
  return fits
    ? null
    : wrong(
        "dispatch.offerSeconds",
        expected,
        offerSeconds,
        "Say how long an offer waits for its first heartbeat.",
      );
}

/** How long a target rests after so many offers in a row that nobody took, in milliseconds: 1, 2, 4 … 60 minutes. */
export function coolingMs(failures: number): number {
  return Math.min(60_000 * 2 ** Math.max(0, Math.min(failures - 1, 10)), 3_600_000);
}
