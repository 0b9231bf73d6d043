import { lacking } from "../gates/proof-before-done.ts";
import type { Block, Task } from "../task.ts";
import { type Finding, finding } from "../validation.ts";
import { RESTORE } from "./fields.ts";
import type { TaskRecord } from "./record.ts";

/** What is on record of a task: proofs, completions, announcements, versions, the question it waits with. */
export function historyFindings(record: TaskRecord): readonly Finding[] {
  return [...done(record), ...announced(record), ...versions(record), ...blocked(record.task)];
}

/** Attested work was taken on a person's word, and says so; everything else that is done was proved. */
function done({ task, proofs, completions }: TaskRecord): readonly Finding[] {
  if (task.status !== "done" || task.completion === "attested") return [];
  const about = { task: task.key };
  const findings: Finding[] = [];
  const lacks = task.requirements.filter(({ name }) => lacking(task, proofs, name) !== null);
  if (lacks.length > 0 || task.requirements.length === 0) {
    const what =
      lacks.length === 0
        ? "its policy asks for nothing"
        : `nothing proves ${lacks.map(({ name }) => `"${name}"`).join(", ")}`;
    const fix = `Reopen it, so that it is proved: gatehouse task reopen ${task.key} --reason TEXT`;
    findings.push(finding("done-unproved", about, `${task.key} is done although ${what}.`, fix));
  }
  if (!completions.some(({ attempt }) => attempt === task.attempts)) {
    const detail = `${task.key} is done, and the log has no task.completed event of its attempt ${task.attempts}.`;
    const fix = `Reopen it, so that its completion is recorded: gatehouse task reopen ${task.key} --reason TEXT`;
    findings.push(finding("completion-unrecorded", about, detail, fix));
  }
  return findings;
}

function announced({ task, completions, announcements }: TaskRecord): readonly Finding[] {
  const about = { task: task.key };
  const findings: Finding[] = [];
  const unfounded = announcements.filter(({ event }) => !completions.some((one) => one.event === event));
  if (unfounded.length > 0) {
    const detail = `AUTO-COMPLETE was announced of ${task.key} (notice ${unfounded.map(({ notice }) => notice).join(", ")}) without a task.completed event.`;
    findings.push(finding("announcement-unfounded", about, detail, RESTORE));
  }
  const unannounced = completions.filter(({ event }) => !announcements.some((one) => one.event === event));
  if (unannounced.length > 0) {
    const detail = `${task.key} was completed (event ${unannounced.map(({ event }) => event).join(", ")}) and nothing was announced.`;
    const fix = `Look at what happened, and tell people yourself: gatehouse task show ${task.key}`;
    findings.push(finding("announcement-missing", about, detail, fix));
  }
  return findings;
}

function versions({ task, events }: TaskRecord): readonly Finding[] {
  const about = { task: task.key };
  const findings: Finding[] = [];
  const { first, last, count } = events;
  if (last !== task.version) {
    const detail = `${task.key} is at version ${task.version}, and the log ends at ${last === null ? "nothing" : `version ${last}`}.`;
    findings.push(finding("version-differs", about, detail, RESTORE));
  }
  if (first !== null && last !== null && (first !== 1 || count !== last - first + 1)) {
    const detail = `The log of ${task.key} has ${count} events from version ${first} to ${last}: each version from 1 has one.`;
    findings.push(finding("version-gap", about, detail, RESTORE));
  }
  return findings;
}

function blocked(task: Task): readonly Finding[] {
  const about = { task: task.key };
  if (task.status !== "blocked") {
    if (task.block === null) return [];
    const detail = `${task.key} is ${task.status} and still has the question "${task.block.question}" of a block.`;
    return [finding("block-left", about, detail, RESTORE)];
  }
  const again = `Free it and block it anew: gatehouse task unblock ${task.key} --reason TEXT`;
  if (task.block === null) {
    const detail = `${task.key} is blocked, and nothing says why, by what or who is asked.`;
    return [finding("block-missing", about, detail, again)];
  }
  const block: Block = task.block;
  const blank = (["kind", "reason", "owner", "question"] as const).filter(
    (field) => block[field].trim() === "",
  );
  if (blank.length === 0) return [];
  const detail = `${task.key} is blocked with a blank ${blank.join(" and ")}: nobody can free it.`;
  return [finding("block-blank", about, detail, again)];
}
