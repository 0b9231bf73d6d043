import type { ArchivedAttempt, ArchivedTask } from "../archive.ts";
import { type Attempt, attemptId } from "../attempt.ts";
import { proofBeforeDone } from "../gates/proof-before-done.ts";
import { canonicalJson, type Json } from "../json.ts";
import type { Proof } from "../proof.ts";
import { invalid, type Refusal, refuse } from "../refusal.ts";
import { IN_FLIGHT, TASK_KEY, type Task } from "../task.ts";
import { notQueueable, policyFault, textFault } from "../task-fields.ts";

/** What the task may refer to: names in the archive or here. */
export interface Known {
  readonly epics: ReadonlySet<string>;
  readonly lanes: ReadonlySet<string>;
}

/**
 * Why a task of an archive may not come in, or null. A history is believed only where it holds together, and a task is
 * done only where the gate proof-before-done would have let it be: an archive is a file, and a file can be edited.
 */
export function archivedTaskFault(
  task: ArchivedTask,
  known: Known,
  sha256: (text: string) => string,
): Refusal | null {
  const { row } = task;
  return (
    placeFault(task, known) ??
    textFault(row) ??
    policyFault(row.requirements) ??
    eventsFault(task) ??
    attemptsFault(task) ??
    proofsFault(task) ??
    statusFault(task) ??
    (row.completion === "proved" ? doneFault(task, sha256) : null)
  );
}

/** The epic whose numbers a key is of; a task may have moved to another epic since. */
export function epicOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf("-"));
}

function placeFault({ row, history }: ArchivedTask, known: Known): Refusal | null {
  const absent = (field: string, got: string): Refusal =>
    invalid(field, {
      expected: "one that is in the file or here",
      got,
      hint: `There is no ${field} ${got}.`,
    });
  if (!TASK_KEY.test(row.key)) {
    return invalid("key", { expected: "a key such as CLIP-12", got: row.key, hint: "A task has a key." });
  }
  for (const epic of [epicOfKey(row.key), row.epic]) if (!known.epics.has(epic)) return absent("epic", epic);
  for (const lane of [row.lane, ...history.attempts.map((attempt) => attempt.lane)]) {
    if (lane !== null && !known.lanes.has(lane)) return absent("lane", lane);
  }
  return null;
}

function broken(field: string, expected: Json, got: Json): Refusal {
  return invalid(field, {
    expected,
    got,
    hint: "The history does not hold together: the file was cut or edited.",
  });
}

function eventsFault({ row, history }: ArchivedTask): Refusal | null {
  const wrong = history.events.findIndex((event, index) => event.version !== index + 1);
  if (wrong >= 0) return broken("events", `version ${wrong + 1}`, history.events[wrong]?.version ?? null);
  const announced = new Set<number>();
  for (const { version } of history.announcements) {
    if (announced.has(version) || history.events[version - 1]?.kind !== "task.completed") {
      return broken("announcements.version", "one for a task.completed event", version);
    }
    announced.add(version);
  }
  if (history.events.length === row.version) return null;
  return broken("events", `one for each of ${row.version} versions`, history.events.length);
}

function attemptsFault({ row, history }: ArchivedTask): Refusal | null {
  const { attempts } = history;
  if (attempts.length !== row.attempts) return broken("attempts", row.attempts, attempts.length);
  for (const [index, attempt] of attempts.entries()) {
    const before = attempts[index - 1]?.epoch ?? 0;
    if (attempt.number !== index + 1) return broken("attempts.number", index + 1, attempt.number);
    if (attempt.epoch <= before || attempt.epoch > row.epoch) {
      return broken("attempts.epoch", `from ${before + 1} to ${row.epoch}`, attempt.epoch);
    }
    const open = attempt.endedAt === null;
    if (open !== (attempt.outcome === null))
      return broken("attempts.outcome", open ? null : "an outcome", attempt.outcome);
    if (open && index < attempts.length - 1) return broken("attempts.endedAt", "a time", null);
  }
  const held = attempts.some((attempt) => attempt.endedAt === null);
  if (held === IN_FLIGHT.includes(row.status)) return null;
  return broken("status", held ? IN_FLIGHT : "a status without an open attempt", row.status);
}

function proofsFault({ history }: ArchivedTask): Refusal | null {
  const current = new Set<string>();
  for (const proof of history.proofs) {
    if (proof.attempt > history.attempts.length) {
      return broken("proofs.attempt", `1 to ${history.attempts.length}`, proof.attempt);
    }
    if (proof.verdict === "passed" && (proof.evidence === null || proof.checkedAt === null)) {
      return refuse("proof-before-done", "evidence-missing", {
        field: proof.requirement,
        expected: "evidence, and when it was checked",
        got: proof.evidence,
        hint: "A proof that passed names what was seen.",
      });
    }
    if (proof.superseded) continue;
    const name = `${proof.attempt} ${proof.requirement}`;
    if (current.has(name))
      return broken("proofs.superseded", "one current proof a requirement", proof.requirement);
    current.add(name);
  }
  return null;
}

function statusFault({ row, history }: ArchivedTask): Refusal | null {
  if ((row.status === "done") !== (row.completion !== null))
    return broken("completion", row.status === "done" ? ["proved", "attested"] : null, row.completion);
  if ((row.status === "blocked") !== (row.block !== null))
    return broken("block", row.status === "blocked" ? "a block" : null, row.block?.kind ?? null);
  if (row.completion === "attested" && history.attempts.length > 0) {
    return broken("completion", "proved, where an attempt was made", row.completion);
  }
  if (row.lane === null && (row.status === "dead" || IN_FLIGHT.includes(row.status)))
    return broken("lane", "a lane", null);
  return row.status === "queued" ? notQueueable(row) : null;
}

/** The gate itself, asked as of the moment the task was completed. */
function doneFault(task: ArchivedTask, sha256: (text: string) => string): Refusal | null {
  const { row, history } = task;
  const last = history.attempts.at(-1);
  if (last === undefined || last.outcome !== "done" || last.endedAt === null) {
    return refuse("proof-before-done", "unproved", {
      field: "attempts",
      expected: "a last attempt that ended as done",
      got: last?.outcome ?? null,
      hint: `${row.key} is called done, and no attempt of it is.`,
    });
  }
  const policyHash = sha256(canonicalJson(row.requirements));
  if (row.policyHash !== policyHash) {
    return refuse("proof-before-done", "policy-changed", {
      field: "policyHash",
      expected: policyHash,
      got: row.policyHash,
      hint: `The policy of ${row.key} is not the one its hash was taken of.`,
    });
  }
  const verifying = taskOf(task);
  const attempt = { ...attemptOf(row.key, last), endedAt: null };
  const proofs = history.proofs
    .filter((proof) => proof.attempt === last.number && !proof.superseded)
    .map((proof, id): Proof => ({ ...proof, id, taskId: 0 }));
  const fault = proofBeforeDone(
    { task: verifying, attempt, proofs, proofSetHash: last.proofSetHash ?? "" },
    last.endedAt,
  );
  if (fault !== null) return fault;
  if (history.events.some((event) => event.kind === "task.completed")) return null;
  return broken("events", "task.completed", null);
}

function taskOf({ row }: ArchivedTask): Task {
  return {
    ...row,
    id: 0,
    status: "verifying",
    dependencies: [],
  };
}

function attemptOf(key: string, attempt: ArchivedAttempt): Attempt {
  return { ...attempt, id: attemptId(key, attempt.number), taskId: 0, agentId: 0 };
}
