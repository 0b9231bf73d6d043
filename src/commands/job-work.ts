import type { Outcome } from "../core/refusal.ts";
import type { JobReport } from "../core/schedule.ts";
import type { Validation } from "../core/validation.ts";
import type { Caller, House } from "./house.ts";
import { type Refreshed, refreshBrief } from "./refresh-brief.ts";
import type { JobAnswer } from "./run-job.ts";
import { validateQueue } from "./validate-queue.ts";
import { type Watched, watchQueue } from "./watch-queue.ts";

/** What `gatehouse NAME` and the schedule both run, with the line each leaves on record. */
export async function validating(house: House): Promise<JobAnswer<Validation>> {
  const validation = await validateQueue(house);
  return { value: validation, report: validationReport(validation) };
}

function validationReport({ findings, tasks, valid }: Validation): JobReport {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const detail = `${valid ? "valid" : "invalid"}: ${errors} errors, ${findings.length - errors} warnings in ${tasks} tasks`;
  return { outcome: findings.length === 0 ? "well" : "findings", findings: findings.length, detail };
}

export async function refreshing(house: House, caller: Caller): Promise<JobAnswer<Outcome<Refreshed>>> {
  const value = await refreshBrief(house, caller);
  if (!value.ok) {
    const { code, hint } = value.refusal;
    return { value, report: { outcome: "refused", findings: 1, detail: `${code}: ${hint}` } };
  }
  const { revision, changed } = value.value;
  const detail = `brief revision ${revision}${changed ? "" : ", unchanged"}`;
  return { value, report: { outcome: "well", findings: 0, detail } };
}

export async function watching(house: House): Promise<JobAnswer<Watched>> {
  const watched = await watchQueue(house);
  const { standing, opened, healed, escalated, resolved } = watched;
  const detail = `${standing.length} stand: ${opened} opened, ${healed} healed, ${escalated} escalated, ${resolved} resolved`;
  const outcome = standing.length === 0 ? "well" : "findings";
  return { value: watched, report: { outcome, findings: standing.length, detail } };
}
