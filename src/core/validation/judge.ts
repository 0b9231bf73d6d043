import type { Finding } from "../validation.ts";
import { finding } from "../validation.ts";
import { fieldFindings } from "./fields.ts";
import { historyFindings } from "./history.ts";
import { holdingFindings } from "./holding.ts";
import type { GuardRecord, JudgeRequirement, TaskRecord } from "./record.ts";
import { waitingFindings } from "./waiting.ts";

/** Every rule that is about one task. What a task is suspected of decides nothing: this does. */
export function taskFindings(record: TaskRecord, judge: JudgeRequirement): readonly Finding[] {
  return [
    ...fieldFindings(record, judge),
    ...waitingFindings(record),
    ...holdingFindings(record),
    ...historyFindings(record),
  ];
}

/** The database's own guards, by which hand-written SQL is refused as well. */
export function guardFindings(guards: readonly GuardRecord[]): readonly Finding[] {
  if (guards.length === 0) return [];
  const told = guards.map(({ name, state }) => `${name} (${state})`).join(", ");
  const detail = `The database does not guard itself any more: ${told}. What is written by hand now is not refused.`;
  return [
    finding(
      "guard-missing",
      {},
      detail,
      "`gatehouse doctor` names them: put the last copy of the database file back, which has them",
    ),
  ];
}
