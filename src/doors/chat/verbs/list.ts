import { z } from "zod";
import { STATUSES, type Status } from "../../../core/task.ts";
import type { TaskSummary } from "../../../ports/listing.ts";
import { defineVerb } from "../verb.ts";

const SHOWN = 20;
/** Without a status: what people can act on first, then what waits. */
const OPEN: readonly Status[] = ["blocked", "verifying", "active", "offered", "dead", "queued", "draft"];

export const list = defineVerb({
  path: "list",
  summary: "Tasks that are not over yet, or those that fit",
  example: "/gate list --status blocked",
  role: "viewer",
  changes: false,
  visibility: "caller",
  answers: "at-once",
  arguments: {
    text: {
      schema: z.string().trim().min(1).optional(),
      place: "rest",
      type: "text",
      shown: "TEXT",
      about: "words of the title or the key",
    },
    status: {
      schema: z.string().trim().toLowerCase().pipe(z.enum(STATUSES)).optional(),
      shown: "STATUS",
      about: `one of ${STATUSES.join(", ")}`,
      type: "choice",
      choices: STATUSES,
    },
    lane: { schema: z.string().trim().optional(), shown: "LANE", about: "a lane's name", type: "lane" },
    epic: {
      schema: z.string().trim().toUpperCase().optional(),
      type: "epic",
      shown: "EPIC",
      about: "an epic's key, such as CLIP",
    },
    runnable: {
      schema: z.literal(true).optional(),
      type: "flag",
      shown: "",
      about: "only what may be pulled now",
    },
    after: {
      schema: z.coerce.number().int().min(0).optional(),
      type: "integer",
      shown: "N",
      about: "the next page, as the last one said",
    },
  },
  async run({ house }, { text, status, lane, epic, runnable, after }) {
    const filter = { text, lane, epic, runnable };
    if (status !== undefined || after !== undefined) {
      const { tasks, next } = await house.listing.list({ ...filter, status, after, limit: SHOWN });
      const more = ["--status", status, "--lane", lane, "--epic", epic].flatMap((word, index, all) =>
        index % 2 === 0 && all[index + 1] !== undefined ? [word, all[index + 1]] : [],
      );
      const line = [
        "/gate list",
        text,
        ...more,
        runnable === true ? "--runnable" : undefined,
        "--after",
        next,
      ];
      return {
        kind: "tasks",
        tasks,
        next: next === null ? null : line.filter((word) => word !== undefined).join(" "),
      };
    }
    if (text !== undefined && lane === undefined && epic === undefined && runnable === undefined) {
      return {
        kind: "tasks",
        tasks: await house.search.find({ text, statuses: OPEN, limit: SHOWN }),
        next: null,
      };
    }
    const found: TaskSummary[] = [];
    for (const one of runnable === true ? (["queued"] as const) : OPEN) {
      if (found.length >= SHOWN) break;
      const page = await house.listing.list({ ...filter, status: one, limit: SHOWN - found.length });
      found.push(...page.tasks);
    }
    return { kind: "tasks", tasks: found, next: null };
  },
});
