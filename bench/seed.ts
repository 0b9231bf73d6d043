import { createHash } from "node:crypto";
import type { Connection, Statement } from "../db/connection.ts";
import { canonicalJson } from "../src/core/json.ts";
import type { Requirement } from "../src/core/proof.ts";

/** How many of a thousand tasks stand where; what is left over is queued. */
export interface Shares {
  readonly done: number;
  readonly attested: number;
  readonly draft: number;
  readonly blocked: number;
  readonly dead: number;
  readonly cancelled: number;
  /** Queued, but not before a day from now. */
  readonly later: number;
}

export interface SeedOptions {
  readonly tasks: number;
  /** Attempts that are open, under living leases; every fourth of them is being verified. */
  readonly inFlight?: number;
  readonly shares?: Partial<Shares>;
  /** How many of a thousand tasks have dependencies, two at the most. */
  readonly dependent?: number;
}

/** A bare full scan, for what walks the whole queue to be held against: every column of every task, and nothing else. */
export const FULL_SCAN = `SELECT total(id + epic_id + coalesce(lane_id, 0) + priority + version + epoch + attempts + failures
  + lapses + max_attempts + max_lapses + coalesce(not_before, 0) + coalesce(ready_at, 0) + open_dependencies + created_at
  + updated_at + length(key) + length(status) + length(policy_hash) + coalesce(length(completion), 0)) AS sum FROM tasks`;

/** From one heartbeat's row to the next: a prime, so that they come in no order of the table. */
export const STRIDE = 7919;

export const SEED_LANES = ["builder", "ops", "review", "docs"] as const;
export const SEED_ROUTE = { provider: "anthropic", model: "claude-opus-5" };
const EPICS = ["CLIP", "SHOP", "INFRA", "SITE"];
const SHARES: Shares = {
  done: 550,
  attested: 30,
  draft: 30,
  blocked: 30,
  dead: 10,
  cancelled: 40,
  later: 20,
};
/** What titles are made of, 20 of each: what is done, to what, where; and what every 400th is about, in Japanese. */
const TITLES = [
  `Mend,Fix,Add,Remove,Deploy,Refactor,Test,Document,Upgrade,Migrate,Measure,Investigate,Restore,Rename,Split,Merge,
Cache,Audit,Encrypt,Log`,
  `the login,the checkout,invoices,the search index,the billing webhook,release notes,the session store,image upload,
the rate limiter,the nightly import,mail templates,password reset,dark mode,the audit log,the export,the scheduler,
the retry queue,onboarding,the payment form,feature flags`,
  `for Safari,on mobile,in staging,behind the proxy,of the public site,after the release,for admins,before launch,
in the worker,for enterprise accounts,at month end,on Windows,for São Paulo,in the café demo,for Zürich,under load,
without JavaScript,in the sidebar,for guests,of the SDK`,
  "登録画面,請求書,検索,通知",
].map((words) => JSON.stringify(words.split(",").map((word) => word.trim())));
/** Tasks a batch: what one batch may hold in memory. */
const CHUNK = 20_000;
const LEASE_MS = 4 * 3_600_000;
const MONTH_MS = 30 * 86_400_000;

/**
 * Fills a migrated, empty queue with valid tasks in every state, each with the texts, requirements, dependencies,
 * attempts, proofs, events and notices that the real commands would have left. The triggers stand aside while a batch
 * is written, in that batch's own transaction. A third of the policies name a path of their own.
 */
