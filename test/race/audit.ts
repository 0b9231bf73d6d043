// Looks at a queue from outside, in a process that never wrote to it: is everything there that was acknowledged, and does
// everything that is there agree with itself? Run as a process it audits a database and prints the findings.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Connection } from "../../db/connection.ts";
import { readJob, reportOf, startWorker } from "./processes.ts";

/** A write that was said to be done, and by what it is known. */
export type Ack =
  | { readonly what: "event"; readonly task: string; readonly version: number; readonly kind: string }
  | { readonly what: "claim"; readonly attempt: string; readonly session: string; readonly version: number }
  | { readonly what: "proof"; readonly id: number; readonly task: string }
  | { readonly what: "beat"; readonly attempt: string; readonly expires: number }
  | { readonly what: "completion"; readonly attempt: string }
  | { readonly what: "notice"; readonly subject: string }
  | { readonly what: "delivery"; readonly notice: number; readonly anchor: string };

export interface Audit {
  readonly acknowledged: number;
  /** Acknowledged and not there. */
  readonly lost: readonly Ack[];
  /** What does not agree with itself, each with its first few examples. */
  readonly broken: readonly string[];
  readonly tasks: number;
  readonly done: number;
  readonly events: number;
}

/** Each finds rows that must not be. */
const INVARIANTS: Readonly<Record<string, string>> = {
  "in flight without exactly one open attempt, or an open attempt elsewhere": `SELECT t.key FROM tasks t WHERE
    (t.status IN ('offered', 'active', 'verifying')) <>
    ((SELECT count(*) FROM attempts a WHERE a.task_id = t.id AND a.ended_at IS NULL) = 1)`,
  "not one event for each version": `SELECT t.key FROM tasks t WHERE
    (SELECT json_array(count(*), count(DISTINCT e.version), min(e.version), max(e.version)) FROM events e WHERE e.task_id = t.id)
    <> json_array(t.version, t.version, 1, t.version)`,
  "done without a passed proof of its last attempt for every requirement": `SELECT t.key FROM tasks t
    JOIN requirements r ON r.task_id = t.id WHERE t.status = 'done' AND t.completion = 'proved' AND NOT EXISTS (
      SELECT 1 FROM proofs p WHERE p.task_id = t.id AND p.attempt = t.attempts AND p.requirement = r.name
        AND p.superseded = 0 AND p.verdict = 'passed')`,
  "done without a completion": `SELECT t.key FROM tasks t WHERE t.status = 'done' AND t.completion = 'proved'
    AND NOT EXISTS (SELECT 1 FROM events e WHERE e.task_id = t.id AND e.version = t.version AND e.kind = 'task.completed')`,
  "a completion without its announcement": `SELECT e.id FROM events e WHERE e.kind = 'task.completed'
    AND (SELECT count(*) FROM notices n WHERE n.kind = 'auto-complete' AND n.event_id = e.id AND n.task_id = e.task_id) <> 1`,
  "an announcement without its completion": `SELECT n.id FROM notices n WHERE n.kind = 'auto-complete' AND NOT EXISTS (
    SELECT 1 FROM events e WHERE e.id = n.event_id AND e.kind = 'task.completed' AND e.task_id = n.task_id)`,
  "an announcement that goes nowhere": `SELECT n.id FROM notices n WHERE n.kind = 'auto-complete' AND NOT EXISTS (
    SELECT 1 FROM deliveries d WHERE d.notice_id = n.id)`,
  "not one claim for each attempt": `SELECT t.key FROM tasks t WHERE t.attempts <>
      (SELECT count(*) FROM attempts a WHERE a.task_id = t.id)
    OR t.attempts <> (SELECT count(*) FROM events e WHERE e.task_id = t.id AND e.kind = 'task.claimed')`,
  "attempts whose epochs do not rise": `SELECT a.task_id FROM attempts a JOIN attempts b ON b.task_id = a.task_id
    AND b.number = a.number + 1 WHERE b.epoch <= a.epoch`,
  "an attempt that began before the one before it had ended": `SELECT a.task_id FROM attempts a JOIN attempts b
    ON b.task_id = a.task_id AND b.number = a.number + 1 WHERE a.ended_at IS NULL OR a.ended_at > b.started_at`,
  "a session that holds two":
    "SELECT session FROM attempts WHERE ended_at IS NULL GROUP BY session HAVING count(*) > 1",
  "a task without its texts or requirements": `SELECT t.key FROM tasks t WHERE
    NOT EXISTS (SELECT 1 FROM task_texts x WHERE x.task_id = t.id)
    OR NOT EXISTS (SELECT 1 FROM requirements r WHERE r.task_id = t.id)`,
  "numbers given twice or not at all": `SELECT e.key FROM epics e WHERE e.last_number <>
    (SELECT count(*) FROM tasks t WHERE t.epic_id = e.id)`,
  "blocked without its question, or a question elsewhere": `SELECT t.key FROM tasks t WHERE (t.status = 'blocked') <>
    EXISTS (SELECT 1 FROM blocks b WHERE b.task_id = t.id)`,
};

