import { foreignKey, integer, primaryKey, sqliteTable, text, unique } from "drizzle-orm/sqlite-core";
import { attempts, events, lanes, tasks } from "./schema-queue.ts";

// What the bot says and to whom, what agents read, and what is kept of their requests.
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
  lanes: text("lanes"),
  timezone: text("timezone"),
  quietHours: text("quiet_hours"),
  quietFrom: integer("quiet_from"),
  quietUntil: integer("quiet_until"),
  mutedUntil: integer("muted_until"),
  ping: text("ping"),
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
    triedSince: integer("tried_since"),
    failingSince: integer("failing_since"),
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

export const contradictions = sqliteTable("contradictions", {
  id: integer("id").primaryKey(),
  rule: text("rule").notNull(),
  condition: text("condition").notNull(),
  source: text("source").notNull(),
  taskId: integer("task_id").references(() => tasks.id),
  detail: text("detail").notNull(),
  data: text("data").notNull().default("{}"),
  state: text("state").notNull(),
  revision: integer("revision").notNull().default(1),
  openedAt: integer("opened_at").notNull(),
  lastSeenAt: integer("last_seen_at").notNull(),
  count: integer("count").notNull().default(1),
  cleanRuns: integer("clean_runs").notNull().default(0),
  acknowledgedBy: text("acknowledged_by"),
  snoozedUntil: integer("snoozed_until"),
  escalatedAt: integer("escalated_at"),
  overAt: integer("over_at"),
  remark: text("remark"),
  told: integer("told").notNull().default(0),
  toTell: integer("to_tell").notNull().default(1),
  token: text("token").notNull(),
});

export const healings = sqliteTable("healings", {
  id: integer("id").primaryKey(),
  contradictionId: integer("contradiction_id")
    .notNull()
    .references(() => contradictions.id),
  healing: text("healing").notNull(),
  taskId: integer("task_id").references(() => tasks.id),
  at: integer("at").notNull(),
  before: text("before").notNull(),
  after: text("after").notNull(),
  undoneAt: integer("undone_at"),
  undoneBy: text("undone_by"),
});

export const chatClaims = sqliteTable("chat_claims", {
  message: text("message").primaryKey(),
  author: text("author").notNull(),
  task: text("task"),
  at: integer("at").notNull(),
});

export const jobRuns = sqliteTable("job_runs", {
  id: integer("id").primaryKey(),
  job: text("job").notNull(),
  scheduledAt: integer("scheduled_at"),
  token: text("token").notNull().unique(),
  actor: text("actor").notNull(),
  startedAt: integer("started_at").notNull(),
  leaseUntil: integer("lease_until"),
  endedAt: integer("ended_at"),
  outcome: text("outcome"),
  findings: integer("findings"),
  detail: text("detail"),
});

export const dispatches = sqliteTable(
  "dispatches",
  {
    id: integer("id").primaryKey(),
    taskId: integer("task_id").notNull(),
    attempt: integer("attempt").notNull(),
    laneId: integer("lane_id")
      .notNull()
      .references(() => lanes.id),
    target: text("target").notNull(),
    settings: text("settings").notNull(),
    dueAt: integer("due_at"),
    leaseUntil: integer("lease_until"),
    token: text("token"),
    tries: integer("tries").notNull().default(0),
    sentAt: integer("sent_at"),
    error: text("error"),
    settled: text("settled"),
  },
  (table) => [
    unique().on(table.taskId, table.attempt),
    foreignKey({
      columns: [table.taskId, table.attempt],
      foreignColumns: [attempts.taskId, attempts.number],
    }),
  ],
);

export const dispatchTargets = sqliteTable(
  "dispatch_targets",
  {
    laneId: integer("lane_id")
      .notNull()
      .references(() => lanes.id),
    target: text("target").notNull(),
    failures: integer("failures").notNull().default(0),
    coolUntil: integer("cool_until"),
  },
  (table) => [primaryKey({ columns: [table.laneId, table.target] })],
);

export const inbox = sqliteTable(
  "inbox",
  {
    id: integer("id").primaryKey(),
    platform: text("platform").notNull(),
    event: text("event").notNull(),
    thread: text("thread"),
    payload: text("payload"),
    receivedAt: integer("received_at").notNull(),
    dueAt: integer("due_at"),
    leaseUntil: integer("lease_until"),
    tries: integer("tries").notNull().default(0),
    error: text("error"),
  },
  (table) => [unique().on(table.platform, table.event)],
);

export const roleGrants = sqliteTable(
  "role_grants",
  {
    platform: text("platform").notNull(),
    sort: text("sort").notNull(),
    subject: text("subject").notNull(),
    role: text("role").notNull(),
    grantedBy: text("granted_by").notNull(),
    grantedAt: integer("granted_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.platform, table.sort, table.subject] })],
);

export const linkedAccounts = sqliteTable("linked_accounts", {
  account: text("account").primaryKey(),
  person: text("person").notNull(),
  linkedAt: integer("linked_at").notNull(),
});

export const linkCodes = sqliteTable("link_codes", {
  account: text("account").primaryKey(),
  hash: text("hash").notNull().unique(),
  expiresAt: integer("expires_at").notNull(),
});
