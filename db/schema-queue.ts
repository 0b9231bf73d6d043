import { foreignKey, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

// Lanes, epics, agents, tasks and their attempts, proofs and events.

export const schemaMigrations = sqliteTable("schema_migrations", {
  version: integer("version").primaryKey(),
  name: text("name").notNull(),
  appliedAt: integer("applied_at").notNull(),
});

export const settings = sqliteTable("settings", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});

export const lanes = sqliteTable("lanes", {
  id: integer("id").primaryKey(),
  name: text("name").notNull(),
  provider: text("provider").notNull(),
  model: text("model").notNull(),
  capacity: integer("capacity").notNull(),
  leaseMs: integer("lease_ms").notNull(),
  heartbeatMs: integer("heartbeat_ms").notNull(),
  dispatch: text("dispatch").notNull().default('{"kind":"pull"}'),
  pausedAt: integer("paused_at"),
  pausedReason: text("paused_reason"),
  version: integer("version").notNull().default(1),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
  observe: text("observe").notNull().default("optional"),
  routeAliases: text("route_aliases").notNull().default("[]"),
});

export const epics = sqliteTable("epics", {
  id: integer("id").primaryKey(),
  key: text("key").notNull(),
  title: text("title").notNull(),
  goal: text("goal").notNull().default(""),
  lastNumber: integer("last_number").notNull().default(0),
  createdAt: integer("created_at").notNull(),
});

export const agents = sqliteTable("agents", {
  id: integer("id").primaryKey(),
  name: text("name").notNull(),
  role: text("role").notNull(),
  keyHash: text("key_hash").notNull(),
  pausedAt: integer("paused_at"),
  revokedAt: integer("revoked_at"),
  createdAt: integer("created_at").notNull(),
});

export const agentLanes = sqliteTable(
  "agent_lanes",
  {
    agentId: integer("agent_id")
      .notNull()
      .references(() => agents.id),
    laneId: integer("lane_id")
      .notNull()
      .references(() => lanes.id),
  },
  (table) => [primaryKey({ columns: [table.agentId, table.laneId] })],
);

export const tasks = sqliteTable("tasks", {
  id: integer("id").primaryKey(),
  key: text("key").notNull(),
  epicId: integer("epic_id")
    .notNull()
    .references(() => epics.id),
  laneId: integer("lane_id").references(() => lanes.id),
  priority: integer("priority").notNull(),
  status: text("status").notNull(),
  version: integer("version").notNull(),
  epoch: integer("epoch").notNull().default(0),
  attempts: integer("attempts").notNull().default(0),
  failures: integer("failures").notNull().default(0),
  lapses: integer("lapses").notNull().default(0),
  maxAttempts: integer("max_attempts").notNull().default(3),
  maxLapses: integer("max_lapses").notNull().default(10),
  notBefore: integer("not_before"),
  readyAt: integer("ready_at"),
  openDependencies: integer("open_dependencies").notNull().default(0),
  policyHash: text("policy_hash").notNull().default(""),
  completion: text("completion"),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
});

export const taskTexts = sqliteTable("task_texts", {
  taskId: integer("task_id")
    .primaryKey()
    .references(() => tasks.id),
  title: text("title").notNull(),
  body: text("body").notNull().default(""),
  acceptance: text("acceptance").notNull().default(""),
});

/** Beside the virtual table `title_index`, which drizzle has no words for. */
export const titleIndexReach = sqliteTable("title_index_reach", {
  id: integer("id").primaryKey(),
  indexedTo: integer("indexed_to").notNull(),
});

export const requirements = sqliteTable(
  "requirements",
  {
    taskId: integer("task_id")
      .notNull()
      .references(() => tasks.id),
    position: integer("position").notNull(),
    name: text("name").notNull(),
    kind: text("kind").notNull(),
    spec: text("spec").notNull(),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.position] })],
);

export const dependencies = sqliteTable(
  "dependencies",
  {
    taskId: integer("task_id")
      .notNull()
      .references(() => tasks.id),
    dependsOn: integer("depends_on")
      .notNull()
      .references(() => tasks.id),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.dependsOn] })],
);

export const links = sqliteTable(
  "links",
  {
    taskId: integer("task_id")
      .notNull()
      .references(() => tasks.id),
    kind: text("kind").notNull(),
    target: text("target").notNull(),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.kind, table.target] })],
);

