// How much of the distance to the limit is the promise itself, and how much the engine: better-sqlite3, or libsql, writing
// the very rows the real commands write, in our schema under its twins, with statements compiled once, and as many jobs a
// commit as there are callers.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type Database from "better-sqlite3";
import { answerOrders, type Side, type SideOptions } from "../child.ts";

const MIGRATIONS = new URL("../../db/migrations/", import.meta.url);
const TEXT = "The step ends well, yet what it should have written is not there. Read its log first.";
const SPEC = '{"argv":["npm","test"],"kind":"command","name":"checks"}';
const HASH = "0".repeat(64);
const LEASE_MS = 900_000;

/** Both have one interface. Never two of them in one process on one file: locks would be ignored. */
async function open({ folder, synchronous, engine }: SideOptions): Promise<Database> {
  const loaded: unknown = engine === "libsql" ? await import("libsql") : await import("better-sqlite3");
  const { default: Engine } = loaded as { readonly default: typeof Database };
  const database = new Engine(join(folder, "same-rows.db"));
  database.pragma("journal_mode = WAL");
  database.pragma(`synchronous = ${synchronous}`);
  for (const file of readdirSync(MIGRATIONS).toSorted()) {
    if (file.endsWith(".sql")) database.exec(readFileSync(new URL(file, MIGRATIONS), "utf8"));
  }
  database.exec(`INSERT INTO lanes (name, provider, model, capacity, lease_ms, heartbeat_ms, created_at, updated_at)
    VALUES ('builder', 'anthropic', 'claude-opus-5', 1000000, ${LEASE_MS}, 300000, 0, 0);
    INSERT INTO agents (name, role, key_hash, created_at) VALUES ('ada', 'agent', '${HASH}', 0);
    INSERT INTO agent_lanes SELECT g.id, l.id FROM agents g, lanes l;`);
  return database;
}

function adder(database: Database): (count: number) => void {
  const task =
    database.prepare(`INSERT INTO tasks (key, epic_id, lane_id, priority, status, version, ready_at, policy_hash,
    created_at, updated_at) VALUES (?, 1, 1, 2, 'queued', 1, ?, ?, ?, ?) RETURNING id`);
  const text = database.prepare(
    "INSERT INTO task_texts (task_id, title, body, acceptance) VALUES (?, ?, ?, 'Its report is there')",
  );
  const requirement = database.prepare(
    "INSERT INTO requirements (task_id, position, name, kind, spec) VALUES (?, 0, 'checks', 'command', ?)",
  );
  const event = events(database);
  let number = 0;
  return database.transaction((count: number) => {
    for (let n = 0; n < count; n += 1) {
      number += 1;
      const id = task.get(`GATE-${number}`, number, HASH, number, number)?.["id"];
      text.run(id, `Mend step ${number} of the release`, TEXT);
      requirement.run(id, SPEC);
      event({ task: id, version: 1, kind: "task.added", at: number, attempt: null, data: "{}" });
    }
  });
}

interface NewEvent {
  readonly task: unknown;
  readonly version: number;
  readonly kind: string;
  readonly at: number;
  readonly attempt: number | null;
  readonly data: string;
}

function events(database: Database): (event: NewEvent) => unknown {
  const insert =
    database.prepare(`INSERT INTO events (task_id, version, change_id, kind, actor, at, attempt, data)
    VALUES (?, ?, ?, ?, 'agent:ada', ?, ?, ?) RETURNING id`);
  let count = 0;
  return ({ task, version, kind, at, attempt, data }) => {
    count += 1;
    return insert.get(task, version, `same-rows.${count}`, kind, at, attempt, data)?.["id"];
  };
}

