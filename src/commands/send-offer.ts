import { cardNotice, offerSubject } from "../core/card.ts";
import type { Json } from "../core/json.ts";
import type { PlainNotice } from "../core/notice.ts";
import { backoffMs } from "../core/task.ts";
import type { DispatchWork } from "../ports/dispatches.ts";
import { Trouble } from "../ports/trouble.ts";
import type { HeldFacts, House } from "./house.ts";

/** Hands one offer to its dispatcher, and writes down what came of it. An offer that is over is not sent any more. */
export async function sendOffer(house: House, work: DispatchWork, signal: AbortSignal): Promise<void> {
  const facts = await house.queue.attempt(work.attempt);
  if (facts?.attempt == null || facts.attempt.endedAt !== null || facts.task.status !== "offered") {
    return house.dispatches.unsent(work, "the offer was over before it was sent", null);
  }
  const dispatcher = house.dispatchers.get(work.dispatch.kind);
  if (dispatcher === undefined)
    return house.dispatches.unsent(work, `there is no way ${work.dispatch.kind}`, null);
  const held = { ...facts, attempt: facts.attempt };
  try {
    await dispatcher.send(
      { id: work.attempt, dispatch: work.dispatch, payload: offerJson(held), card: offerCard(held) },
      signal,
    );
  } catch (error) {
    if (!(error instanceof Trouble)) {
      await house.dispatches.unsent(work, `the dispatcher broke: ${String(error)}`, null);
      throw error;
    }
    const never = error.code === "rejected";
    const retryMs = never ? null : Math.max(backoffMs(work.tries), error.retryAfterMs ?? 0);
    return house.dispatches.unsent(work, error.message, retryMs);
  }
  return house.dispatches.sent(work);
}

/** What an agent takes an offer up by: every field of its first heartbeat, and the task. Times are ISO 8601. */
function offerJson({ task, attempt, lane }: HeldFacts): { readonly [field: string]: Json } {
  return {
    offer: attempt.id,
    expiresAt: new Date(attempt.leaseExpiresAt).toISOString(),
    attempt: {
      id: attempt.id,
      number: attempt.number,
      epoch: attempt.epoch,
      agent: attempt.agent,
      lane: attempt.lane,
      session: attempt.session,
      route: { provider: attempt.route.provider, model: attempt.route.model },
      heartbeatEverySeconds: (lane?.heartbeatMs ?? attempt.leaseMs / 3) / 1000,
    },
    task: {
      key: task.key,
      epic: task.epic,
      title: task.title,
      body: task.body,
      acceptance: task.acceptance,
      priority: task.priority,
      version: task.version,
      requirements: task.requirements.map((requirement) => ({ ...requirement })) as unknown as Json,
    },
  };
}

function offerCard(facts: HeldFacts): PlainNotice {
  const card = cardNotice(facts);
  return {
    ...card,
    subject: offerSubject(facts.attempt.id),
    data: { ...card.data, offer: offerJson(facts) },
  };
}
