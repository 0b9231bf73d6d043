import { type Diagnosis, diagnoseTrouble, diagnosisJson } from "../core/diagnosis.ts";
import { holderTrust } from "../core/gates/heartbeat-trust.ts";
import { done, missing, type Outcome, refused } from "../core/refusal.ts";
import type { TroubleKind } from "../core/route-facts.ts";
import { spelledAs } from "../core/telemetry/providers.ts";
import type { Caller, House } from "./house.ts";

export interface ReportTrouble {
  readonly attempt: string;
  readonly epoch: number;
  readonly agent: string;
  readonly kind: TroubleKind;
  readonly provider: string;
  readonly model: string;
  readonly message: string;
}

/** How much of an agent's observations a diagnosis looks at. */
const SEEN_MAX = 500;
const MESSAGE_MAX = 300;

/** The holder met an error of its provider: kept, and answered with what it means. The attempt stays as it is. */
export async function reportTrouble(
  house: House,
  input: ReportTrouble,
  caller: Caller,
): Promise<Outcome<Diagnosis>> {
  const facts = await house.queue.attempt(input.attempt);
  if (facts?.attempt == null) {
    return refused(missing("attempt", input.attempt, "No such attempt: use the id the claim answered with."));
  }
  const { attempt, task, lane, now } = facts;
  const barred = holderTrust({ agent: input.agent, epoch: input.epoch, attempt, task }, now);
  if (barred) return refused(barred);
  const provider = spelledAs(attempt.route, input.provider);
  const message = input.message.slice(0, MESSAGE_MAX).replace(/[\ud800-\udbff]$/, "");
  const call = { provider, requestedModel: input.model, respondedModel: null };
  const { session, agent } = attempt;
  // What was seen before: the error itself is no evidence of itself.
  const seen = await house.routes.seen({ agent }, SEEN_MAX);
  const diagnosis = diagnoseTrouble({
    attempt: attempt.id,
    session,
    agent,
    lane: attempt.lane,
    demand: { route: attempt.route, aliases: lane?.routeAliases ?? [] },
    claimedAt: attempt.startedAt,
    error: { ...call, kind: input.kind, message, at: now },
    seen,
  });
  const said = { errorType: input.kind, statusCode: null, trouble: input.kind, message };
  const observation = {
    session,
    agent,
    attempt: attempt.id,
    source: "trouble",
    kind: "error",
    ...call,
  } as const;
  await house.routes.record([{ ...observation, ...said, firstSeenAt: null, lastSeenAt: null, count: 1 }]);
  await house.routes.troubled({
    actor: caller.actor,
    data: { ...diagnosisJson(diagnosis), message, source: "trouble" },
    requestId: caller.requestId,
  });
  return done(diagnosis);
}
