import { z } from "@hono/zod-openapi";
import type { Attempt } from "../../core/attempt.ts";
import { laneReasons, type PullReason, taskReasons } from "../../core/gates/runnable-pull.ts";
import type { Proof } from "../../core/proof.ts";
import { proofLacks } from "../../core/proof-progress.ts";
import type { TaskHistory, TaskSummary } from "../../ports/listing.ts";
import type { EventRecord } from "../../ports/log.ts";
import type { TaskFacts } from "../../ports/queue.ts";
import { iso, isoOrNull, PriorityName, StatusName, Timestamp } from "./fields.ts";

const RouteJson = z.object({ provider: z.string(), model: z.string() }).openapi("RouteName");

const HolderJson = z
  .object({
    attempt: z.string(),
    agent: z.string(),
    session: z.string(),
    leaseExpiresAt: Timestamp,
    lastHeartbeatAt: Timestamp,
  })
  .openapi("Holder");

export const EventJson = z
  .object({
    id: z.int(),
    at: Timestamp,
    kind: z.string().openapi({ example: "task.claimed" }),
    actor: z.string().openapi({ example: "agent:ada" }),
    via: z
      .string()
      .optional()
      .openapi({ description: "The channel it was asked for in", example: "slack:C012AB" }),
    task: z.string().nullable(),
    version: z.int().nullable(),
    attempt: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi("Event");

const ProofJson = z
  .object({
    id: z.int(),
    attempt: z.string(),
    requirement: z.string(),
    kind: z.string(),
    uri: z.string(),
    attachedBy: z.string(),
    attachedAt: Timestamp,
    verdict: z.enum(["pending", "passed", "failed", "inconclusive"]),
    reason: z.string().nullable(),
    evidence: z.string().nullable(),
    seen: z.record(z.string(), z.unknown()).nullable(),
    checkedAt: Timestamp.nullable(),
    checks: z.int(),
    superseded: z.boolean().openapi({ description: "A later link for the same requirement took its place" }),
  })
  .openapi("Proof");

export const AttachedJson = ProofJson.extend({
  others: z
    .array(ProofJson)
    .openapi({ description: "Proofs of other requirements that the same link was attached to" }),
}).openapi("AttachedProof");

const AttemptJson = z
  .object({
    id: z.string(),
    number: z.int(),
    epoch: z.int(),
    agent: z.string(),
    lane: z.string(),
    session: z.string(),
    route: RouteJson,
    startedAt: Timestamp,
    leaseExpiresAt: Timestamp,
    lastHeartbeatAt: Timestamp,
    beats: z.int(),
    note: z.string().nullable(),
    endedAt: Timestamp.nullable(),
    outcome: z
      .enum(["done", "released", "lapsed", "blocked", "cancelled", "failed", "offer-lapsed"])
      .nullable(),
    reason: z.string().nullable(),
  })
  .openapi("Attempt");

const summaryFields = {
  key: z.string().openapi({ example: "CLIP-12" }),
  title: z.string(),
  epic: z.string(),
  lane: z.string().nullable(),
  priority: PriorityName,
  status: StatusName,
  version: z
    .int()
    .openapi({ description: "Rises by one with every change; name it to change what you read" }),
  attemptCount: z.int(),
  notBefore: Timestamp.nullable(),
  completion: z.enum(["proved", "attested"]).nullable(),
  holder: HolderJson.nullable().openapi({ description: "The open attempt" }),
  createdAt: Timestamp,
  updatedAt: Timestamp,
};

export const TaskSummaryJson = z
  .object({
    ...summaryFields,
    runnable: z.boolean(),
    openDependencies: z.int(),
    block: z
      .object({ kind: z.string(), reason: z.string(), owner: z.string(), question: z.string() })
      .nullable(),
  })
  .openapi("TaskSummary");

const taskFields = {
  ...summaryFields,
  body: z.string(),
  acceptance: z.string(),
  dependsOn: z.array(z.string()),
  dependencies: z.array(z.object({ key: z.string(), status: StatusName })),
  policy: z.object({
    requirements: z.array(z.looseObject({ name: z.string(), kind: z.string() })),
    hash: z.string(),
  }),
  limits: z.object({ maxAttempts: z.int(), maxLapses: z.int() }),
  failures: z.int(),
  lapses: z.int(),
  block: z
    .object({
      kind: z.string(),
      reason: z.string(),
      owner: z.string(),
      question: z.string(),
      choices: z.array(z.string()),
      since: Timestamp,
    })
    .nullable(),
};

export const TaskJson = z.object(taskFields).openapi("Task");

export const TaskDetailJson = z
  .object({
    ...taskFields,
    runnable: z.boolean(),
    why: z.array(z.object({ code: z.string(), detail: z.string() })).openapi({
      description:
        "What stands against pulling it now, and of a claimed task what each requirement still lacks; empty where it is runnable",
    }),
    attempts: z.array(AttemptJson),
    proofs: z.array(ProofJson),
    events: z.array(EventJson).openapi({ description: "Oldest first; of a very long history the newest" }),
  })
  .openapi("TaskDetail");

export type TaskBody = z.input<typeof TaskJson>;

export function taskJson({ task, attempt }: TaskFacts): TaskBody {
  const { attempts, readyAt: _, id: __, epoch: ___, requirements, policyHash, ...rest } = task;
  return {
    ...rest,
    attemptCount: attempts,
    dependsOn: task.dependencies.map(({ key }) => key),
    dependencies: [...task.dependencies],
    policy: { requirements: [...requirements], hash: policyHash },
    notBefore: isoOrNull(task.notBefore),
    block: task.block && { ...task.block, choices: [...task.block.choices], since: iso(task.block.since) },
    holder:
      attempt === null || attempt.endedAt !== null
        ? null
        : {
            attempt: attempt.id,
            agent: attempt.agent,
            session: attempt.session,
            leaseExpiresAt: iso(attempt.leaseExpiresAt),
            lastHeartbeatAt: iso(attempt.lastHeartbeatAt),
          },
    createdAt: iso(task.createdAt),
    updatedAt: iso(task.updatedAt),
  };
}

/** Why nobody may pull the task now, in the gate's own words. The lane matters only to what stands in the queue. */
export function whyNot({ task, lane, now }: TaskFacts, livingLeases: number): readonly PullReason[] {
  const ofLane = lane === null || task.status !== "queued" ? [] : laneReasons(lane, livingLeases);
  return [...taskReasons(task, now), ...ofLane];
}

export function taskDetailJson(
  facts: TaskFacts,
  history: TaskHistory,
  livingLeases: number,
): z.input<typeof TaskDetailJson> {
  const why = whyNot(facts, livingLeases);
  return {
    ...taskJson(facts),
    runnable: why.length === 0,
    why: [...why, ...proofLacks(facts)],
    attempts: history.attempts.map(attemptJson),
    proofs: history.proofs.map((proof) => proofJson(facts.task.key, proof, proof.superseded)),
    events: history.events.map(eventJson),
  };
}

export function taskSummaryJson(task: TaskSummary): z.input<typeof TaskSummaryJson> {
  const { attempts, holder, ...rest } = task;
  return {
    ...rest,
    attemptCount: attempts,
    notBefore: isoOrNull(task.notBefore),
    holder: holder && {
      ...holder,
      leaseExpiresAt: iso(holder.leaseExpiresAt),
      lastHeartbeatAt: iso(holder.lastHeartbeatAt),
    },
    createdAt: iso(task.createdAt),
    updatedAt: iso(task.updatedAt),
  };
}

function attemptJson(attempt: Attempt): z.input<typeof AttemptJson> {
  return {
    ...attempt,
    startedAt: iso(attempt.startedAt),
    leaseExpiresAt: iso(attempt.leaseExpiresAt),
    lastHeartbeatAt: iso(attempt.lastHeartbeatAt),
    endedAt: isoOrNull(attempt.endedAt),
  };
}

function proofJson(task: string, proof: Proof, superseded = false): z.input<typeof ProofJson> {
  return {
    ...proof,
    attempt: `${task}.${proof.attempt}`,
    attachedAt: iso(proof.attachedAt),
    checkedAt: isoOrNull(proof.checkedAt),
    superseded,
  };
}

export function attachedJson(
  task: string,
  proof: Proof,
  others: readonly Proof[],
): z.input<typeof AttachedJson> {
  return { ...proofJson(task, proof), others: others.map((one) => proofJson(task, one)) };
}

export function eventJson(event: EventRecord): z.input<typeof EventJson> {
  return { ...event, at: iso(event.at) };
}
