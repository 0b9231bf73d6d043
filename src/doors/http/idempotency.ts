import type { House } from "../../commands/house.ts";
import type { KeyedRequest } from "../../ports/idempotency.ts";
import type { EventRecord } from "../../ports/log.ts";
import type { AgentRecord } from "../../ports/roster.ts";
import { ProblemAnswer, problem } from "./problem.ts";

/** An answer as it is sent, and kept for a repeated request. */
export interface Sent {
  readonly status: number;
  readonly body: string;
}

interface Once {
  readonly house: House;
  readonly agent: AgentRecord;
  readonly key: string;
  /** Method, path and body in one canonical text. */
  readonly question: string;
  readonly secret: boolean;
  readonly run: (requestId: string) => Promise<Sent>;
  /** Null where the call cannot tell its answer from the event. */
  readonly recall: (made: EventRecord) => Promise<Sent | null>;
}

/**
 * Runs a keyed request once a day at the most. Its id goes onto the event of the change it makes, so that a run that
 * died between the commit and its answer is found out: the next one answers from the present state and changes nothing.
 */
export async function answerOnce(once: Once): Promise<{ readonly sent: Sent; readonly replayed: boolean }> {
  const { house, agent, key } = once;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw unfitKey(key);
  const request: KeyedRequest = { agent: agent.id, key, fingerprint: house.identity.sha256(once.question) };
  const begun = await house.idempotency.begin(request);
  if (begun.state === "mismatched") throw anotherQuestion(key);
  if (begun.state === "running") throw stillRunning(begun.retryAfterMs);
  if (begun.state === "answered") return { sent: begun, replayed: true };

  const { token } = begun;
  const requestId = house.identity.sha256(`${agent.id}\n${key}\n${begun.startedAt}`);
  const keep = async (sent: Sent, replayed: boolean) => {
    await house.idempotency.answer(request, token, once.secret ? shownOnce(sent) : sent);
    return { sent, replayed };
  };
  const recalled = async (): Promise<Sent | null> => {
    const made = await house.log.byRequest(requestId);
    return made === null ? null : once.recall(made);
  };
  try {
    const earlier = begun.again ? await recalled() : null;
    if (earlier !== null) return await keep(earlier, true);
    return await keep(await once.run(requestId), false);
  } catch (error) {
    // The change may have been made all the same: by this run, before what failed, or by one that was thought dead.
    const made = await recalled().catch(() => null);
    if (made !== null) return keep(made, true);
    await house.idempotency.abandon(request, token).catch(() => undefined);
    throw error;
  }
}

/** What a repeated request gets instead of the secret. */
function shownOnce(sent: Sent): Sent {
  if (sent.status >= 400) return sent;
  const body = problem(409, "shown-once", {
    field: "Idempotency-Key",
    hint: "This was done, and its secret was shown once, in the first answer. Revoke it and make another if it was lost.",
  });
  return { status: body.status, body: JSON.stringify(body) };
}

function unfitKey(key: string): ProblemAnswer {
  const expected = "1 to 255 visible ASCII characters";
  const got = key.length > 255 ? `${key.length} characters` : key;
  const field = "Idempotency-Key";
  const hint = "Send a key of your own making, such as a UUID, one for each thing you want done.";
  return new ProblemAnswer(
    problem(422, "idempotency-key", { field, expected, got, hint, errors: [{ field, expected, got }] }),
  );
}

function anotherQuestion(key: string): ProblemAnswer {
  const field = "Idempotency-Key";
  const expected = "the request this key first came with";
  return new ProblemAnswer(
    problem(422, "idempotency-key-reused", {
      field,
      expected,
      got: key,
      hint: "This key was used for another request within the last day: use a new one.",
      errors: [{ field, expected, got: key }],
    }),
  );
}

function stillRunning(retryAfterMs: number): ProblemAnswer {
  return new ProblemAnswer(
    problem(409, "still-running", {
      field: "Idempotency-Key",
      expected: "a request that has been answered",
      got: "one under way",
      hint: "The first request of this key has not been answered yet: ask again in a moment.",
    }),
    // Most answers come at once; only after a crash does it take the whole lease.
    { "retry-after": String(retryAfterMs > 1000 ? 1 : Math.max(1, Math.ceil(retryAfterMs / 1000))) },
  );
}
