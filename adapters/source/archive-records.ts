import { z } from "zod";
import type { Json } from "../../src/core/json.ts";
import { AUTO_COMPLETE } from "../../src/core/notice.ts";
import type { Requirement } from "../../src/core/proof.ts";
import { epicFault, laneFault, nameFault } from "../../src/core/roster.ts";
import { OBSERVE } from "../../src/core/route-facts.ts";
import { PRIORITIES, STATUSES, TASK_KEY } from "../../src/core/task.ts";
import { externalId } from "./lines.ts";

/** What a text column can hold: the database keeps neither halves of characters nor a NUL. */
const text = z
  .string()
  .refine((value) => value.isWellFormed() && !value.includes("\0"), "whole characters, no NUL");
const filled = text.refine((value) => value !== "", "something");
/** Milliseconds since 1970 UTC. */
const time = z.int().min(0);
const count = z.int().min(0);
const taskKey = z.string().regex(TASK_KEY, "a key such as CLIP-12");
const agentName = z.string().refine((name) => nameFault("agent", name) === null, "an agent's name");
const route = z.strictObject({ provider: filled, model: filled });
/** Taken as they are, key by key: what a schema would copy might not come out the same. */
const object = z.custom<{ readonly [field: string]: Json }>(
  (value) => value !== null && typeof value === "object" && !Array.isArray(value),
  "an object",
);
const requirement = z.custom<Requirement>((value) => {
  const fields = z.looseObject({ name: filled, kind: filled }).safeParse(value);
  return fields.success;
}, "a requirement with a name and a kind");
const outcome = z.enum(["done", "released", "lapsed", "blocked", "cancelled", "failed", "offer-lapsed"]);

const lane = z
  .strictObject({
    record: z.literal("lane"),
    name: z.string(),
    route,
    capacity: z.int(),
    leaseMs: z.int(),
    heartbeatMs: z.int(),
    dispatch: z.looseObject({ kind: filled }),
    pausedAt: time.nullable(),
    pausedReason: text.nullable(),
    // Archives from before lanes could demand it do not say.
    observe: z.enum(OBSERVE).default("optional"),
    routeAliases: z.array(filled).default([]),
    version: z.int().min(1),
    createdAt: time,
    updatedAt: time,
  })
  .refine((one) => laneFault(one) === null, "a lane with a plain name, a route, and lengths that fit")
  .refine(
    (one) => (one.pausedAt === null) === (one.pausedReason === null),
    "paused at a time and for a reason",
  );

const epic = z
  .strictObject({
    record: z.literal("epic"),
    key: z.string(),
    title: text,
    goal: text,
    lastNumber: count,
    createdAt: time,
  })
  .refine((one) => epicFault(one) === null, "an epic with a key such as CLIP and a title of one line");

const agent = z.strictObject({
  record: z.literal("agent"),
  name: agentName,
  role: z.enum(["agent", "operator"]),
  createdAt: time,
});

const task = z.strictObject({
  record: z.literal("task"),
  key: taskKey,
  epic: z.string(),
  lane: z.string().nullable(),
  priority: z.enum(PRIORITIES),
  status: z.enum(STATUSES),
  version: z.int().min(1),
  epoch: count,
  attempts: count,
  failures: count,
  lapses: count,
  limits: z.strictObject({ maxAttempts: z.int().min(1), maxLapses: z.int().min(1) }),
  notBefore: time.nullable(),
  readyAt: time.nullable(),
  policyHash: text,
  completion: z.enum(["proved", "attested"]).nullable(),
  createdAt: time,
  updatedAt: time,
  title: text,
  body: text,
  acceptance: text,
  requirements: z.array(requirement),
  dependencies: z.array(taskKey),
  links: z.array(z.strictObject({ kind: text, target: text })),
  origins: z.array(z.strictObject({ source: filled, externalId, labels: object })),
  block: z
    .strictObject({
      kind: filled,
      reason: filled,
      owner: filled,
      question: filled,
      choices: z.array(text),
      since: time,
    })
    .nullable(),
});

const attempt = z.strictObject({
  record: z.literal("attempt"),
  task: taskKey,
  number: z.int().min(1),
  epoch: z.int().min(1),
  agent: agentName,
  lane: z.string(),
  session: filled,
  route,
  startedAt: time,
  leaseMs: count,
  leaseExpiresAt: time,
  lastHeartbeatAt: time,
  beats: count,
  note: text.nullable(),
  policyHash: text,
  proofSetHash: text.nullable(),
  endedAt: time.nullable(),
  outcome: outcome.nullable(),
  reason: text.nullable(),
});

const proof = z.strictObject({
  record: z.literal("proof"),
  task: taskKey,
  attempt: z.int().min(1),
  requirement: text,
  kind: text,
  uri: text,
  attachedBy: text,
  attachedAt: time,
  superseded: z.boolean(),
  verdict: z.enum(["pending", "passed", "failed", "inconclusive"]),
  reason: text.nullable(),
  evidence: text.nullable(),
  seen: object.nullable(),
  checkedAt: time.nullable(),
  checks: count,
});

const event = z
  .strictObject({
    record: z.literal("event"),
    task: taskKey.nullable(),
    version: z.int().min(1).nullable(),
    change: filled,
    kind: text,
    actor: text,
    at: time,
    attempt: z.int().min(1).nullable(),
    data: object,
  })
  .refine((one) => (one.task === null) === (one.version === null), "a version where it is a task's event");

const announcement = z.strictObject({
  record: z.literal("announcement"),
  task: taskKey,
  version: z.int().min(1),
  text: text.refine((words) => words.startsWith(AUTO_COMPLETE), `words that begin with ${AUTO_COMPLETE}`),
  data: object,
  at: time,
});

/** Every record of the own format by its name. Unknown fields are faults: a later version says so in its header. */
export const RECORDS = { lane, epic, agent, task, attempt, proof, event, announcement } as const;
export type RecordName = keyof typeof RECORDS;
export type Read<Name extends RecordName> = z.infer<(typeof RECORDS)[Name]>;
