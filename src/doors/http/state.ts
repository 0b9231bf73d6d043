import { z } from "@hono/zod-openapi";
import { readBrief } from "../../commands/refresh-brief.ts";
import { recentValidation } from "../../commands/validate-queue.ts";
import { done } from "../../core/refusal.ts";
import { type Call, defineCall } from "./call.ts";
import { Name, Timestamp } from "./fields.ts";

const brief = defineCall({
  method: "get",
  path: "/v1/brief",
  name: "readBrief",
  summary: "The last brief that was made from a valid queue, and whether it may still be believed",
  query: z.strictObject({ lane: Name.optional() }),
  success: {
    status: 200,
    schema: z
      .object({
        revision: z.int(),
        generatedAt: Timestamp,
        sha256: z.string().openapi({ description: "Of the whole brief's canonical JSON" }),
        stale: z
          .boolean()
          .openapi({ description: "The queue is invalid now, or the brief was edited by hand" }),
        staleBecause: z.array(z.string()).optional(),
        brief: z.record(z.string(), z.unknown()),
      })
      .openapi("Brief"),
    description: "The brief; with a lane, cut down to that one",
  },
  async run({ house }, { query }) {
    const read = await readBrief(house, query.lane);
    if (!read.ok) return read;
    const { staleBecause, ...rest } = read.value;
    return done({ ...rest, ...(staleBecause === undefined ? {} : { staleBecause: [...staleBecause] }) });
  },
});

const Rule = { code: z.string().openapi({ example: "Q012" }), rule: z.string() };

const validation = defineCall({
  method: "get",
  path: "/v1/validation",
  name: "validateQueue",
  summary: "What queue-validate finds now",
  success: {
    status: 200,
    schema: z
      .object({
        valid: z.boolean().openapi({ description: "No error among the findings" }),
        checkedAt: Timestamp,
        tasks: z.int(),
        findings: z.array(
          z
            .object({
              ...Rule,
              severity: z.enum(["error", "warning"]),
              task: z.string().optional(),
              lane: z.string().optional(),
              detail: z.string(),
              fix: z.string(),
            })
            .openapi("Finding"),
        ),
        omitted: z
          .array(z.object({ ...Rule, suspects: z.int() }))
          .openapi({ description: "Rules of which more was suspected than is listed" }),
      })
      .openapi("Validation"),
    description: "The findings, errors first",
  },
  async run({ house }) {
    // Whoever asks while a validation runs shares it: readers cannot make a large queue be walked again and again.
    const found = await recentValidation(house);
    return done({ ...found, findings: [...found.findings], omitted: [...found.omitted] });
  },
});

export const stateCalls: readonly Call[] = [brief, validation];