/** The four steps of a job, each for one task. */
function steps(database: Database) {
  const event = events(database);
  const sql = {
    pick: database.prepare(
      "SELECT id FROM tasks WHERE lane_id = 1 AND ready_at IS NOT NULL ORDER BY priority, ready_at, id LIMIT 1",
    ),
    attempt:
      database.prepare(`INSERT INTO attempts (task_id, number, epoch, token, agent_id, lane_id, session, provider,
      model, started_at, lease_ms, lease_expires_at, last_heartbeat_at, policy_hash)
      VALUES (?, 1, 1, 't', 1, 1, ?, 'anthropic', 'claude-opus-5', ?, ${LEASE_MS}, ? + ${LEASE_MS}, ?, '${HASH}')`),
    activate:
      database.prepare(`UPDATE tasks SET status = 'active', version = 2, epoch = 1, attempts = 1, ready_at = NULL,
      updated_at = ? WHERE id = ?`),
    proof:
      database.prepare(`INSERT INTO proofs (task_id, attempt, requirement, kind, uri, attached_by, attached_at,
      verify_at) VALUES (?, 1, 'checks', 'command', 'command:checks', 'agent:ada', ?, ?) RETURNING id`),
    attached: database.prepare("UPDATE tasks SET version = 3, updated_at = ? WHERE id = ? AND version = 2"),
    set: database.prepare(`UPDATE attempts SET proof_set_hash = '${HASH}' WHERE task_id = ? AND number = 1`),
    verifying: database.prepare(
      "UPDATE tasks SET status = 'verifying', version = 4, updated_at = ? WHERE id = ? AND version = 3",
    ),
    verdict:
      database.prepare(`UPDATE proofs SET verdict = 'passed', reason = 'npm test ended with 0', evidence = ?,
      seen = '{"exit":0}', checked_at = ?, checks = 1, verify_at = NULL WHERE task_id = ? AND requirement = 'checks'
      AND attempt = 1 AND superseded = 0`),
    end: database.prepare(`UPDATE attempts SET ended_at = ?, outcome = 'done', reason = 'every requirement passed'
      WHERE task_id = ? AND number = 1`),
    notice: database.prepare(`INSERT INTO notices (kind, task_id, event_id, text, data, at)
      VALUES ('auto-complete', ?, ?, ?, '{"agent":"ada"}', ?) RETURNING id`),
    delivery: database.prepare(
      "INSERT INTO deliveries (notice_id, channel_id, revision, due_at) VALUES (?, 1, 1, ?)",
    ),
    done: database.prepare(`UPDATE tasks SET status = 'done', completion = 'proved', version = 5, updated_at = ?
      WHERE id = ? AND version = 4`),
  };
  return {
    claim(session: number, at: number): unknown {
      const task = sql.pick.get()?.["id"];
      sql.attempt.run(task, `session-${session}`, at, at, at);
      event({ task, version: 2, kind: "task.claimed", at, attempt: 1, data: '{"lane":"builder"}' });
      sql.activate.run(at, task);
      return task;
    },
    attach(task: unknown, at: number): void {
      event({ task, version: 3, kind: "proof.attached", at, attempt: 1, data: '{"requirement":"checks"}' });
      sql.proof.get(task, at, at);
      sql.attached.run(at, task);
    },
    submit(task: unknown, at: number): void {
      event({ task, version: 4, kind: "task.submitted", at, attempt: 1, data: '{"proofs":["checks"]}' });
      sql.set.run(task);
      sql.verifying.run(at, task);
    },
    settle(task: unknown, at: number): void {
      const id = event({ task, version: 5, kind: "task.completed", at, attempt: 1, data: '{"agent":"ada"}' });
      sql.verdict.run(`command:local:${String(task)}`, at, task);
      sql.end.run(at, task);
      const notice = sql.notice.get(task, id, `🔵🔵🔵 AUTO-COMPLETE GATE-${String(task)}`, at)?.["id"];
      sql.delivery.run(notice, at);
      sql.done.run(at, task);
    },
  };
}

async function jobs(options: SideOptions): Promise<Side> {
  const database = await open(options);
  const callers = Number(options["callers"]);
  const job = steps(database);
  const together = (count: number, step: (n: number) => void): void => {
    database.transaction(() => {
      for (let n = 0; n < count; n += 1) step(n);
    })();
  };
  return {
    prepare: adder(database),
    run(count) {
      for (let done = 0; done < count; done += callers) {
        const tasks: unknown[] = [];
        const group = Math.min(callers, count - done);
        together(group, (n) => tasks.push(job.claim(n, 1_000_000 + done)));
        together(group, (n) => job.attach(tasks[n], 1_000_000 + done));
        together(group, (n) => job.submit(tasks[n], 1_000_000 + done));
        together(group, (n) => job.settle(tasks[n], 1_000_000 + done));
      }
      return { done: count };
    },
    close: () => database.close(),
  };
}

await answerOrders({ jobs });