export const origins = sqliteTable(
  "origins",
  {
    source: text("source").notNull(),
    externalId: text("external_id").notNull(),
    taskId: integer("task_id")
      .notNull()
      .references(() => tasks.id),
    labels: text("labels").notNull().default("{}"),
  },
  (table) => [primaryKey({ columns: [table.externalId, table.source] })],
);

export const blocks = sqliteTable("blocks", {
  taskId: integer("task_id")
    .primaryKey()
    .references(() => tasks.id),
  kind: text("kind").notNull(),
  reason: text("reason").notNull(),
  owner: text("owner").notNull(),
  question: text("question").notNull(),
  choices: text("choices").notNull().default("[]"),
  since: integer("since").notNull(),
});

export const attempts = sqliteTable(
  "attempts",
  {
    taskId: integer("task_id")
      .notNull()
      .references(() => tasks.id),
    number: integer("number").notNull(),
    epoch: integer("epoch").notNull(),
    token: text("token").notNull(),
    agentId: integer("agent_id")
      .notNull()
      .references(() => agents.id),
    laneId: integer("lane_id")
      .notNull()
      .references(() => lanes.id),
    session: text("session").notNull(),
    provider: text("provider").notNull(),
    model: text("model").notNull(),
    startedAt: integer("started_at").notNull(),
    leaseMs: integer("lease_ms").notNull(),
    leaseExpiresAt: integer("lease_expires_at").notNull(),
    lastHeartbeatAt: integer("last_heartbeat_at").notNull(),
    beats: integer("beats").notNull().default(0),
    note: text("note"),
    policyHash: text("policy_hash").notNull(),
    proofSetHash: text("proof_set_hash"),
    endedAt: integer("ended_at"),
    outcome: text("outcome"),
    reason: text("reason"),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.number] })],
);

export const proofs = sqliteTable(
  "proofs",
  {
    id: integer("id").primaryKey(),
    taskId: integer("task_id").notNull(),
    attempt: integer("attempt").notNull(),
    requirement: text("requirement").notNull(),
    kind: text("kind").notNull(),
    uri: text("uri").notNull(),
    attachedBy: text("attached_by").notNull(),
    attachedAt: integer("attached_at").notNull(),
    superseded: integer("superseded").notNull().default(0),
    verdict: text("verdict").notNull().default("pending"),
    reason: text("reason"),
    evidence: text("evidence"),
    seen: text("seen"),
    checkedAt: integer("checked_at"),
    checks: integer("checks").notNull().default(0),
    verifyAt: integer("verify_at"),
    verifyLeaseUntil: integer("verify_lease_until"),
    verifyToken: text("verify_token"),
    replyTo: text("reply_to"),
    rechecks: integer("rechecks").notNull().default(0),
  },
  (table) => [
    foreignKey({
      columns: [table.taskId, table.attempt],
      foreignColumns: [attempts.taskId, attempts.number],
    }),
  ],
);

export const events = sqliteTable("events", {
  id: integer("id").primaryKey(),
  taskId: integer("task_id").references(() => tasks.id),
  version: integer("version"),
  changeId: text("change_id").notNull(),
  kind: text("kind").notNull(),
  actor: text("actor").notNull(),
  at: integer("at").notNull(),
  attempt: integer("attempt"),
  data: text("data").notNull(),
  requestId: text("request_id"),
  imported: integer("imported").notNull().default(0),
});

export const rechecks = sqliteTable("rechecks", {
  id: integer("id").primaryKey(),
  proofId: integer("proof_id")
    .notNull()
    .references(() => proofs.id),
  afterMs: integer("after_ms").notNull(),
  dueAt: integer("due_at").notNull(),
  untilAt: integer("until_at").notNull(),
  tries: integer("tries").notNull().default(0),
  leaseUntil: integer("lease_until"),
  token: text("token"),
});

export const policies = sqliteTable("policies", {
  id: integer("id").primaryKey(),
  laneId: integer("lane_id").references(() => lanes.id),
  epicId: integer("epic_id").references(() => epics.id),
  template: text("template").notNull(),
  given: text("given").notNull(),
  requirements: text("requirements").notNull(),
  setBy: text("set_by").notNull(),
  setAt: integer("set_at").notNull(),
});
