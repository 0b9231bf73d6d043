import { canonicalJson, type Json } from "../core/json.ts";
import type { Requirement } from "../core/proof.ts";
import { done, invalid, type Outcome, type Refusal, refused } from "../core/refusal.ts";
import { DEFAULT_EPIC, DEFAULT_LIMITS, type Limits, type Priority } from "../core/task.ts";
import { notQueueable, policyFault, textFault } from "../core/task-fields.ts";
import type { Caller, House } from "./house.ts";

export interface AddTask {
  readonly title: string;
  readonly body?: string | undefined;
  readonly acceptance?: string | undefined;
  readonly epic?: string | undefined;
  readonly lane?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly dependsOn?: readonly string[] | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly notBefore?: number | undefined;
  /** None: the epic's default, else the lane's. */
  readonly requirements: readonly Requirement[];
  readonly limits?: Partial<Limits> | undefined;
  readonly draft?: boolean | undefined;
}

/** Adds a task, queued unless it is a draft; answers its key. */
export async function addTask(house: House, input: AddTask, caller: Caller): Promise<Outcome<string>> {
  const texts = { title: input.title, body: input.body ?? "", acceptance: input.acceptance ?? "" };
  const epic = input.epic ?? DEFAULT_EPIC;
  const requirements =
    input.requirements.length > 0
      ? input.requirements
      : ((await house.policies.defaults(epic, input.lane ?? null))?.requirements ?? []);
  const task = { key: "This task", lane: input.lane ?? null, requirements, ...texts };
  const fault =
    textFault(texts) ??
    policyFault(requirements) ??
    requirementFault(house, requirements) ??
    (input.draft === true ? null : asInvalid(notQueueable(task))) ??
    (await unknownReference(house, input));
  if (fault) return refused(fault);
  const added = await house.queue.add({
    ...texts,
    epic,
    lane: task.lane,
    priority: input.priority ?? "P2",
    status: input.draft === true ? "draft" : "queued",
    requirements,
    policyHash: policyHash(house, requirements),
    dependencies: [...new Set(input.dependsOn ?? [])],
    notBefore: input.notBefore ?? null,
    limits: { ...DEFAULT_LIMITS, ...input.limits },
    event: { kind: "task.added", actor: caller.actor, requestId: caller.requestId },
  });
  return typeof added === "string" ? done(added) : refused(added);
}

/** The identity of a policy: the order of a requirement's keys does not matter, the order of requirements does. */
export function policyHash(house: House, requirements: readonly Requirement[]): string {
  return house.identity.sha256(canonicalJson(requirements));
}

/** The first requirement no verifier would take, named with its field. */
export function requirementFault(house: House, requirements: readonly Requirement[]): Refusal | null {
  for (const [index, requirement] of requirements.entries()) {
    const at = `policy.requirements[${index}]`;
    const verifier = house.verifiers.get(requirement.kind);
    if (verifier === undefined) {
      return invalid(
        `${at}.kind`,
        {
          expected: [...house.verifiers.keys()],
          got: requirement.kind,
          hint: "No verifier knows this kind of requirement.",
        },
        "proof-before-done",
      );
    }
    const fault = verifier.check(requirement)[0];
    if (fault !== undefined) {
      return invalid(
        `${at}.${fault.field}`,
        {
          expected: fault.expected,
          got: fault.got === undefined ? null : (JSON.parse(JSON.stringify(fault.got)) as Json),
          hint: `Mend the requirement "${requirement.name}" of kind ${requirement.kind}.`,
        },
        "proof-before-done",
      );
    }
  }
  return null;
}

/** Lanes, epics and tasks named by the request must exist. */
export async function unknownReference(
  house: House,
  input: {
    readonly epic?: string | undefined;
    readonly lane?: string | undefined;
    readonly dependsOn?: readonly string[] | undefined;
  },
): Promise<Refusal | null> {
  if (input.epic !== undefined && (await house.roster.epic(input.epic)) === null) {
    return unknown("epic", input.epic, `Add it first: gatehouse epic add ${input.epic} TITLE`);
  }
  if (input.lane !== undefined && (await house.roster.lane(input.lane)) === null) {
    return unknown(
      "lane",
      input.lane,
      `Add it first: gatehouse lane set ${input.lane} --route PROVIDER/MODEL`,
    );
  }
  const keys = [...new Set(input.dependsOn ?? [])];
  const found = await Promise.all(keys.map((key) => house.queue.task(key)));
  const absent = keys.find((_, index) => found[index] === null);
  return absent === undefined
    ? null
    : unknown("dependsOn", absent, "A task can only wait for one that exists.");
}

function unknown(field: string, got: string, hint: string): Refusal {
  return invalid(field, { expected: "one that exists", got, hint });
}

/** A request that lacks what the queue asks is a wrong request, not a task in the wrong state. */
function asInvalid(refusal: Refusal | null): Refusal | null {
  return refusal && { ...refusal, sort: "invalid" };
}
