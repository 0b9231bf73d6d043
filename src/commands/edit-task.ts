import type { Change, TaskPatch } from "../core/change.ts";
import { queueTruth } from "../core/gates/queue-truth.ts";
import type { Requirement } from "../core/proof.ts";
import { type Outcome, type Refusal, refuse, refused } from "../core/refusal.ts";
import type { Limits, Priority, Task } from "../core/task.ts";
import { notQueueable, policyFault, textFault } from "../core/task-fields.ts";
import type { Committed } from "../ports/queue.ts";
import { policyHash, requirementFault, unknownReference } from "./add-task.ts";
import { type Caller, changeTask, type House } from "./house.ts";
import { onlyFrom } from "./wrong-status.ts";

export interface EditTask {
  readonly key: string;
  readonly version: number;
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly acceptance?: string | undefined;
  readonly epic?: string | undefined;
  readonly lane?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly dependsOn?: readonly string[] | undefined;
  readonly notBefore?: number | null | undefined;
  readonly requirements?: readonly Requirement[] | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** false queues a draft; true takes a queued task back to draft. */
  readonly draft?: boolean | undefined;
}

/** What a claimant relies on; a person may change it only while nobody holds the task. */
const FIXED_IN_FLIGHT = ["acceptance", "lane", "dependsOn", "requirements", "notBefore", "draft"] as const;

/** A person edits a task, based on the version they read. */
export async function editTask(house: House, input: EditTask, caller: Caller): Promise<Outcome<Committed>> {
  const fault =
    policyFault(input.requirements ?? []) ??
    requirementFault(house, input.requirements ?? []) ??
    (await unknownReference(house, input));
  if (fault) return refused(fault);
  const ids = await identities(house, input);
  return changeTask(house, input.key, ({ task }) => edit(house, task, input, ids, caller));
}

interface Identities {
  readonly lane: number | undefined;
  readonly epic: number | undefined;
  readonly dependencies: readonly number[] | undefined;
}

/** Lanes, epics and tasks are never deleted, so what was looked up before the change stays true during it. */
async function identities(house: House, input: EditTask): Promise<Identities> {
  const lane = input.lane === undefined ? undefined : (await house.roster.lane(input.lane))?.id;
  const epic = input.epic === undefined ? undefined : (await house.roster.epic(input.epic))?.id;
  const dependencies =
    input.dependsOn === undefined
      ? undefined
      : (await Promise.all([...new Set(input.dependsOn)].map((key) => house.queue.task(key)))).flatMap(
          (facts) => (facts === null ? [] : [facts.task.id]),
        );
  return { lane, epic, dependencies };
}

function edit(house: House, task: Task, input: EditTask, ids: Identities, caller: Caller): Change | Refusal {
  const texts = {
    title: input.title ?? task.title,
    body: input.body ?? task.body,
    acceptance: input.acceptance ?? task.acceptance,
  };
  const status = input.draft === undefined ? task.status : input.draft ? "draft" : "queued";
  const barred =
    queueTruth({ task, basedOn: input.version, ...(status === task.status ? {} : { to: status }) }) ??
    onlyFrom(task, ["draft", "queued", "offered", "active", "verifying", "blocked", "dead"], "edited") ??
    (input.draft === undefined
      ? null
      : onlyFrom(task, ["draft", "queued"], input.draft ? "drafted" : "queued")) ??
    fixedInFlight(task, input) ??
    selfDependency(task, input) ??
    textFault(texts) ??
    (status === "queued"
      ? notQueueable({
          key: task.key,
          lane: input.lane ?? task.lane,
          acceptance: texts.acceptance,
          requirements: input.requirements ?? task.requirements,
        })
      : null);
  if (barred) return barred;
  const changed = Object.keys(input).filter(
    (field) => !["key", "version"].includes(field) && input[field as keyof EditTask] !== undefined,
  );
  return {
    task: task.id,
    version: task.version,
    set: patch(house, input, ids, status === task.status ? undefined : status),
    event: {
      kind: "task.edited",
      actor: caller.actor,
      data: { fields: changed, status },
      requestId: caller.requestId,
    },
    ...(input.title === undefined && input.body === undefined && input.acceptance === undefined
      ? {}
      : { texts }),
    ...(input.requirements === undefined ? {} : { requirements: input.requirements }),
    ...(ids.dependencies === undefined ? {} : { dependencies: ids.dependencies }),
  };
}

function patch(
  house: House,
  input: EditTask,
  ids: Identities,
  status: "draft" | "queued" | Task["status"] | undefined,
): TaskPatch {
  return {
    ...(status === undefined ? {} : { status }),
    ...(input.priority === undefined ? {} : { priority: input.priority }),
    ...(ids.lane === undefined ? {} : { lane: ids.lane }),
    ...(ids.epic === undefined ? {} : { epic: ids.epic }),
    ...(input.notBefore === undefined ? {} : { notBefore: input.notBefore }),
    ...(input.requirements === undefined ? {} : { policyHash: policyHash(house, input.requirements) }),
    ...(input.limits?.maxAttempts === undefined ? {} : { maxAttempts: input.limits.maxAttempts }),
    ...(input.limits?.maxLapses === undefined ? {} : { maxLapses: input.limits.maxLapses }),
  };
}

function fixedInFlight(task: Task, input: EditTask): Refusal | null {
  if (["draft", "queued", "blocked"].includes(task.status)) return null;
  const field = FIXED_IN_FLIGHT.find((name) => input[name] !== undefined);
  if (field === undefined) return null;
  return refuse(field === "requirements" ? "proof-before-done" : "queue-truth", "fixed-in-flight", {
    field: field === "requirements" ? "policy" : field,
    expected: ["draft", "queued", "blocked"],
    got: task.status,
    hint: `${task.key} is ${task.status}: block it first, then change what its holder relies on.`,
  });
}

function selfDependency(task: Task, input: EditTask): Refusal | null {
  if (input.dependsOn?.includes(task.key) !== true) return null;
  return refuse("queue-truth", "dependency-cycle", {
    field: "dependsOn",
    expected: "other tasks",
    got: task.key,
    hint: `${task.key} cannot wait for itself.`,
  });
}
