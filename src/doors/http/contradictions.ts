import { z } from "@hono/zod-openapi";
import { CONTRADICTION_STATES, type Contradiction, isOver } from "../../core/contradiction.ts";
import { done } from "../../core/refusal.ts";
import { type Call, defineCall } from "./call.ts";
import { After, iso, isoOrNull, Limit, PAGE_DEFAULT, Timestamp } from "./fields.ts";

const StateName = z.enum(CONTRADICTION_STATES);
const STANDING = CONTRADICTION_STATES.filter((state) => !isOver({ state }));

const ContradictionJson = z
  .object({
    id: z.int(),
    rule: z.string().openapi({ example: "route-drift" }),
    key: z.string().openapi({ description: "Tells one condition of a rule from another" }),
    task: z.string().optional(),
    source: z.string().openapi({ example: "agent:ada lane:builder" }),
    detail: z.string(),
    data: z.record(z.string(), z.unknown()),
    state: StateName,
    openedAt: Timestamp,
    lastSeenAt: Timestamp,
    count: z.int().openapi({ description: "How many runs saw it" }),
    cleanRuns: z.int().openapi({ description: "How many runs in a row did not, since" }),
    acknowledgedBy: z.string().nullable(),
    snoozedUntil: Timestamp.nullable(),
    escalatedAt: Timestamp.nullable(),
    overAt: Timestamp.nullable(),
    remark: z.string().nullable().openapi({ description: "Why it escalated, or what ended it" }),
  })
  .openapi("Contradiction");

function contradictionJson(record: Contradiction): z.input<typeof ContradictionJson> {
  const { revision: _, told: __, task, openedAt, lastSeenAt, data, ...rest } = record;
  return {
    ...rest,
    ...(task === undefined ? {} : { task }),
    data: { ...data },
    openedAt: iso(openedAt),
    lastSeenAt: iso(lastSeenAt),
    snoozedUntil: isoOrNull(record.snoozedUntil),
    escalatedAt: isoOrNull(record.escalatedAt),
    overAt: isoOrNull(record.overAt),
  };
}

const list = defineCall({
  method: "get",
  path: "/v1/contradictions",
  name: "listContradictions",
  summary: "Where what is said and what is part ways; without a state, those that stand",
  query: z.strictObject({ state: StateName.optional(), after: After, limit: Limit }),
  success: {
    status: 200,
    schema: z
      .object({ contradictions: z.array(ContradictionJson), nextAfter: z.int() })
      .openapi("Contradictions"),
    description: "Contradictions, oldest first",
  },
  async run({ house }, { query }) {
    const { state, after = 0, limit = PAGE_DEFAULT } = query;
    const states = state === undefined ? STANDING : [state];
    const found = await house.contradictions.list({ states, after, limit });
    return done({ contradictions: found.map(contradictionJson), nextAfter: found.at(-1)?.id ?? after });
  },
});

export const contradictionCalls: readonly Call[] = [list];
