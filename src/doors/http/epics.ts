import { z } from "@hono/zod-openapi";
import { addEpic } from "../../commands/add-epic.ts";
import { done } from "../../core/refusal.ts";
import { EPIC_KEY } from "../../core/task.ts";
import { type Call, defineCall } from "./call.ts";
import { line, Title, text } from "./fields.ts";

const epicFields = { key: z.string().openapi({ example: "CLIP" }), title: z.string(), goal: z.string() };
const EpicJson = z.object(epicFields).openapi("Epic");

const list = defineCall({
  method: "get",
  path: "/v1/epics",
  name: "listEpics",
  summary: "The epics, with how many of their tasks are done",
  success: {
    status: 200,
    schema: z
      .object({ epics: z.array(z.object({ ...epicFields, tasks: z.int(), done: z.int() })) })
      .openapi("Epics"),
    description: "All epics",
  },
  async run({ house }) {
    return done({ epics: [...(await house.roster.epics())] });
  },
});

const add = defineCall({
  method: "post",
  path: "/v1/epics",
  name: "addEpic",
  summary: "Add an epic: its tasks will be KEY-1, KEY-2 and so on",
  role: "operator",
  body: z
    .strictObject({
      key: line(24).regex(EPIC_KEY, "capital letters and digits, a letter first"),
      title: Title,
      goal: text(300).optional(),
    })
    .openapi("NewEpic"),
  success: { status: 201, schema: EpicJson, description: "The epic" },
  async run({ house, caller }, { body }) {
    return addEpic(house, body, caller);
  },
});

export const epicCalls: readonly Call[] = [list, add];
