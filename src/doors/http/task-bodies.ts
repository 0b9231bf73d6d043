import { z } from "@hono/zod-openapi";
import { requirementFault } from "../../commands/add-task.ts";
import type { House } from "../../commands/house.ts";
import type { Requirement } from "../../core/proof.ts";
import { EPIC_KEY, type Limits, TASK_KEY } from "../../core/task.ts";
import { LongText, line, Moment, Name, PriorityName, Reason, Title, Version } from "./fields.ts";
import { type FieldFault, inWords } from "./problem.ts";

/** What stands inside a requirement beside its name and kind is its kind's own, and checked by its verifier. */
const RequirementFields = z
  .looseObject({ name: line(80), kind: line(40) })
  .openapi("Requirement")
  // It came as JSON, so its other fields are JSON too.
  .transform((fields) => fields as Requirement);
const REQUIREMENTS_MAX = 50;
const DEPENDENCIES_MAX = 1000;

const LimitFields = z
  .strictObject({
    maxAttempts: z.int().min(1).max(1000).optional(),
    maxLapses: z.int().min(1).max(10_000).optional(),
  })
  .transform((limits) => limits as Partial<Limits>);

const fields = {
  title: Title,
  body: LongText.optional(),
  acceptance: LongText.optional(),
  epic: z.string().regex(EPIC_KEY, "an epic's key, such as CLIP").optional(),
  lane: Name.optional(),
  priority: PriorityName.optional(),
  dependsOn: z
    .array(z.string().regex(TASK_KEY, "a task's key, such as CLIP-12"))
    .max(DEPENDENCIES_MAX)
    .optional(),
  policy: z.strictObject({ requirements: z.array(RequirementFields).max(REQUIREMENTS_MAX) }).optional(),
  limits: LimitFields.optional(),
  draft: z.boolean().optional(),
};

type NewTaskFields = z.output<z.ZodObject<typeof fields>>;

export const NewTaskBody = z
  .strictObject({ ...fields, notBefore: Moment.optional() })
  .superRefine((task, context) => {
    if (task.draft === true) return;
    // A draft may lack these; what is to be pulled may not, and all of it is said at once.
    const absent: [path: string[], message: string, lacks: boolean][] = [
      [["lane"], "a lane, or draft: true", task.lane === undefined],
      [
        ["acceptance"],
        "how it is known to be finished, or draft: true",
        (task.acceptance ?? "").trim() === "",
      ],
      [
        ["policy", "requirements"],
        "at least one requirement, a default of its epic or lane, or draft: true",
        lacksPolicy(task),
      ],
    ];
    for (const [path, message, lacks] of absent)
      if (lacks) context.addIssue({ code: "custom", path, message });
  })
  .openapi("NewTask");

/**
 * An empty policy, or none where something else is missing too. None alone may mean the default of its epic or lane, which
 * only the command can see.
 */
function lacksPolicy({
  policy,
  lane,
  acceptance = "",
}: Pick<NewTaskFields, "policy" | "lane" | "acceptance">): boolean {
  if (policy !== undefined) return policy.requirements.length === 0;
  return lane === undefined || acceptance.trim() === "";
}

export const EditTaskBody = z
  .strictObject({
    ...fields,
    title: fields.title.optional(),
    notBefore: Moment.nullable().optional(),
    version: Version,
  })
  .refine((edit) => Object.keys(edit).length > 1, "a field to change beside the version")
  .openapi("EditTask");

const reasoned = { version: Version.optional(), reason: Reason };
export const ReasonBody = z.strictObject(reasoned).openapi("Reason");
export const PrioritizeBody = z
  .strictObject({ version: Version.optional(), priority: PriorityName, reason: Reason.optional() })
  .openapi("Prioritize");

export const blockFields = {
  kind: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "a lower-case word such as question, access or external"),
  reason: Reason,
  owner: Reason.optional(),
  question: Reason.optional(),
  choices: z.array(Reason).max(10).optional(),
};
export const BlockBody = z
  .strictObject({ ...reasoned, ...blockFields, kind: blockFields.kind.default("hold") })
  .openapi("Block");

/** The requirements that no verifier would take, each named: asked beside the schema, so that all faults come at once. */
export function requirementFaults(house: House, body: unknown): readonly FieldFault[] {
  const policy = (body as { readonly policy?: { readonly requirements?: unknown } } | null)?.policy;
  if (!Array.isArray(policy?.requirements)) return [];
  return (policy.requirements as readonly unknown[]).flatMap((one, index): FieldFault[] => {
    if (!RequirementFields.safeParse(one).success) return [];
    const fault = requirementFault(house, [one as Requirement]);
    if (fault === null) return [];
    const field = (fault.field ?? "policy.requirements[0]").replace("[0]", `[${index}]`);
    const expected = inWords(fault.expected);
    return [{ field, expected, got: fault.got ?? null }];
  });
}
