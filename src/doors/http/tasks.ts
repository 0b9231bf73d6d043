import { z } from "@hono/zod-openapi";
import { addTask } from "../../commands/add-task.ts";
import { editTask } from "../../commands/edit-task.ts";
import { type House, noTask } from "../../commands/house.ts";
import { done, type Outcome, refused } from "../../core/refusal.ts";
import { type Call, defineCall } from "./call.ts";
import { Limit, Name, PAGE_DEFAULT, StatusName, TaskParams, wholeNumber } from "./fields.ts";
import { EditTaskBody, NewTaskBody, requirementFaults } from "./task-bodies.ts";
import {
  type TaskBody,
  TaskDetailJson,
  TaskJson,
  TaskSummaryJson,
  taskDetailJson,
  taskJson,
  taskSummaryJson,
} from "./task-json.ts";

/** A task as it stands now, for the answer to what just changed it. */
export async function presentTask(house: House, key: string): Promise<Outcome<TaskBody>> {
  const facts = await house.queue.task(key);
  return facts === null ? refused(noTask(key)) : done(taskJson(facts));
}

const add = defineCall({
  method: "post",
  path: "/v1/tasks",
  name: "addTask",
  summary: "Add a task: queued, unless it is a draft",
  role: "operator",
  body: NewTaskBody,
  success: { status: 201, schema: TaskJson, description: "The task" },
  check: requirementFaults,
  async run({ house, caller }, { body }) {
    const { policy, ...rest } = body;
    const added = await addTask(house, { ...rest, requirements: policy?.requirements ?? [] }, caller);
    return added.ok ? presentTask(house, added.value) : added;
  },
  recall: ({ house }, made) => presentTask(house, made.task ?? ""),
  location: (task) => `/v1/tasks/${task.key}`,
});

const list = defineCall({
  method: "get",
  path: "/v1/tasks",
  name: "listTasks",
  summary: "Tasks in the order they were added, a page at a time",
  query: z.strictObject({
    status: StatusName.optional(),
    lane: Name.optional(),
    epic: z.string().max(24).optional(),
    runnable: z
      .enum(["true", "false"])
      .transform((word) => word === "true")
      .optional(),
    text: z.string().min(1).max(200).optional(),
    cursor: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
    limit: Limit,
  }),
  success: {
    status: 200,
    schema: z
      .object({
        tasks: z.array(TaskSummaryJson),
        nextCursor: z
          .string()
          .nullable()
          .openapi({ description: "The cursor of the next page; null on the last" }),
      })
      .openapi("TaskPage"),
    description: "A page",
  },
  async run({ house }, { query }) {
    const { cursor, limit, ...filter } = query;
    const page = await house.listing.list({ ...filter, after: cursor, limit: limit ?? PAGE_DEFAULT });
    return done({
      tasks: page.tasks.map(taskSummaryJson),
      nextCursor: page.next === null ? null : String(page.next),
    });
  },
});

const show = defineCall({
  method: "get",
  path: "/v1/tasks/{key}",
  name: "showTask",
  summary: "One task with all its attempts, proofs and events, and why it waits",
  params: TaskParams,
  success: { status: 200, schema: TaskDetailJson, description: "The task" },
  async run({ house }, { params }) {
    const [facts, history] = await consistent(house, params.key);
    if (facts === null || history === null) return refused(noTask(params.key));
    const lanes = facts.task.status === "queued" ? await house.roster.lanes() : [];
    const living = lanes.find(({ name }) => name === facts.task.lane)?.living ?? 0;
    return done(taskDetailJson(facts, history, living));
  },
});

/** A task and its history of the same version: somebody may change it between the two reads. */
async function consistent(house: House, key: string) {
  for (let reads = 1; ; reads += 1) {
    const [facts, history] = await Promise.all([house.queue.task(key), house.listing.history(key)]);
    const same = facts?.task.version === history?.events.at(-1)?.version;
    if (same || reads === READS) return [facts, history] as const;
  }
}

const READS = 4;

const edit = defineCall({
  method: "patch",
  path: "/v1/tasks/{key}",
  name: "editTask",
  summary: "Change a task, based on the version that was read",
  role: "operator",
  params: TaskParams,
  body: EditTaskBody,
  success: { status: 200, schema: TaskJson, description: "The task" },
  check: requirementFaults,
  async run({ house, caller }, { params, body }) {
    const { policy, ...rest } = body;
    const input = {
      ...rest,
      key: params.key,
      ...(policy === undefined ? {} : { requirements: policy.requirements }),
    };
    const edited = await editTask(house, input, caller);
    return edited.ok ? presentTask(house, params.key) : edited;
  },
});

export const taskCalls: readonly Call[] = [add, list, show, edit];
