// What a hand with a database shell could do to a queue once the guards are out of the way.
import type { RuleName } from "../../src/core/validation.ts";
import { openRaw } from "../support/raw.ts";
import { NOW, type Role } from "./world.ts";

type Sql = string | readonly [sql: string, ...args: (string | number | null)[]];

export interface Damage {
  /** What it makes core say, at least; of the task of that role, where the rule is about a task. */
  readonly rule: RuleName;
  readonly of?: Role;
  /** `?1` is the task's id. */
  readonly sql: readonly Sql[];
  /** Indexes that forbid it. */
  readonly without?: readonly string[];
  /** Leaves the triggers dropped. */
  readonly guardsDown?: boolean;
}

const OPEN = "task_id = ?1 AND ended_at IS NULL";
const COMPLETION = "task_id = ?1 AND kind = 'task.completed'";
const YEAR_MS = 365 * 86_400_000;

/** One damage a rule, each of them alone enough to be told. Rules about the brief's file are told elsewhere. */
export const DAMAGES: readonly Damage[] = [
  { rule: "lane-missing", of: "queued", sql: ["UPDATE tasks SET lane_id = NULL WHERE id = ?1"] },
  {
    rule: "acceptance-missing",
    of: "queued",
    sql: ["UPDATE task_texts SET acceptance = char(160, 9) WHERE task_id = ?1"],
  },
  { rule: "policy-empty", of: "active", sql: ["DELETE FROM requirements WHERE task_id = ?1"] },
  {
    rule: "requirement-unknown",
    of: "queued",
    sql: [
      "UPDATE OR IGNORE requirements SET kind = 'oracle', spec = json_set(spec, '$.kind', 'oracle') WHERE task_id = ?1",
    ],
  },
  {
    rule: "requirement-faulty",
    of: "blocked",
    sql: ["UPDATE OR IGNORE requirements SET spec = json_set(spec, '$.argv', 5) WHERE task_id = ?1"],
  },
  {
    rule: "draft-incomplete",
    of: "draft",
    sql: ["UPDATE task_texts SET acceptance = '' WHERE task_id = ?1"],
  },
  {
    rule: "status-unknown",
    of: "queued",
    sql: ["UPDATE tasks SET status = 'paused', ready_at = NULL WHERE id = ?1"],
  },
  { rule: "priority-unknown", of: "done", sql: ["UPDATE tasks SET priority = 7 WHERE id = ?1"] },
  {
    rule: "title-unfit",
    of: "cancelled",
    sql: ["UPDATE task_texts SET title = 'Safe' || char(8238) || 'efas' WHERE task_id = ?1"],
  },
  {
    rule: "not-before-far",
    of: "later",
    sql: [["UPDATE tasks SET not_before = ?2 WHERE id = ?1", NOW + YEAR_MS + 1]],
  },
  {
    rule: "dependency-cycle",
    of: "queued",
    sql: [
      "INSERT OR IGNORE INTO dependencies (task_id, depends_on) SELECT ?1, task_id FROM dependencies WHERE depends_on = ?1",
      "UPDATE tasks SET open_dependencies = open_dependencies + 1, ready_at = NULL WHERE id = ?1",
    ],
  },
  {
    rule: "dependency-stranded",
    of: "waiting",
    sql: [
      "INSERT OR IGNORE INTO dependencies (task_id, depends_on) SELECT ?1, id FROM tasks WHERE status = 'cancelled'",
      "UPDATE tasks SET open_dependencies = open_dependencies + 1 WHERE id = ?1",
    ],
  },
  {
    rule: "dependency-dangling",
    of: "draft",
    sql: ["INSERT OR IGNORE INTO links VALUES (?1, 'dangling:blocks', 'bd-404')"],
  },
  {
    rule: "open-dependencies-wrong",
    of: "waiting",
    sql: ["UPDATE tasks SET open_dependencies = 0 WHERE id = ?1"],
  },
  { rule: "ready-untrue", of: "later", sql: [["UPDATE tasks SET ready_at = ?2 WHERE id = ?1", NOW]] },
  { rule: "ready-missing", of: "queued", sql: ["UPDATE tasks SET ready_at = NULL WHERE id = ?1"] },
  {
    rule: "attempt-missing",
    of: "active",
    sql: [[`UPDATE attempts SET ended_at = ?2, outcome = 'released' WHERE ${OPEN}`, NOW]],
  },
  { rule: "attempt-unexpected", of: "active", sql: ["UPDATE tasks SET status = 'blocked' WHERE id = ?1"] },
  {
    rule: "attempts-doubled",
    of: "active",
    sql: [
      `INSERT OR IGNORE INTO attempts SELECT task_id, number + 1, epoch, token, agent_id, lane_id, session || '-b', provider, model,
        started_at, lease_ms, lease_expires_at, last_heartbeat_at, beats, note, policy_hash, proof_set_hash, ended_at,
        outcome, reason FROM attempts WHERE ${OPEN}`,
    ],
    without: ["attempts_open_by_task"],
  },
  { rule: "epoch-differs", of: "active", sql: ["UPDATE tasks SET epoch = epoch + 1 WHERE id = ?1"] },
  {
    rule: "fake-active",
    of: "active",
    sql: [[`UPDATE attempts SET lease_expires_at = ?2 WHERE ${OPEN}`, NOW]],
  },
  {
    rule: "session-doubled",
    of: "active",
    sql: ["UPDATE OR IGNORE attempts SET session = 's-active' WHERE session = 's-active2'"],
    without: ["attempts_open_by_session"],
  },
  { rule: "attempts-used-up", of: "queued", sql: ["UPDATE tasks SET failures = max_attempts WHERE id = ?1"] },
  { rule: "policy-changed", of: "verifying", sql: ["UPDATE tasks SET policy_hash = 'other' WHERE id = ?1"] },
  {
    rule: "verifying-stuck",
    of: "verifying",
    sql: ["UPDATE proofs SET verify_at = NULL WHERE task_id = ?1"],
  },
  {
    rule: "done-unproved",
    of: "done",
    sql: ["UPDATE proofs SET verdict = 'inconclusive' WHERE task_id = ?1"],
  },
  {
    rule: "completion-unrecorded",
    of: "reopened",
    sql: [`UPDATE events SET kind = 'task.edited' WHERE ${COMPLETION} AND attempt = 2`],
  },
  {
    rule: "announcement-unfounded",
    of: "active",
    sql: [
      `INSERT OR IGNORE INTO notices (kind, task_id, event_id, text, data, at) SELECT 'auto-complete', ?1, id,
        '🔵🔵🔵 AUTO-COMPLETE it sounds done', '{}', 0 FROM events WHERE task_id = ?1 LIMIT 1`,
    ],
  },
  {
    rule: "announcement-missing",
    of: "done",
    sql: ["DELETE FROM notices WHERE task_id = ?1 AND kind = 'auto-complete'"],
  },
  { rule: "version-differs", of: "queued", sql: ["UPDATE tasks SET version = version + 1 WHERE id = ?1"] },
  { rule: "version-gap", of: "done", sql: ["DELETE FROM events WHERE task_id = ?1 AND version = 2"] },
  { rule: "block-missing", of: "blocked", sql: ["DELETE FROM blocks WHERE task_id = ?1"] },
  { rule: "block-blank", of: "blocked", sql: ["UPDATE blocks SET question = char(8195) WHERE task_id = ?1"] },
  {
    rule: "block-left",
    of: "queued",
    sql: [
      "INSERT OR IGNORE INTO blocks (task_id, kind, reason, owner, question, since) VALUES (?1, 'k', 'r', 'o', 'q', 0)",
    ],
  },
  {
    rule: "lane-over-capacity",
    sql: ["UPDATE lanes SET capacity = 1, updated_at = 0 WHERE name = 'builder'"],
  },
  {
    rule: "lane-paused-urgent",
    sql: ["UPDATE lanes SET paused_at = 1, paused_reason = 'Lunch' WHERE name = 'ops'"],
  },
  { rule: "guard-missing", sql: [], guardsDown: true },
];

