import { z } from "@hono/zod-openapi";
import { claimTask } from "../../commands/claim-task.ts";
import { done, missing, refused } from "../../core/refusal.ts";
import type { TaskFacts } from "../../ports/queue.ts";
import { type Call, defineCall } from "./call.ts";
import { iso, Name, RouteFields, Session, Timestamp } from "./fields.ts";
import { TaskJson, taskJson } from "./task-json.ts";

const ClaimBody = z.strictObject({ lane: Name, session: Session, route: RouteFields }).openapi("Claim");

const HeldAttempt = z
  .object({
    id: z.string().openapi({ example: "CLIP-12.2" }),
    number: z.int(),
    epoch: z.int().openapi({ description: "The fencing token: every act on the attempt names it" }),
    leaseExpiresAt: Timestamp,
    heartbeatEverySeconds: z.number(),
    session: z.string(),
    lane: z.string(),
    route: z.object({ provider: z.string(), model: z.string() }),
    startedAt: Timestamp,
  })
  .openapi("HeldAttempt");

const ClaimedJson = z
  .union([
    z.object({ attempt: HeldAttempt, task: TaskJson }),
    z.object({ attempt: z.null(), skipped: z.array(z.object({ code: z.string(), count: z.int() })) }),
  ])
  .openapi("Claimed");

type Held = TaskFacts & { readonly attempt: NonNullable<TaskFacts["attempt"]> };

function claimedJson(facts: Held): z.input<typeof ClaimedJson> {
  const { attempt, lane } = facts;
  return {
    attempt: {
      ...attempt,
      leaseExpiresAt: iso(attempt.leaseExpiresAt),
      heartbeatEverySeconds: (lane?.heartbeatMs ?? attempt.leaseMs / 3) / 1000,
      startedAt: iso(attempt.startedAt),
    },
    task: taskJson(facts),
  };
}

const claim = defineCall({
  method: "post",
  path: "/v1/claims",
  name: "claim",
  summary: "Pull the next task of a lane, or learn why there is none",
  body: ClaimBody,
  success: {
    status: 200,
    schema: ClaimedJson,
    description: "The attempt and its task, or what was skipped and why",
  },
  async run({ house, agent, caller }, { body }) {
    const claimed = await claimTask(house, { ...body, agent: agent.name, requestId: caller.requestId });
    if (!claimed.ok) return claimed;
    if ("skipped" in claimed.value) return done({ attempt: null, skipped: [...claimed.value.skipped] });
    return done(claimedJson(claimed.value.facts as Held));
  },
  async recall({ house }, made) {
    const facts = await house.queue.attempt(made.attempt ?? "");
    if (facts?.attempt == null)
      return refused(missing("attempt", made.attempt, "The claimed attempt is not there."));
    return done(claimedJson({ ...facts, attempt: facts.attempt }));
  },
});

export const claimCalls: readonly Call[] = [claim];
