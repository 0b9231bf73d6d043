import { leaseLives } from "../attempt.ts";
import { IN_FLIGHT } from "../task.ts";
import { type Finding, finding } from "../validation.ts";
import { RESTORE, when } from "./fields.ts";
import type { LaneRecord, SessionRecord, TaskRecord } from "./record.ts";

/** Who holds a task, and whether the row says the same. ACTIVE is a promise that somebody keeps. */
export function holdingFindings(record: TaskRecord): readonly Finding[] {
  return [
    ...openAttempts(record),
    ...record.openAttempts.flatMap((attempt) => attemptFindings(record, attempt)),
    ...usedUp(record),
    ...stuck(record),
  ];
}

function openAttempts({ task, openAttempts: open }: TaskRecord): readonly Finding[] {
  const about = { task: task.key };
  const ids = open.map(({ id }) => id).join(", ");
  const inFlight = IN_FLIGHT.includes(task.status);
  if (inFlight && open.length === 0) {
    const detail = `${task.key} is ${task.status} and nobody holds it: it has no open attempt.`;
    return [finding("attempt-missing", about, detail, RESTORE)];
  }
  const findings: Finding[] = [];
  if (!inFlight && open.length > 0) {
    const detail = `${task.key} is ${task.status} and ${ids} is still open.`;
    findings.push(finding("attempt-unexpected", about, detail, RESTORE));
  }
  if (open.length > 1) {
    const detail = `${task.key} has ${open.length} open attempts, ${ids}: one at most may hold it.`;
    findings.push(finding("attempts-doubled", about, detail, RESTORE));
  }
  return findings;
}

function attemptFindings(
  { task, now }: TaskRecord,
  attempt: TaskRecord["openAttempts"][number],
): readonly Finding[] {
  const about = { task: task.key };
  const findings: Finding[] = [];
  if (attempt.epoch !== task.epoch) {
    const detail = `${attempt.id} is open under epoch ${attempt.epoch} and ${task.key} is at epoch ${task.epoch}: its holder is refused.`;
    findings.push(finding("epoch-differs", about, detail, RESTORE));
  }
  if (
    ["offered", "active"].includes(task.status) &&
    !leaseLives({ leaseExpiresAt: attempt.leaseExpiresAt, endedAt: null }, now)
  ) {
    const detail = `${task.key} is ${task.status}, and the lease of ${attempt.id} lapsed at ${when(attempt.leaseExpiresAt)}: nobody works on it.`;
    const fix = "Start the bot, which takes lapsed leases back within a second: gatehouse serve";
    findings.push(finding("fake-active", about, detail, fix));
  }
  if (attempt.policyHash !== task.policyHash) {
    const detail = `The policy of ${task.key} is not the one ${attempt.id} was claimed under: it can never be completed.`;
    const fix = `Block it, so that it is claimed anew: gatehouse task block ${task.key} --reason TEXT`;
    findings.push(finding("policy-changed", about, detail, fix));
  }
  return findings;
}

function usedUp({ task }: TaskRecord): readonly Finding[] {
  if (task.status !== "queued") return [];
  const { maxAttempts, maxLapses } = task.limits;
  if (task.failures < maxAttempts && task.lapses < maxLapses) return [];
  const detail = `${task.key} is queued although its attempts are used up: ${task.failures} of ${maxAttempts} failed, ${task.lapses} of ${maxLapses} lapsed.`;
  const fix = `Allow it more, or cancel it: gatehouse task edit ${task.key} --max-attempts ${task.failures + 1}`;
  return [finding("attempts-used-up", { task: task.key }, detail, fix)];
}

function stuck({ task, proofsDue }: TaskRecord): readonly Finding[] {
  if (task.status !== "verifying" || proofsDue > 0) return [];
  const detail = `${task.key} is being verified, and no proof of it is due: no verdict will ever come.`;
  const fix = "Have it looked at again: gatehouse autonomy-verify-watch";
  return [finding("verifying-stuck", { task: task.key }, detail, fix)];
}

/** Where a lane was lowered below what it holds, its leases run out by themselves: that is no fault. */
export function laneFindings(lane: LaneRecord): readonly Finding[] {
  const findings: Finding[] = [];
  const pulledSince = lane.newestClaimAt !== null && lane.newestClaimAt > lane.changedAt;
  if (lane.livingLeases > lane.capacity && pulledSince) {
    const detail = `Lane ${lane.name} has ${lane.livingLeases} living leases and room for ${lane.capacity}.`;
    const fix = `Give the lane room, or let the leases run out: gatehouse lane set ${lane.name} --capacity ${lane.livingLeases}`;
    findings.push(finding("lane-over-capacity", { lane: lane.name }, detail, fix));
  }
  if (lane.pausedReason !== null && lane.urgent > 0) {
    const tasks =
      lane.urgent === 1 ? "one task of priority P0 waits" : `${lane.urgent} tasks of priority P0 wait`;
    const detail = `Lane ${lane.name} is paused (${lane.pausedReason}) while ${tasks} in it.`;
    const fix = `Resume it: gatehouse lane resume ${lane.name}`;
    findings.push(finding("lane-paused-urgent", { lane: lane.name }, detail, fix));
  }
  return findings;
}

/** One session does one thing at a time. Told of the task of its first attempt. */
export function sessionFindings({ session, attempts }: SessionRecord): readonly Finding[] {
  const [first = ""] = attempts;
  if (attempts.length < 2) return [];
  const detail = `Session ${JSON.stringify(session)} holds ${attempts.join(" and ")} open at once.`;
  return [finding("session-doubled", { task: first.slice(0, first.lastIndexOf(".")) }, detail, RESTORE)];
}