/** Damage that fits any task, for the property: what it breaks depends on where it lands. `?1` a task, `?2` another, `?3` a small number. */
export const BLOWS: readonly string[] = [
  "UPDATE tasks SET status = 'queued' WHERE id = ?1",
  "UPDATE tasks SET status = 'done', completion = 'proved' WHERE id = ?1",
  "UPDATE tasks SET status = 'cancelled' WHERE id = ?1",
  "UPDATE tasks SET status = 'verifying' WHERE id = ?1",
  "UPDATE tasks SET status = 'offered' WHERE id = ?1",
  "UPDATE tasks SET status = 'draft' WHERE id = ?1",
  "UPDATE tasks SET status = 'blocked' WHERE id = ?1",
  "UPDATE tasks SET status = '' WHERE id = ?1",
  "UPDATE tasks SET completion = NULL WHERE id = ?1",
  "UPDATE tasks SET completion = 'attested' WHERE id = ?1",
  "UPDATE tasks SET lane_id = NULL WHERE id = ?1",
  "UPDATE tasks SET lane_id = 99 WHERE id = ?1",
  "UPDATE tasks SET priority = 3 * ?3 WHERE id = ?1",
  "UPDATE tasks SET version = version + ?3 WHERE id = ?1",
  "UPDATE tasks SET epoch = epoch + ?3 WHERE id = ?1",
  "UPDATE tasks SET attempts = attempts + ?3 WHERE id = ?1",
  "UPDATE tasks SET failures = failures + ?3 WHERE id = ?1",
  "UPDATE tasks SET lapses = 10 WHERE id = ?1",
  `UPDATE tasks SET ready_at = ${NOW} + ?3 WHERE id = ?1`,
  "UPDATE tasks SET ready_at = NULL WHERE id = ?1",
  `UPDATE tasks SET not_before = ${NOW} + ?3 WHERE id = ?1`,
  `UPDATE tasks SET not_before = ${NOW + YEAR_MS} + ?3 WHERE id = ?1`,
  "UPDATE tasks SET not_before = NULL WHERE id = ?1",
  "UPDATE tasks SET open_dependencies = max(0, open_dependencies + ?3) WHERE id = ?1",
  "UPDATE tasks SET policy_hash = 'x' WHERE id = ?1",
  "DELETE FROM task_texts WHERE task_id = ?1",
  "UPDATE task_texts SET acceptance = '' WHERE task_id = ?1",
  "UPDATE task_texts SET acceptance = char(12288) WHERE task_id = ?1",
  "UPDATE task_texts SET title = char(65279) WHERE task_id = ?1",
  "UPDATE task_texts SET title = title || char(0) || 'x' WHERE task_id = ?1",
  "UPDATE task_texts SET title = title || char(8233) WHERE task_id = ?1",
  "UPDATE task_texts SET title = title || char(131) WHERE task_id = ?1",
  "UPDATE task_texts SET title = printf('%.*c', 299 + ?3, 'x') WHERE task_id = ?1",
  "UPDATE task_texts SET title = replace(printf('%.*c', 149 + ?3, 'x'), 'x', char(128309)) WHERE task_id = ?1",
  "DELETE FROM requirements WHERE task_id = ?1",
  "DELETE FROM requirements WHERE task_id = ?1 AND position = 0",
  "UPDATE OR IGNORE requirements SET position = position + 5 WHERE task_id = ?1",
  "UPDATE OR IGNORE requirements SET name = 'new', spec = json_set(spec, '$.name', 'new') WHERE task_id = ?1 AND position = 0",
  "UPDATE OR IGNORE requirements SET kind = 'url', spec = json_set(spec, '$.kind', 'url') WHERE task_id = ?1",
  "UPDATE OR IGNORE requirements SET kind = 'oracle', spec = json_set(spec, '$.kind', 'oracle') WHERE task_id = ?1",
  "UPDATE OR IGNORE requirements SET spec = json_set(spec, '$.colour', 'blue') WHERE task_id = ?1",
  `INSERT OR IGNORE INTO requirements VALUES (?1, 7, 'more', 'file', '{"name":"more","kind":"file"}')`,
  "INSERT OR IGNORE INTO dependencies VALUES (?1, ?2)",
  "INSERT OR IGNORE INTO dependencies VALUES (?2, ?1)",
  "DELETE FROM dependencies WHERE task_id = ?1",
  "INSERT OR IGNORE INTO links VALUES (?1, 'dangling:blocks', 'bd-' || ?3)",
  "INSERT OR IGNORE INTO links VALUES (?1, 'related', 'bd-1')",
  "DELETE FROM blocks WHERE task_id = ?1",
  "INSERT OR IGNORE INTO blocks (task_id, kind, reason, owner, question, since) VALUES (?1, 'k', 'r', 'o', 'q', 0)",
  "UPDATE blocks SET reason = char(9) WHERE task_id = ?1",
  "UPDATE blocks SET owner = ' ' WHERE task_id = ?1",
  "DELETE FROM attempts WHERE task_id = ?1",
  `UPDATE OR IGNORE attempts SET ended_at = ${NOW}, outcome = 'lapsed' WHERE task_id = ?1`,
  "UPDATE OR IGNORE attempts SET ended_at = NULL, outcome = NULL, session = session || '-again' WHERE task_id = ?1 AND number = 1",
  "UPDATE OR IGNORE attempts SET epoch = epoch + 1 WHERE task_id = ?1",
  `UPDATE OR IGNORE attempts SET lease_expires_at = ${NOW} + ?3 WHERE task_id = ?1`,
  "UPDATE OR IGNORE attempts SET policy_hash = 'y' WHERE task_id = ?1",
  "UPDATE OR IGNORE attempts SET session = 'one' WHERE task_id = ?1",
  "UPDATE OR IGNORE proofs SET verdict = 'failed' WHERE task_id = ?1",
  "UPDATE OR IGNORE proofs SET superseded = 1 WHERE task_id = ?1",
  "UPDATE OR IGNORE proofs SET kind = 'human' WHERE task_id = ?1",
  "UPDATE OR IGNORE proofs SET verify_at = NULL WHERE task_id = ?1",
  "UPDATE OR IGNORE proofs SET attempt = attempt + 1 WHERE task_id = ?1",
  "DELETE FROM proofs WHERE task_id = ?1",
  "DELETE FROM events WHERE task_id = ?1",
  "DELETE FROM events WHERE task_id = ?1 AND version = 1",
  "DELETE FROM events WHERE task_id = ?1 AND version = (SELECT max(version) FROM events WHERE task_id = ?1)",
  "UPDATE OR IGNORE events SET version = version + 20 WHERE task_id = ?1",
  "UPDATE OR IGNORE events SET version = ?3 - 4 WHERE task_id = ?1 AND version = 1",
  "UPDATE OR IGNORE events SET kind = 'task.completed' WHERE task_id = ?1 AND version = 1",
  "UPDATE OR IGNORE events SET kind = 'task.edited' WHERE task_id = ?1",
  "UPDATE OR IGNORE events SET attempt = NULL WHERE task_id = ?1",
  "UPDATE OR IGNORE events SET task_id = ?2 WHERE task_id = ?1 AND kind = 'task.completed'",
  "DELETE FROM notices WHERE task_id = ?1",
  "UPDATE OR IGNORE notices SET task_id = ?2 WHERE task_id = ?1 AND kind = 'auto-complete'",
  "UPDATE OR IGNORE notices SET event_id = NULL WHERE task_id = ?1 AND kind = 'auto-complete'",
  "UPDATE OR IGNORE notices SET task_id = NULL WHERE task_id = ?1 AND kind = 'auto-complete'",
  "UPDATE lanes SET capacity = 0, updated_at = 0",
  "UPDATE lanes SET paused_at = 1, paused_reason = 'Lunch'",
];

