import type { Change } from "../core/change.ts";
import { holderTrust } from "../core/gates/heartbeat-trust.ts";
import { queueTruth } from "../core/gates/queue-truth.ts";
import { invalid, type Outcome, type Refusal, refused } from "../core/refusal.ts";
import type { Committed, TaskFacts } from "../ports/queue.ts";
import { type Caller, changeAttempt, changeTask, type House } from "./house.ts";
import { reasonFault } from "./reason.ts";

interface Blocking {
  /** A word for the sort of obstacle: `question`, `access`, `dependency`, `external` … */
  readonly kind: string;
  readonly reason: string;
  /** Who is asked; `operator` where nobody is named. */
  readonly owner?: string | undefined;
  /** The one question that would free it; made from the reason where absent. */
  readonly question?: string | undefined;
  readonly choices?: readonly string[] | undefined;
}

const KIND = /^[a-z][a-z0-9-]{0,39}$/;
const CHOICES_MAX = 10;

/** A person takes a task out of the queue, with one question to answer. Ends an open attempt. */
export async function blockTask(
  house: House,
  input: Blocking & { readonly key: string; readonly version?: number | undefined },
  caller: Caller,
): Promise<Outcome<Committed>> {
  const fault = blockingFault(input);
  if (fault) return refused(fault);
  return changeTask(house, input.key, (facts) => {
    const barred = queueTruth({ task: facts.task, basedOn: input.version, to: "blocked" });
    return barred ?? blocked(facts, input, caller);
  });
}

/** The holder cannot go on without an answer: the attempt ends, and the task waits for a person. */
export async function blockAttempt(
  house: House,
  input: Blocking & { readonly attempt: string; readonly epoch: number; readonly agent: string },
  caller: Caller,
): Promise<Outcome<Committed>> {
  const fault = blockingFault(input);
  if (fault) return refused(fault);
  return changeAttempt(house, input.attempt, (facts) => {
    const { attempt, task, now } = facts;
    const barred =
      holderTrust({ agent: input.agent, epoch: input.epoch, attempt, task }, now) ??
      queueTruth({ task, to: "blocked" });
    return barred ?? { ...blocked(facts, input, caller), lease: "living" as const };
  });
}

function blockingFault(input: Blocking): Refusal | null {
  if (!KIND.test(input.kind)) {
    return invalid("kind", {
      expected: "a lower-case word such as question, access or external",
      got: input.kind,
      hint: "Say what sort of obstacle it is.",
    });
  }
  const choices = input.choices ?? [];
  if (choices.length > CHOICES_MAX) {
    return invalid("choices", {
      expected: `at most ${CHOICES_MAX}`,
      got: choices.length,
      hint: "Ask something people can answer at a glance.",
    });
  }
  return (
    reasonFault(input.reason) ??
    (input.question === undefined ? null : reasonFault(input.question, "question")) ??
    (input.owner === undefined ? null : reasonFault(input.owner, "owner")) ??
    choices.map((choice) => reasonFault(choice, "choices")).find((fault) => fault !== null) ??
    null
  );
}

function blocked({ task, attempt }: TaskFacts, input: Blocking, caller: Caller): Change {
  const block = {
    kind: input.kind,
    reason: input.reason,
    owner: input.owner ?? "operator",
    question: input.question ?? `How should ${task.key} go on?`,
    choices: input.choices ?? [],
  };
  const open = attempt !== null && attempt.endedAt === null;
  return {
    task: task.id,
    version: task.version,
    ...(open ? { attempt: attempt.number, end: { outcome: "blocked", reason: input.reason } as const } : {}),
    set: { status: "blocked" },
    event: { kind: "task.blocked", actor: caller.actor, data: block, requestId: caller.requestId },
    block,
  };
}