export async function seedQueue(connection: Connection, options: SeedOptions): Promise<void> {
  const [[clock] = []] = await connection.read([
    { sql: "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now" },
  ]);
  const [triggers = []] = await connection.read([
    { sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'" },
  ]);
  const now = Number(clock?.["now"]);
  await connection.write(roster(now));
  const plan = planOf(options, now);
  for (let first = 1; first <= options.tasks; first += CHUNK) {
    const last = Math.min(first + CHUNK - 1, options.tasks);
    await connection.write([
      ...triggers.map((row) => ({ sql: `DROP TRIGGER ${String(row["name"])}` })),
      ...chunk(plan, first, last),
      ...triggers.map((row) => ({ sql: String(row["sql"]) })),
    ]);
  }
  await connection.write([
    {
      sql: `UPDATE epics SET last_number = (SELECT count(*) FROM tasks WHERE epic_id = epics.id) WHERE key <> 'GATE'`,
    },
  ]);
}

function roster(now: number): readonly Statement[] {
  const lanes = JSON.stringify(SEED_LANES);
  return [
    {
      sql: `INSERT INTO lanes (name, provider, model, capacity, lease_ms, heartbeat_ms, created_at, updated_at)
        SELECT value, ?2, ?3, 1000000, ?4, 300000, ?5, ?5 FROM json_each(?1)`,
      args: [lanes, SEED_ROUTE.provider, SEED_ROUTE.model, LEASE_MS, now - MONTH_MS],
    },
    {
      sql: `INSERT INTO agents (name, role, key_hash, created_at)
        SELECT value ->> 0, 'agent', value ->> 1, ?2 FROM json_each(?1)`,
      args: [JSON.stringify(SEED_LANES.map((lane) => [`seed-${lane}`, sha256(lane)])), now - MONTH_MS],
    },
    {
      sql: `INSERT INTO agent_lanes (agent_id, lane_id)
        SELECT g.id, l.id FROM agents g CROSS JOIN lanes l WHERE g.name = 'seed-' || l.name`,
    },
    {
      sql: "INSERT INTO epics (key, title, created_at) SELECT value, 'Seeded ' || value, ?2 FROM json_each(?1)",
      args: [JSON.stringify(EPICS), now - MONTH_MS],
    },
  ];
}

interface Plan {
  readonly status: string;
  readonly dependent: number;
  /** Every so many-th task is in flight. */
  readonly flightEvery: number;
  readonly begin: number;
  readonly step: number;
  readonly now: number;
}

/** A number from 0 to 999 that looks thrown, from a task's id. */
const DIE = "((j.key + ?2) * 7919 % 1000)";

function planOf(options: SeedOptions, now: number): Plan {
  const shares = Object.entries({ ...SHARES, ...options.shares });
  let upTo = 0;
  const cases = shares.map(([name, share]) => {
    upTo += share;
    return `WHEN ${DIE} < ${upTo} THEN '${name}'`;
  });
  const inFlight = options.inFlight ?? 64;
  return {
    status: `CASE ${cases.join(" ")} ELSE 'queued' END`,
    dependent: options.dependent ?? 300,
    flightEvery: inFlight === 0 ? options.tasks + 1 : Math.max(1, Math.floor(options.tasks / inFlight)),
    begin: now - MONTH_MS,
    step: (MONTH_MS * 0.9) / options.tasks,
    now,
  };
}

function chunk(plan: Plan, first: number, last: number): readonly Statement[] {
  const range = [first, last];
  return [
    ...tasks(plan, first, last),
    ...dependencies(plan, first, last),
    ...tried(plan).map((sql) => ({ sql, args: range })),
    ...history(plan).map((sql) => ({ sql, args: range })),
  ];
}

/** The policies by `id % 3`: one shared command, one shared url and command, one file of the task's own. */
function policyOf(id: number): readonly Requirement[] {
  const checks = { name: "checks", kind: "command", argv: ["npm", "test"], timeoutSeconds: 300 };
  if (id % 3 === 0) return [checks];
  if (id % 3 === 1) {
    return [
      checks,
      { name: "page", kind: "url", origin: "https://example.org", path: "/health", status: 200 },
    ];
  }
  return [{ name: "report", kind: "file", path: `reports/task-${id}.md`, minBytes: 1 }];
}

function tasks(plan: Plan, first: number, last: number): readonly Statement[] {
  const ids = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const policies = ids.map(policyOf);
  const hashes = policies.map((policy) => sha256(canonicalJson(policy)));
  const [epics, lanes] = [EPICS.length, SEED_LANES.length];
  return [
    {
      sql: `INSERT INTO tasks (id, key, epic_id, lane_id, priority, status, version, epoch, attempts, failures,
          not_before, policy_hash, completion, created_at, updated_at)
        SELECT r.id, e.key || '-' || ((r.id - 1) / ${epics} + 1), e.id, l.id, r.id * 31 % 5,
          CASE r.state WHEN 'attested' THEN 'done' WHEN 'later' THEN 'queued' ELSE r.state END,
          1, 0, 0, 0, CASE WHEN r.state = 'later' THEN ${plan.now} + 86400000 END, r.hash,
          CASE r.state WHEN 'done' THEN 'proved' WHEN 'attested' THEN 'attested' END, r.at, r.at
        FROM (SELECT j.key + CAST(?2 AS INTEGER) AS id, j.value AS hash,
            CAST(${plan.begin} + (j.key + ?2) * ${plan.step} AS INTEGER) AS at,
            CASE WHEN (j.key + ?2) % ${plan.flightEvery} <> 0 THEN ${plan.status}
              WHEN (j.key + ?2) / ${plan.flightEvery} % 4 = 0 THEN 'verifying' ELSE 'active' END AS state
          FROM json_each(?1) j) r
        JOIN lanes l ON l.id = r.id % ${lanes} + 1 JOIN epics e ON e.id = (r.id - 1) % ${epics} + 2`,
      args: [JSON.stringify(hashes), first],
    },
    {
      sql: `INSERT INTO task_texts (task_id, title, body, acceptance) SELECT t.id,
          iif(t.id % 400 = 7, 'リリース' || t.id || 'の' || (?6 ->> (t.id / 400 % 4)) || 'を直す',
            (?3 ->> (t.id * 31 % 20)) || ' ' || (?4 ->> ((t.id * 17 + t.id / 32) % 20)) || ' '
              || (?5 ->> ((t.id * 13 + t.id / 128) % 20)) || ', step ' || t.id),
          'Found in run ' || t.id || '. ' || 'The step ends well, yet what it should have written is not there. '
            || 'Read its log, find the first line that differs from the last good run, and mend the cause.',
          'The step writes its report, and the report names run ' || t.id || '.'
        FROM tasks t WHERE t.id BETWEEN ?1 AND ?2`,
      args: [first, last, ...TITLES],
    },
    {
      sql: `INSERT INTO requirements (task_id, position, name, kind, spec)
        SELECT j.key + ?2, r.key, r.value ->> 'name', r.value ->> 'kind', r.value
        FROM json_each(?1) j CROSS JOIN json_each(j.value) r`,
      args: [JSON.stringify(policies), first],
    },
    {
      sql: `INSERT INTO blocks (task_id, kind, reason, owner, question, since)
        SELECT t.id, 'question', 'Two ways are open', 'operator', 'Which way for ' || t.key || '?', t.updated_at
        FROM tasks t WHERE t.id BETWEEN ?1 AND ?2 AND t.status = 'blocked'`,
      args: [first, last],
    },
  ];
}

/** Only on earlier tasks, never on cancelled ones; what is done or in flight waits for done ones only. */
function dependencies(plan: Plan, first: number, last: number): readonly Statement[] {
  const add = (back: number, share: number): Statement => ({
    sql: `INSERT INTO dependencies (task_id, depends_on) SELECT t.id, o.id
      FROM tasks t JOIN tasks o ON o.id = t.id - ${back}
      WHERE t.id BETWEEN ?1 AND ?2 AND t.id * 613 % 1000 < ${share} AND o.status <> 'cancelled'
        AND (o.status = 'done' OR t.status NOT IN ('done', 'active', 'verifying'))`,
    args: [first, last],
  });
  return [
    add(1, plan.dependent),
    add(7, Math.floor(plan.dependent / 3)),
    {
      sql: `UPDATE tasks SET open_dependencies = d.open FROM (
          SELECT d.task_id, count(*) AS open FROM dependencies d JOIN tasks o ON o.id = d.depends_on
          WHERE d.task_id BETWEEN ?1 AND ?2 AND o.status <> 'done' GROUP BY d.task_id) d
        WHERE tasks.id = d.task_id`,
      args: [first, last],
    },
    {
      sql: `UPDATE tasks SET ready_at = created_at
        WHERE id BETWEEN ?1 AND ?2 AND status = 'queued' AND open_dependencies = 0 AND not_before IS NULL`,
      args: [first, last],
    },
  ];
}

/** Attempts and proofs of what was done, of the dead letters, and of what is in flight. */
function tried(plan: Plan): readonly string[] {
  return [
    `UPDATE tasks SET attempts = CASE status WHEN 'dead' THEN 3 ELSE 1 END, epoch = CASE status WHEN 'dead' THEN 3 ELSE 1 END,
      failures = CASE status WHEN 'dead' THEN 3 ELSE 0 END
    WHERE id BETWEEN ?1 AND ?2 AND (completion = 'proved' OR status IN ('active', 'verifying', 'dead'))`,
    `INSERT INTO attempts (task_id, number, epoch, token, agent_id, lane_id, session, provider, model, started_at,
      lease_ms, lease_expires_at, last_heartbeat_at, beats, policy_hash, proof_set_hash, ended_at, outcome, reason)
    SELECT t.id, n.value, n.value, 'seed-' || t.id || '-' || n.value, l.id, l.id, 'seed-' || t.id || '-' || n.value,
      l.provider, l.model, CASE WHEN f.open THEN ${plan.now} ELSE t.created_at + n.value * 1000 END, l.lease_ms,
      CASE WHEN f.open THEN ${plan.now} ELSE t.created_at + n.value * 1000 END + l.lease_ms,
      CASE WHEN f.open THEN ${plan.now} ELSE t.created_at + n.value * 1000 END, 3, t.policy_hash,
      CASE WHEN t.status IN ('done', 'verifying') THEN t.policy_hash END,
      CASE WHEN NOT f.open THEN t.created_at + n.value * 1000 + 900 END,
      CASE WHEN NOT f.open THEN CASE t.status WHEN 'done' THEN 'done' ELSE 'failed' END END,
      CASE WHEN NOT f.open THEN 'seeded' END
    FROM tasks t CROSS JOIN (SELECT 0 AS open UNION ALL SELECT 1) f ON f.open = (t.status IN ('active', 'verifying'))
    JOIN lanes l ON l.id = t.lane_id CROSS JOIN json_each('[1,2,3]') n ON n.value <= t.attempts
    WHERE t.id BETWEEN ?1 AND ?2 AND t.attempts > 0`,
    `INSERT INTO proofs (task_id, attempt, requirement, kind, uri, attached_by, attached_at, verdict, reason, evidence,
      seen, checked_at, checks, verify_at)
    SELECT t.id, t.attempts, r.name, r.kind, r.kind || ':' || r.name, 'agent:seed', t.created_at + 1200,
      iif(t.status = 'done', 'passed', 'pending'), iif(t.status = 'done', 'It holds.', NULL),
      iif(t.status = 'done', r.kind || ':local:seed:' || t.id, NULL), iif(t.status = 'done', '{"exit":0}', NULL),
      iif(t.status = 'done', t.created_at + 1500, NULL), t.status = 'done',
      iif(t.status = 'verifying', ${plan.now} + 3600000, NULL)
    FROM tasks t JOIN requirements r ON r.task_id = t.id
    WHERE t.id BETWEEN ?1 AND ?2 AND (t.completion = 'proved' OR t.status = 'verifying')`,
  ];
}

/** The event of each version, the rows' versions from them, and the announcements of what was proved. */
function history(plan: Plan): readonly string[] {
  return [
    `INSERT INTO events (task_id, version, change_id, kind, actor, at, attempt, data)
    SELECT t.id, row_number() OVER (PARTITION BY t.id ORDER BY n.value, k.value ->> 0), 'seed-' || t.id, k.value ->> 1,
      k.value ->> 2, iif(k.value ->> 0 = 1, t.created_at, min(t.created_at + (k.value ->> 0) * 400, ${plan.now})),
      iif(k.value ->> 0 = 1, NULL, n.value), json_object('seeded', t.key, 'step', k.value ->> 0)
    FROM tasks t CROSS JOIN json_each('[[1,"task.added","person:local:seed"],[2,"task.claimed","agent:seed"],
      [3,"proof.attached","agent:seed"],[4,"task.submitted","agent:seed"],[5,"task.completed","system:verify-proofs"],
      [6,"task.released","agent:seed"],[7,"task.blocked","person:local:seed"],[8,"task.cancelled","person:local:seed"]]') k
    CROSS JOIN json_each('[1,2,3]') n
    WHERE t.id BETWEEN ?1 AND ?2 AND n.value <= max(t.attempts, 1) AND CASE k.value ->> 0
      WHEN 1 THEN n.value = 1
      WHEN 2 THEN t.attempts > 0
      WHEN 3 THEN t.completion = 'proved' OR t.status = 'verifying'
      WHEN 4 THEN t.completion = 'proved' OR t.status = 'verifying'
      WHEN 5 THEN t.completion = 'proved'
      WHEN 6 THEN t.status = 'dead'
      WHEN 7 THEN t.status = 'blocked'
      WHEN 8 THEN t.status = 'cancelled' END
    ORDER BY t.id, n.value, k.value ->> 0`,
    `UPDATE tasks SET version = e.version, updated_at = max(updated_at, e.at)
    FROM (SELECT task_id, max(version) AS version, max(at) AS at FROM events WHERE task_id BETWEEN ?1 AND ?2 GROUP BY task_id) e
    WHERE tasks.id = e.task_id AND e.version > 1`,
    `INSERT INTO notices (kind, task_id, event_id, text, data, at)
    SELECT 'auto-complete', e.task_id, e.id, '🔵🔵🔵 AUTO-COMPLETE ' || t.key || ' ' || x.title, json_object('key', t.key), e.at
    FROM events e JOIN tasks t ON t.id = e.task_id JOIN task_texts x ON x.task_id = t.id
    WHERE e.task_id BETWEEN ?1 AND ?2 AND e.kind = 'task.completed'`,
    `INSERT INTO deliveries (notice_id, channel_id, state, revision, tries, anchor)
    SELECT n.id, 1, 'sent', 1, 1, 'seed-' || n.id FROM notices n WHERE n.task_id BETWEEN ?1 AND ?2`,
  ];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
