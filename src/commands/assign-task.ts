import type { Change } from "../core/change.ts";
import { queueTruth } from "../core/gates/queue-truth.ts";
import { invalid, type Outcome, type Refusal, refuse, refused } from "../core/refusal.ts";
import type { Block, Task } from "../core/task.ts";
import type { TaskFacts } from "../ports/queue.ts";
import { unknownReference } from "./add-task.ts";
import { type Caller, type Changed, changeTask, type House } from "./house.ts";
import { reasonFault } from "./reason.ts";
import { onlyFrom } from "./wrong-status.ts";

export interface AssignTask {
  readonly key: string;
  readonly version?: number | undefined;
  /** Whose sessions may pull it from now on. */
  readonly lane?: string | undefined;
  /** Who is asked, where it is blocked: a person's actor, a team's name, anything people understand. */
  readonly owner?: string | undefined;
  readonly reason?: string | undefined;
}

/**
 * A person gives a task to another lane, or the question it is blocked on to somebody else, or both. Agents pull: a task
 * is never assigned to one. Whoever holds it relies on its lane, so a task in flight is blocked first.
 */
export async function assignTask(house: House, input: AssignTask, caller: Caller): Promise<Outcome<Changed>> {
  const { lane: name, owner, reason } = input;
  const fault =
    (name === undefined && owner === undefined ? nobody() : null) ??
    (owner === undefined ? null : reasonFault(owner, "owner")) ??
    (reason === undefined ? null : reasonFault(reason)) ??
    (await unknownReference(house, { lane: name }));
  if (fault) return refused(fault);
  // Lanes are never deleted, so what was looked up before the change stays true during it.
  const lane = name === undefined ? undefined : (await house.roster.lane(name))?.id;
  return changeTask(house, input.key, ({ task }) => assignment(task, input, lane, caller));
}

function assignment(
  task: TaskFacts["task"],
  input: AssignTask,
  lane: number | undefined,
  caller: Caller,
): Change | Refusal {
  const barred =
    queueTruth({ task, basedOn: input.version }) ??
    (lane === undefined ? null : onlyFrom(task, ["draft", "queued", "blocked", "dead"], "given to a lane"));
  if (barred) return barred;
  const block = input.owner === undefined ? undefined : askedOf(task, input.owner);
  if (block !== undefined && "gate" in block) return block;
  return {
    task: task.id,
    version: task.version,
    set: lane === undefined ? {} : { lane },
    event: {
      kind: "task.assigned",
      actor: caller.actor,
      data: {
        ...(lane === undefined ? {} : { lane: input.lane ?? null, fromLane: task.lane }),
        ...(block === undefined ? {} : { owner: block.owner, fromOwner: task.block?.owner ?? null }),
        reason: input.reason ?? null,
      },
      requestId: caller.requestId,
    },
    ...(block === undefined ? {} : { block }),
  };
}

/** The same question, asked of somebody else since the same time. */
function askedOf(task: Pick<Task, "key" | "status" | "block">, owner: string): Block | Refusal {
  const barred = onlyFrom(task, ["blocked"], "given to a person, who answers their question");
  if (barred) return barred;
  if (task.block !== null) return { ...task.block, owner };
  return refuse("queue-truth", "no-question", {
    field: "owner",
    expected: "a question somebody can answer",
    got: null,
    hint: `${task.key} is blocked without a question: unblock it, or block it anew with one.`,
  });
}

function nobody(): Refusal {
  return invalid("lane", {
    expected: "a lane, an owner of its question, or both",
    got: null,
    hint: "Say which lane may pull it, or who is to answer what it is blocked on.",
  });
}
