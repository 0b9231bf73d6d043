import { z } from "@hono/zod-openapi";
import { attachProof } from "../../commands/attach-proof.ts";
import { beat } from "../../commands/beat.ts";
import { blockAttempt } from "../../commands/block-task.ts";
import type { Caller, House } from "../../commands/house.ts";
import { releaseAttempt } from "../../commands/release-attempt.ts";
import { submitAttempt } from "../../commands/submit-attempt.ts";
import { parseAttemptId } from "../../core/attempt.ts";
import { done, missing, type Outcome, refused } from "../../core/refusal.ts";
import type { EventRecord } from "../../ports/log.ts";
import { type Call, defineCall } from "./call.ts";
import {
  AttemptParams,
  Epoch,
  iso,
  line,
  Name,
  Reason,
  RouteFields,
  Session,
  Timestamp,
  text,
} from "./fields.ts";
import { blockFields } from "./task-bodies.ts";
import { AttachedJson, attachedJson, TaskJson } from "./task-json.ts";
import { presentTask } from "./tasks.ts";

const heartbeat = defineCall({
  method: "post",
  path: "/v1/attempts/{id}/heartbeat",
  name: "heartbeat",
  summary: "Renew the lease: every field must be the attempt's own, exactly",
  params: AttemptParams,
  body: z
    .strictObject({
      epoch: Epoch,
      lane: Name,
      task: line(40),
      session: Session,
      route: RouteFields,
      note: text(2000).optional(),
    })
    .openapi("Heartbeat"),
  success: {
    status: 200,
    schema: z.object({ leaseExpiresAt: Timestamp }).openapi("Renewed"),
    description: "The lease lives until then",
  },
  async run({ house, agent, caller }, { params, body }) {
    const renewed = await beat(house, { ...body, attempt: params.id, agent: agent.name }, caller);
    return renewed.ok ? done({ leaseExpiresAt: iso(renewed.value.leaseExpiresAt) }) : renewed;
  },
});

const prove = defineCall({
  method: "post",
  path: "/v1/attempts/{id}/proofs",
  name: "attachProof",
  summary: "Attach a link as proof; it is checked right away",
  params: AttemptParams,
  body: z
    .strictObject({ epoch: Epoch, uri: line(2000), requirement: line(80).optional() })
    .openapi("NewProof"),
  success: { status: 201, schema: AttachedJson, description: "The proof, not yet checked" },
  async run({ house, agent, caller }, { params, body }) {
    const input = { by: "holder", attempt: params.id, agent: agent.name, ...body } as const;
    const attached = await attachProof(house, input, caller);
    if (!attached.ok) return attached;
    const { proof, others } = attached.value;
    return done(attachedJson(taskOf(params.id), proof, others));
  },
  async recall({ house }, made) {
    const facts = await house.queue.attempt(made.attempt ?? "");
    const [proof, ...others] = requirementsOf(made).flatMap(
      (name) => facts?.proofs.find(({ requirement }) => requirement === name) ?? [],
    );
    if (proof === undefined)
      return refused(missing("proof", made.attempt, "The proof is not there any more."));
    return done(attachedJson(made.task ?? "", proof, others));
  },
});

/** The requirements that an event says a link was attached to: one, or several by their proofs. */
function requirementsOf({ data }: EventRecord): readonly unknown[] {
  const several = z.array(z.object({ requirement: z.string() })).safeParse(data["proofs"]);
  return several.success ? several.data.map(({ requirement }) => requirement) : [data["requirement"]];
}

const taskOf = (attempt: string): string => parseAttemptId(attempt)?.taskKey ?? "";

type Held = { readonly attempt: string; readonly agent: string };

/** What the holder does with its attempt, answered with the task as it then stands. */
function holderAct<B extends z.ZodType>(
  verb: "submit" | "block" | "release",
  summary: string,
  status: 200 | 202,
  body: B,
  command: (house: House, input: z.output<B> & Held, caller: Caller) => Promise<Outcome<unknown>>,
): Call {
  return defineCall({
    method: "post",
    path: `/v1/attempts/{id}/${verb}`,
    name: `${verb}Attempt`,
    summary,
    params: AttemptParams,
    body,
    success: {
      status,
      schema: TaskJson,
      description: status === 202 ? "The task, now verifying" : "The task",
    },
    async run({ house, agent, caller }, input) {
      const held = { ...(input.body as object), attempt: input.params.id, agent: agent.name };
      const changed = await command(house, held as never, caller);
      return changed.ok ? presentTask(house, taskOf(input.params.id)) : changed;
    },
    recall: ({ house }, made) => presentTask(house, made.task ?? ""),
  });
}

export const attemptCalls: readonly Call[] = [
  heartbeat,
  prove,
  holderAct(
    "submit",
    "Say it is finished: from here on only the verdicts count",
    202,
    z.strictObject({ epoch: Epoch }).openapi("Submit"),
    submitAttempt,
  ),
  holderAct(
    "block",
    "Ask a person: the attempt ends and the task waits for the answer",
    200,
    z.strictObject({ epoch: Epoch, ...blockFields }).openapi("BlockAttempt"),
    blockAttempt,
  ),
  holderAct(
    "release",
    "Give the task back",
    200,
    z
      .strictObject({
        epoch: Epoch,
        reason: Reason,
        fault: z
          .enum(["task", "infrastructure"])
          .optional()
          .openapi({ description: "infrastructure where the work is not to blame: no failure is counted" }),
      })
      .openapi("Release"),
    releaseAttempt,
  ),
];
