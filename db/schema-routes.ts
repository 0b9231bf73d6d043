import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { agents, tasks } from "./schema-queue.ts";

// Who worked under which session, and what was seen of calls.

export const sessions = sqliteTable(
  "sessions",
  {
    name: text("name").notNull(),
    agentId: integer("agent_id")
      .notNull()
      .references(() => agents.id),
    provider: text("provider").notNull(),
    model: text("model").notNull(),
  },
  (table) => [primaryKey({ columns: [table.name, table.agentId, table.provider, table.model] })],
);

export const routeObservations = sqliteTable("route_observations", {
  id: integer("id").primaryKey(),
  session: text("session").notNull(),
  agent: text("agent").notNull(),
  taskId: integer("task_id").references(() => tasks.id),
  attempt: integer("attempt"),
  source: text("source").notNull(),
  kind: text("kind").notNull(),
  provider: text("provider").notNull().default(""),
  requestedModel: text("requested_model").notNull().default(""),
  respondedModel: text("responded_model").notNull().default(""),
  errorType: text("error_type").notNull().default(""),
  statusCode: integer("status_code").notNull().default(0),
  trouble: text("trouble"),
  message: text("message"),
  firstSeen: integer("first_seen").notNull(),
  lastSeen: integer("last_seen").notNull(),
  seenCount: integer("seen_count").notNull(),
});
