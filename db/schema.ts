import { foreignKey, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The tables as drizzle sees them: for drizzle's tools, for typed queries of one's own, and for `gatehouse doctor`, which
 * holds a database to it. The migrations are hand-written SQL, because triggers, CHECKs, STRICT and partial indexes are
 * half of the product; a test holds this file to them. The hot path does not import it: drizzle costs a third of a second
 * at start, and its query builder half the rate.
 */

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
});

export const notices = sqliteTable("notices", {
  id: integer("id").primaryKey(),
  kind: text("kind").notNull(),
  taskId: integer("task_id").references(() => tasks.id),
  eventId: integer("event_id").references(() => events.id),
  subject: text("subject"),
  revision: integer("revision").notNull().default(1),
  text: text("text").notNull(),
  data: text("data").notNull(),
  at: integer("at").notNull(),
});

export const channels = sqliteTable("channels", {
  id: integer("id").primaryKey(),
  platform: text("platform").notNull(),
  name: text("name").notNull(),
  kinds: text("kinds"),
});

export const deliveries = sqliteTable(
  "deliveries",
  {
    noticeId: integer("notice_id")
      .notNull()
      .references(() => notices.id),
    channelId: integer("channel_id")
      .notNull()
      .references(() => channels.id),
    state: text("state").notNull().default("pending"),
    revision: integer("revision").notNull().default(0),
    tries: integer("tries").notNull().default(0),
    dueAt: integer("due_at"),
    leaseUntil: integer("lease_until"),
    anchor: text("anchor"),
    error: text("error"),
  },
  (table) => [primaryKey({ columns: [table.noticeId, table.channelId] })],
);

export const localMessages = sqliteTable(
  "local_messages",
  {
    id: integer("id").primaryKey(),
    channel: text("channel").notNull(),
    threadId: integer("thread_id"),
    author: text("author").notNull(),
    kind: text("kind").notNull(),
    noticeId: integer("notice_id"),
    task: text("task"),
    text: text("text").notNull(),
    data: text("data").notNull().default("{}"),
    reaction: text("reaction"),
    at: integer("at").notNull(),
    changedAt: integer("changed_at").notNull(),
    changeNo: integer("change_no").notNull(),
  },
  (table) => [foreignKey({ columns: [table.threadId], foreignColumns: [table.id] })],
);

export const briefs = sqliteTable("briefs", {
  revision: integer("revision").primaryKey(),
  generatedAt: integer("generated_at").notNull(),
  generatedBy: text("generated_by").notNull(),
  eventId: integer("event_id").notNull(),
  sha256: text("sha256").notNull(),
  content: text("content").notNull(),
  staleBecause: text("stale_because"),
});

export const idempotency = sqliteTable(
  "idempotency",
  {
    agentId: integer("agent_id").notNull(),
    key: text("key").notNull(),
    fingerprint: text("fingerprint").notNull(),
    startedAt: integer("started_at").notNull(),
    token: text("token").notNull(),
    leaseUntil: integer("lease_until").notNull(),
    tries: integer("tries").notNull().default(1),
    status: integer("status"),
    body: text("body"),
  },
  (table) => [primaryKey({ columns: [table.agentId, table.key] })],
);

export const refusals = sqliteTable("refusals", {
  id: integer("id").primaryKey(),
  at: integer("at").notNull(),
  gate: text("gate").notNull(),
  code: text("code").notNull(),
  actor: text("actor").notNull(),
  taskId: integer("task_id"),
  data: text("data").notNull(),
  token: text("token"),
});

export const approvals = sqliteTable(
  "approvals",
  {
    taskId: integer("task_id").notNull(),
    attempt: integer("attempt").notNull(),
    requirement: text("requirement").notNull(),
    proofSetHash: text("proof_set_hash").notNull(),
    person: text("person").notNull(),
    at: integer("at").notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.taskId, table.attempt, table.requirement, table.proofSetHash, table.person],
    }),
    foreignKey({
      columns: [table.taskId, table.attempt],
      foreignColumns: [attempts.taskId, attempts.number],
    }),
  ],
);