/** Each finds, of the acknowledged writes in ?1, the positions of those that are not there. */
const STANDING: { readonly [what in Ack["what"]]: string } = {
  event: `SELECT j.key AS place FROM json_each(?1) j WHERE NOT EXISTS (SELECT 1 FROM tasks t JOIN events e ON e.task_id = t.id
    WHERE t.key = j.value ->> 'task' AND e.version = j.value ->> 'version' AND e.kind = j.value ->> 'kind')`,
  claim: `SELECT j.key AS place FROM json_each(?1) j WHERE NOT EXISTS (
    SELECT 1 FROM tasks t JOIN attempts a ON a.task_id = t.id JOIN events e ON e.task_id = t.id AND e.attempt = a.number
    WHERE t.key || '.' || a.number = j.value ->> 'attempt' AND a.session = j.value ->> 'session'
      AND t.key = substr(j.value ->> 'attempt', 1, instr(j.value ->> 'attempt', '.') - 1)
      AND e.kind = 'task.claimed' AND e.version = j.value ->> 'version')`,
  proof: `SELECT j.key AS place FROM json_each(?1) j WHERE NOT EXISTS (SELECT 1 FROM proofs p JOIN tasks t ON t.id = p.task_id
    WHERE p.id = j.value ->> 'id' AND t.key = j.value ->> 'task')`,
  beat: `SELECT j.key AS place FROM json_each(?1) j WHERE NOT EXISTS (
    SELECT 1 FROM tasks t JOIN attempts a ON a.task_id = t.id
    WHERE t.key = substr(j.value ->> 'attempt', 1, instr(j.value ->> 'attempt', '.') - 1)
      AND t.key || '.' || a.number = j.value ->> 'attempt' AND a.lease_expires_at >= j.value ->> 'expires')`,
  completion: `SELECT j.key AS place FROM json_each(?1) j WHERE NOT EXISTS (
    SELECT 1 FROM tasks t JOIN events e ON e.task_id = t.id AND e.kind = 'task.completed'
    WHERE t.key = substr(j.value ->> 'attempt', 1, instr(j.value ->> 'attempt', '.') - 1)
      AND t.key || '.' || e.attempt = j.value ->> 'attempt')`,
  notice: `SELECT j.key AS place FROM json_each(?1) j WHERE NOT EXISTS (
    SELECT 1 FROM notices n WHERE n.subject = j.value ->> 'subject')`,
  delivery: `SELECT j.key AS place FROM json_each(?1) j WHERE NOT EXISTS (SELECT 1 FROM deliveries d
    WHERE d.notice_id = j.value ->> 'notice' AND d.anchor = j.value ->> 'anchor' AND d.state = 'sent')`,
};

const EXAMPLES = 5;
const CHUNK = 20_000;

export async function auditQueue(url: string, acks: readonly Ack[]): Promise<Audit> {
  const connection = await Connection.open({ url, synchronous: "normal" });
  const read = async (sql: string, args: readonly string[] = []) =>
    (await connection.read([{ sql, args }]))[0] ?? [];
  const broken: string[] = [];
  for (const [name, sql] of Object.entries(INVARIANTS)) {
    const rows = await read(sql);
    if (rows.length > 0) {
      const examples = rows.slice(0, EXAMPLES).map((row) => Object.values(row).join());
      broken.push(`${name}: ${rows.length} (${examples.join(", ")})`);
    }
  }
  for (const pragma of ["integrity_check", "foreign_key_check"]) {
    const said = JSON.stringify(
      (await connection.pragma(`PRAGMA ${pragma}`)).map((row) => Object.values(row)),
    );
    if (said !== "[]" && said !== '[["ok"]]') broken.push(`PRAGMA ${pragma}: ${said}`);
  }
  const lost: Ack[] = [];
  for (const [what, sql] of Object.entries(STANDING)) {
    const mine = acks.filter((ack) => ack.what === what);
    for (let from = 0; from < mine.length; from += CHUNK) {
      const part = mine.slice(from, from + CHUNK);
      const rows = await read(sql, [JSON.stringify(part)]);
      lost.push(...rows.map((row) => part[Number(row["place"])] as Ack));
    }
  }
  const [counts] =
    await read(`SELECT (SELECT count(*) FROM tasks) AS tasks, (SELECT count(*) FROM events WHERE task_id IS NOT NULL) AS events,
    (SELECT count(*) FROM tasks WHERE status = 'done') AS done`);
  await connection.close();
  return {
    acknowledged: acks.length,
    lost,
    broken,
    tasks: Number(counts?.["tasks"]),
    done: Number(counts?.["done"]),
    events: Number(counts?.["events"]),
  };
}

/** The same in a process of its own. `acks` is a file with one acknowledged write a line. */
export function auditElsewhere(url: string, acks: string | null = null): Promise<Audit> {
  return reportOf(startWorker(join(import.meta.dirname, "audit.ts"), { url, acks }));
}

if (import.meta.main) {
  const { url, acks } = readJob() as { url: string; acks: string | null };
  const lines = acks === null ? [] : readFileSync(acks, "utf8").split("\n");
  const parsed = lines.flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Ack]));
  process.stdout.write(`${JSON.stringify(await auditQueue(url, parsed))}\n`);
}
