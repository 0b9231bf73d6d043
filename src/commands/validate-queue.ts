import type { Json } from "../core/json.ts";
import type { Requirement } from "../core/proof.ts";
import { RESTORE } from "../core/validation/fields.ts";
import { laneFindings, sessionFindings } from "../core/validation/holding.ts";
import { guardFindings, taskFindings } from "../core/validation/judge.ts";
import type { JudgeRequirement } from "../core/validation/record.ts";
import { cycleFinding, cycles } from "../core/validation/waiting.ts";
import {
  type Finding,
  finding,
  type Omission,
  RULES,
  type Validation,
  validation,
} from "../core/validation.ts";
import type { QueueExtent, Stretch } from "../ports/validation.ts";
import { briefFindings } from "./brief-file.ts";
import type { House } from "./house.ts";

/** Tasks a look: as many as can be walked in a few dozen milliseconds. */
const STRETCH = 20_000;
/** Records a read: a task's texts may be long. */
const RECORDS = 64;
/** Findings of one rule that are listed; what is suspected beyond is counted. */
const LISTED = 10_000;
/** Requirements remembered as fit, most of them shared by many tasks. */
const FIT_MAX = 64;
const SHARED = 8;

/**
 * Checks the whole queue against every rule. SQL names the suspects, stretch by stretch; each is then read whole, in one
 * snapshot, and judged by core. Changes nothing. A task that changes during the walk is judged as it was at one moment.
 */
export async function validateQueue(house: House): Promise<Validation> {
  const store = house.validation;
  const extent = await store.extent();
  const guards = await store.guards();
  const walk = await suspectTasks(house, extent, guards.length > 0);
  const findings = [
    ...guardFindings(guards),
    ...(await judgeTasks(house, walk.chosen)),
    ...(walk.forward > 0 ? await cycleFindings(house, extent) : []),
    ...(await store.lanes()).flatMap(laneFindings),
    ...(await store.sessions()).flatMap(sessionFindings),
    ...strayFindings(await store.strayAnnouncements()),
    ...(await briefFindings(house)),
  ];
  return validation(extent, findings, walk.omitted);
}

function stretches({ lastId }: QueueExtent): readonly Stretch[] {
  return Array.from({ length: Math.ceil(lastId / STRETCH) }, (_, index) => ({
    first: index * STRETCH + 1,
    last: Math.min((index + 1) * STRETCH, lastId),
  }));
}

interface Walk {
  /** Tasks to be judged, ids ascending. */
  readonly chosen: readonly number[];
  readonly omitted: readonly Omission[];
  readonly forward: number;
}

async function suspectTasks(house: House, extent: QueueExtent, thorough: boolean): Promise<Walk> {
  const chosen = new Set<number>();
  const suspects = new Map<string, number>();
  const requirements = new RequirementChecks(house);
  let forward = 0;
  for (const stretch of stretches(extent)) {
    const seen = await house.validation.suspects({ ...stretch, fit: requirements.fit, thorough });
    const unfit = requirements.unfit(seen.requirements);
    const requiring = unfit.length === 0 ? [] : await house.validation.tasksRequiring(stretch, unfit);
    const codes = [RULES["requirement-faulty"].code, RULES["draft-incomplete"].code];
    for (const suspect of [...seen.tasks, ...requiring.map((id) => ({ id, codes }))]) {
      for (const code of suspect.codes) {
        const before = suspects.get(code) ?? 0;
        suspects.set(code, before + 1);
        if (before < LISTED) chosen.add(suspect.id);
      }
    }
    forward += seen.forward;
  }
  return {
    chosen: [...chosen].toSorted((a, b) => a - b),
    omitted: omissions(suspects),
    forward,
  };
}

function omissions(suspects: ReadonlyMap<string, number>): readonly Omission[] {
  return Object.entries(RULES).flatMap(([rule, { code }]) => {
    const beyond = (suspects.get(code) ?? 0) - LISTED;
    return beyond > 0 ? [{ code, rule: rule as Omission["rule"], suspects: beyond }] : [];
  });
}