/** Strikes with every guard down: triggers dropped, checks and references not asked. Puts the triggers back if told. */
export async function strike(
  url: string,
  blows: readonly { readonly sql: string; readonly args: readonly (string | number | null)[] }[],
  options: { readonly without?: readonly string[]; readonly guardsBack: boolean },
): Promise<void> {
  const raw = await openRaw(url);
  try {
    await raw.pragma("PRAGMA foreign_keys = OFF");
    await raw.pragma("PRAGMA ignore_check_constraints = ON");
    const [guards = []] = await raw.read([
      {
        sql: "SELECT type, name, sql FROM sqlite_schema WHERE type = 'trigger' OR name IN (SELECT value FROM json_each(?1))",
        args: [JSON.stringify(options.without ?? [])],
      },
    ]);
    await raw.write([
      ...guards.map((row) => ({ sql: `DROP ${String(row["type"])} ${String(row["name"])}` })),
      ...blows.map(({ sql, args }) => ({ sql, args: named(sql, args) })),
      ...guards
        .filter((row) => options.guardsBack && row["type"] === "trigger")
        .map((row) => ({ sql: String(row["sql"]) })),
    ]);
  } finally {
    await raw.close();
  }
}

/** As many arguments as the statement names. */
function named(sql: string, args: readonly (string | number | null)[]): (string | number | null)[] {
  const used = [...sql.matchAll(/\?(\d)/g)].map((match) => Number(match[1]));
  return args.slice(0, Math.max(0, ...used));
}
