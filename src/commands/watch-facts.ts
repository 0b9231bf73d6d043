import { allChecks } from "../checks/all.ts";
import { laneFindings, sessionFindings } from "../core/validation/holding.ts";
import { taskFindings } from "../core/validation/judge.ts";
import type { Finding } from "../core/validation.ts";
import type { WatchFacts } from "../core/watch-facts.ts";
import { briefFindings } from "./brief-file.ts";
import type { House } from "./house.ts";
import { jobFacts } from "./job-times.ts";
import { cycleFindings, requirementJudge } from "./validate-queue.ts";

/** Tasks a look, and records a read: as in queue-validate. */
const STRETCH = 20_000;
const RECORDS = 64;
/** How far back what was seen of routes counts, in milliseconds: two runs, should one be late. */
const SEEN_MS = 2 * 3_600_000;
/** Done tasks without proof that one run names: with so many the queue is not the place to begin. */
const UNPROVED_MAX = 1000;

const RETURNING = allChecks.filter(({ returns }) => returns === true).map(({ rule }) => rule);

/**
 * One run's facts. The store narrows through indexes; what is suspect is read whole and judged by queue-validate's own
 * rules, so that the two never disagree.
 */
export async function gatherFacts(house: House): Promise<WatchFacts> {
  const before = house.clock.now();
  const look = await house.watch.look(RETURNING);
  const after = house.clock.now();
  const unproved = await unprovedTasks(house, look.lastTask);
  const suspects = [...new Set([...look.suspects, ...unproved])].toSorted((a, b) => a - b);
  const extent = { now: look.now, tasks: look.lastTask, lastId: look.lastTask };
  const findings = [
    ...(await judge(house, suspects)),
    ...(look.forward > 0 ? await cycleFindings(house, extent) : []),
    ...(await house.validation.lanes()).flatMap(laneFindings),
    ...(await house.validation.sessions()).flatMap(sessionFindings),
    ...(await briefFindings(house)),
  ];
  const routes = await house.routes.facts(look.now - SEEN_MS);
  return { ...look, clock: { before, after }, findings, routes, jobs: await jobFacts(house) };
}

async function unprovedTasks(house: House, last: number): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let first = 1; first <= last && ids.length < UNPROVED_MAX; first += STRETCH) {
    ids.push(...(await house.watch.unproved({ first, last: Math.min(first + STRETCH - 1, last) })));
  }
  return ids.slice(0, UNPROVED_MAX);
}

async function judge(house: House, ids: readonly number[]): Promise<readonly Finding[]> {
  const judgeRequirement = requirementJudge(house);
  const findings: Finding[] = [];
  for (let at = 0; at < ids.length; at += RECORDS) {
    const records = await house.validation.records(ids.slice(at, at + RECORDS));
    for (const record of records) findings.push(...taskFindings(record, judgeRequirement));
  }
  return findings;
}
