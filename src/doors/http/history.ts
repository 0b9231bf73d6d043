import { z } from "@hono/zod-openapi";
import { NOTICE_KINDS } from "../../core/notice.ts";
import { done } from "../../core/refusal.ts";
import { type Call, defineCall } from "./call.ts";
import { After, iso, Limit, PAGE_DEFAULT, Timestamp } from "./fields.ts";
import { EventJson, eventJson } from "./task-json.ts";

const TaskKey = z.string().min(1).max(40).optional();
const NextAfter = z.int().openapi({ description: "Ask with this as `after` for what comes next" });

const EventQuery = z.strictObject({ after: After, task: TaskKey, limit: Limit });

const events = defineCall({
  method: "get",
  path: "/v1/events",
  name: "listEvents",
  summary: "The log, oldest first; as a stream, live",
  query: EventQuery,
  success: {
    status: 200,
    schema: z.object({ events: z.array(EventJson), nextAfter: NextAfter }).openapi("Events"),
    description: "What happened after the event named",
  },
  live: true,
  async run({ house }, { query }) {
    const { after = 0, task, limit = PAGE_DEFAULT } = query;
    const found = await house.log.events({ after, task, limit });
    return done({ events: found.map(eventJson), nextAfter: found.at(-1)?.id ?? after });
  },
});

const notices = defineCall({
  method: "get",
  path: "/v1/notices",
  name: "listNotices",
  summary: "What the bot said and says, and where it went",
  query: z.strictObject({ kind: z.enum(NOTICE_KINDS).optional(), task: TaskKey, after: After, limit: Limit }),
  success: {
    status: 200,
    schema: z
      .object({
        notices: z.array(
          z
            .object({
              id: z.int(),
              kind: z.enum(NOTICE_KINDS),
              task: z.string().optional(),
              text: z.string(),
              at: Timestamp,
              deliveries: z.array(
                z.object({
                  platform: z.string(),
                  channel: z.string(),
                  state: z.enum(["pending", "sending", "sent", "uncertain", "failed"]),
                }),
              ),
            })
            .openapi("Notice"),
        ),
        nextAfter: NextAfter,
      })
      .openapi("Notices"),
    description: "Notices, oldest first",
  },
  async run({ house }, { query }) {
    const { after = 0, limit = PAGE_DEFAULT, ...filter } = query;
    const found = await house.outbox.notices({ ...filter, after, limit });
    return done({
      notices: found.map(({ task, at, deliveries, ...rest }) => ({
        ...rest,
        at: iso(at),
        ...(task === null ? {} : { task }),
        deliveries: deliveries.map((one) => ({ ...one })),
      })),
      nextAfter: found.at(-1)?.id ?? after,
    });
  },
});

export const historyCalls: readonly Call[] = [events, notices];
