import { fieldReasons } from "../gates/runnable-pull.ts";
import { PRIORITIES, STATUSES, type Status, type Task } from "../task.ts";
import { textFault } from "../task-fields.ts";
import { type Finding, finding } from "../validation.ts";
import type { JudgeRequirement, RequirementFinding, TaskRecord } from "./record.ts";

/** Statuses in which a task must have what the gate runnable-pull asks of its fields. */
const MUST_HAVE_FIELDS: readonly Status[] = ["queued", "offered", "active", "verifying"];
/** Statuses from which a requirement may yet be verified. */
const POLICY_COUNTS: readonly Status[] = ["queued", "offered", "active", "verifying", "blocked", "dead"];
const YEAR_MS = 365 * 86_400_000;

/** What a task says of itself: its own columns, texts and policy. */
export function fieldFindings(record: TaskRecord, judge: JudgeRequirement): readonly Finding[] {
  return [
    ...unknownWords(record),
    ...missingFields(record.task),
    ...faultyPolicy(record.task, judge),
    ...incompleteDraft(record.task, judge),
    ...unfitTitle(record.task),
    ...farNotBefore(record),
  ];
}

function unknownWords({ task, priorityNumber }: TaskRecord): readonly Finding[] {
  const findings: Finding[] = [];
  if (!STATUSES.includes(task.status)) {
    const detail = `${task.key} has the status "${task.status}", which is none of ${STATUSES.join(", ")}.`;
    findings.push(finding("status-unknown", { task: task.key }, detail, RESTORE));
  }
  if (PRIORITIES[priorityNumber] === undefined) {
    const detail = `${task.key} has the priority ${priorityNumber}, which is none of ${PRIORITIES.join(", ")}.`;
    const fix = `Give it one: gatehouse task edit ${task.key} --priority P2`;
    findings.push(finding("priority-unknown", { task: task.key }, detail, fix));
  }
  return findings;
}

/** A row that no command could have written is brought back, not written over: the log would not say so. */
export const RESTORE =
  "Only a hand can have written this: look with gatehouse doctor, stop the bot and put the last copy of the database file back";

type FieldReason = "lane-missing" | "acceptance-missing" | "policy-empty";

function addFields(key: string, code: FieldReason): string {
  const option = {
    "lane-missing": "--lane LANE",
    "acceptance-missing": "--acceptance TEXT",
    "policy-empty": "--require JSON",
  }[code];
  return `gatehouse task edit ${key} ${option}`;
}

function missingFields(task: Task): readonly Finding[] {
  if (!MUST_HAVE_FIELDS.includes(task.status)) return [];
  return fieldReasons(task).map(({ code, detail }) =>
    finding(
      code as FieldReason,
      { task: task.key },
      `${task.key} is ${task.status} although ${detail}.`,
      `Add it: ${addFields(task.key, code as FieldReason)}`,
    ),
  );
}

function faultyPolicy(task: Task, judge: JudgeRequirement): readonly Finding[] {
  if (!POLICY_COUNTS.includes(task.status)) return [];
  return task.requirements.flatMap((requirement) => {
    const fault = judge(requirement);
    if (fault === null) return [];
    return [
      finding(
        fault.unknown ? "requirement-unknown" : "requirement-faulty",
        { task: task.key },
        `${task.key} cannot be proved: ${describeFault(requirement.name, requirement.kind, fault)}.`,
        `Replace the policy: gatehouse task edit ${task.key} --require JSON`,
      ),
    ];
  });
}

function describeFault(name: string, kind: string, fault: RequirementFinding): string {
  if (fault.unknown)
    return `requirement "${name}" is of the kind "${kind}", and known are ${fault.known.join(", ")}`;
  return `requirement "${name}" wants ${fault.expected} as ${fault.field} and has ${JSON.stringify(fault.got)}`;
}

/** A draft may lack anything; it is listed once, with everything that keeps it from the queue. */
function incompleteDraft(task: Task, judge: JudgeRequirement): readonly Finding[] {
  if (task.status !== "draft") return [];
  const reasons = fieldReasons(task);
  const faults = task.requirements.flatMap((requirement) => {
    const fault = judge(requirement);
    return fault === null ? [] : [describeFault(requirement.name, requirement.kind, fault)];
  });
  const lacks = [...reasons.map(({ detail }) => detail), ...faults];
  if (lacks.length === 0) return [];
  const options = [
    ...new Set([
      ...reasons.map(({ code }) => addFields(task.key, code as FieldReason)),
      ...faults.map(() => addFields(task.key, "policy-empty")),
    ]),
  ];
  return [
    finding(
      "draft-incomplete",
      { task: task.key },
      `${task.key} is a draft that may not be queued: ${lacks.join("; ")}.`,
      `Add what is missing: ${options.join("; ")}`,
    ),
  ];
}

function unfitTitle(task: Task): readonly Finding[] {
  const fault = textFault({ title: task.title, body: "", acceptance: "" });
  if (fault === null) return [];
  return [
    finding(
      "title-unfit",
      { task: task.key },
      `The title of ${task.key} is not one that people can trust on a line: ${fault.hint}`,
      `Give it another: gatehouse task edit ${task.key} --title TEXT`,
    ),
  ];
}

function farNotBefore({ task, now }: TaskRecord): readonly Finding[] {
  if (["done", "cancelled"].includes(task.status)) return [];
  if (task.notBefore === null || task.notBefore - now <= YEAR_MS) return [];
  return [
    finding(
      "not-before-far",
      { task: task.key },
      `${task.key} waits until ${when(task.notBefore)}, more than a year from now.`,
      `Bring it nearer if that is a slip: gatehouse task edit ${task.key} --not-before TIME`,
    ),
  ];
}

/** A time as ISO 8601; a number that is no time as itself. */
export function when(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`;
}