async function judgeTasks(house: House, ids: readonly number[]): Promise<readonly Finding[]> {
  const judge = requirementJudge(house);
  const findings: Finding[] = [];
  for (let at = 0; at < ids.length; at += RECORDS) {
    const records = await house.validation.records(ids.slice(at, at + RECORDS));
    for (const record of records) findings.push(...taskFindings(record, judge));
  }
  return findings;
}

/** What the verifier of its kind says of a requirement: the same that a policy is asked when it is written. */
export function requirementJudge(house: Pick<House, "verifiers">): JudgeRequirement {
  return (requirement) => {
    const verifier = house.verifiers.get(requirement.kind);
    if (verifier === undefined) return { unknown: true, known: [...house.verifiers.keys()] };
    const fault = verifier.check(requirement)[0];
    if (fault === undefined) return null;
    const got = fault.got === undefined ? null : (JSON.parse(JSON.stringify(fault.got)) as Json);
    return { unknown: false, field: fault.field, expected: fault.expected, got };
  };
}

/** Verifiers are asked once of a policy that many tasks share: its text becomes known as fit and is not read again. */
class RequirementChecks {
  readonly #judge: JudgeRequirement;
  readonly #fit = new Set<string>();

  constructor(house: House) {
    this.#judge = requirementJudge(house);
  }

  get fit(): readonly string[] {
    return [...this.#fit];
  }

  /** Those that a verifier would refuse, each once. */
  unfit(texts: readonly string[]): readonly string[] {
    const times = new Map<string, number>();
    const unfit = new Set<string>();
    for (const text of texts) {
      const before = times.get(text) ?? 0;
      times.set(text, before + 1);
      if (before === 0 && !this.#holds(text)) unfit.add(text);
      if (before === SHARED && this.#fit.size < FIT_MAX && !unfit.has(text)) this.#fit.add(text);
    }
    return [...unfit];
  }

  #holds(text: string): boolean {
    try {
      return this.#judge(JSON.parse(text) as Requirement) === null;
    } catch {
      return false;
    }
  }
}

/** Circles are looked for in the whole graph; those found are read again, in one snapshot, before they are told. */
export async function cycleFindings(house: House, extent: QueueExtent): Promise<readonly Finding[]> {
  const edges: number[] = [];
  for (const stretch of stretches(extent)) {
    for (const id of await house.validation.dependencies(stretch)) edges.push(id);
  }
  const found = cycles(edges);
  if (found.length === 0) return [];
  const again = await house.validation.dependenciesAmong(found.flat());
  return cycles(again.edges).map((part) => cycleFinding(part.map((id) => again.keys.get(id) ?? `#${id}`)));
}

function strayFindings(notices: readonly number[]): readonly Finding[] {
  if (notices.length === 0) return [];
  const detail = `AUTO-COMPLETE was announced of no task at all (notice ${notices.join(", ")}).`;
  return [finding("announcement-unfounded", {}, detail, RESTORE)];
}

interface Recent {
  readonly validation: Promise<Validation>;
  /** Good until then, by the process's clock; unknown while it runs. */
  until: number;
}
const recent = new WeakMap<House, Recent>();
/** A validation answers again for so many times as long as it took, and never longer than half a minute. */
const REUSE = 10;
const REUSE_MAX_MS = 30_000;

/**
 * A validation that is as good as new: who asks while one runs shares it, and a queue of a million tasks is not walked
 * for every reader. On a small queue this is validateQueue.
 */
export async function recentValidation(house: House): Promise<Validation> {
  const { clock } = house;
  const last = recent.get(house);
  if (last !== undefined && clock.now() < last.until) return last.validation;
  const began = clock.now();
  const run: Recent = { validation: validateQueue(house), until: Number.POSITIVE_INFINITY };
  recent.set(house, run);
  try {
    return await run.validation;
  } catch (error) {
    recent.delete(house);
    throw error;
  } finally {
    const took = clock.now() - began;
    run.until = clock.now() + Math.min(took * REUSE, REUSE_MAX_MS);
  }
}
