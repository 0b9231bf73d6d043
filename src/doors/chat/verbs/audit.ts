import { z } from "zod";
import { TASK_KEY } from "../../../core/task.ts";
import { writeLine } from "../../../ports/chat-catalogue.ts";
import { auditLine } from "../audit-line.ts";
import { personMeant } from "../person.ts";
import { type Context, defineVerb } from "../verb.ts";
import { durationText, readDuration } from "./arguments.ts";

const SHOWN = 15;

export const audit = defineVerb({
  path: "audit",
  summary: "Who did what, and from where: of a task, of somebody, or of the last hours",
  example: "/gate audit CLIP-12",
  role: "viewer",
  changes: false,
  visibility: "caller",
  answers: "later",
  arguments: {
    task: {
      schema: z.string().trim().toUpperCase().regex(TASK_KEY).optional(),
      place: 1,
      type: "task",
      statuses: ["active", "verifying", "blocked", "done", "dead", "queued", "offered", "draft", "cancelled"],
      shown: "TASK",
      about: "a task's key, such as CLIP-12",
    },
    by: {
      schema: z.string().trim().min(1).optional(),
      type: "text",
      shown: "ACTOR",
      about: "me, a mention, an agent's name, or an actor such as system:watch",
    },
    last: {
      schema: z.string().trim().toLowerCase().transform(readDuration).pipe(z.number()).optional(),
      type: "duration",
      shown: "FOR",
      about: "how far back, such as 30m, 4h or 2d",
    },
    before: {
      schema: z.coerce.number().int().min(1).optional(),
      type: "integer",
      shown: "EVENT",
      about: "the page of what came before this event, as the last one said",
    },
  },
  async run(context, { task, by, last, before }) {
    const { house } = context;
    const actor = by === undefined ? undefined : await actorMeant(context, by);
    const since = last === undefined ? undefined : (await house.queue.now()) - last;
    const { events, next } = await house.log.recent({ task, actor, since, before, limit: SHOWN });
    const more = { task, by: actor, last: last === undefined ? undefined : durationText(last) };
    return {
      kind: "audit",
      events: events.map(auditLine),
      next: next === null ? null : writeLine("audit", { ...more, before: next }),
    };
  },
});

/** A bare name is an agent's where there is one. */
async function actorMeant(context: Context, text: string): Promise<string> {
  const meant = personMeant(context, text);
  if (meant.includes(":")) return meant;
  const agents = await context.house.roster.agents();
  return agents.some(({ name }) => name === meant) ? `agent:${meant}` : meant;
}
