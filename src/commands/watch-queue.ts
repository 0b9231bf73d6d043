import { allChecks } from "../checks/all.ts";
import { recurrence, recurrenceKey } from "../checks/recurrence.ts";
import type { Check } from "../core/check.ts";
import {
  type Contradiction,
  conditionOf,
  escalate,
  heal,
  isOver,
  type Move,
  type RuleFacts,
  reconcile,
  type Sighting,
} from "../core/contradiction.ts";
import type { WatchFacts } from "../core/watch-facts.ts";
import { healContradiction } from "./heal-contradiction.ts";
import type { House } from "./house.ts";
import { tellContradictions } from "./tell-contradictions.ts";
import { gatherFacts } from "./watch-facts.ts";

const WATCH = { actor: "system:autonomy-verify-watch" } as const;

/** Contradictions one run mends: what is left is mended by the next. */
const HEALED_AT_ONCE = 500;
const DECISIONS = 8;
/** What a record of a rule that a later version dropped lives by. */
const DROPPED: RuleFacts = { weight: "loud", cleanRuns: 1 };

export interface Watched {
  /** ISO 8601, by the database's clock. */
  readonly checkedAt: string;
  readonly opened: number;
  readonly healed: number;
  readonly escalated: number;
  readonly resolved: number;
  /** Those that stand after this run, oldest first. */
  readonly standing: readonly Contradiction[];
}

/**
 * One run: facts, every check, what that makes of the records, mending what is safe, and telling people. Safe to run
 * anywhere and several at once: each record moves by its revision, each condition opens once.
 */
export async function watchQueue(house: House): Promise<Watched> {
  // What only waits for its time to have come is no finding: the next claim would promote it.
  await house.queue.promote();
  const facts = await gatherFacts(house);
  const { now } = facts;
  const sightings = allChecks.flatMap((check) => check.look(facts, now));
  // What somebody opened since this run looked it cannot have seen, and so cannot miss.
  const standing = (await house.contradictions.standing()).filter(({ openedAt }) => openedAt <= now);
  const written = await house.contradictions.apply(
    reconcile(standing, sightings, ruleOf, now),
    WATCH.actor,
    now,
  );
  const risen = await move(house, escalations(written, now), now);
  const healed = await healAll(house, facts, sightings, written);
  await tellContradictions(house);
  const before = new Map(standing.map((record) => [record.id, record]));
  return {
    checkedAt: new Date(now).toISOString(),
    opened: written.filter(({ id }) => !before.has(id)).length,
    healed,
    escalated:
      risen.length +
      written.filter(({ id, escalatedAt }) => escalatedAt !== null && before.get(id)?.escalatedAt === null)
        .length,
    resolved: written.filter(isOver).length,
    standing: await house.contradictions.standing(),
  };
}

function checkOf(rule: string): Check | undefined {
  return allChecks.find((check) => check.rule === rule);
}

function ruleOf(rule: string): RuleFacts {
  return checkOf(rule) ?? DROPPED;
}

function move(house: House, moves: readonly Move[], lookedAt: number): Promise<readonly Contradiction[]> {
  return moves.length === 0
    ? Promise.resolve([])
    : house.contradictions.apply({ openings: [], moves }, WATCH.actor, lookedAt);
}

/** A recurrence escalates in the run that opens it. */
function escalations(written: readonly Contradiction[], now: number): readonly Move[] {
  return written.flatMap((record) =>
    record.count === 1 ? (escalate(record, ruleOf(record.rule), now) ?? []) : [],
  );
}

async function healAll(
  house: House,
  facts: WatchFacts,
  sightings: readonly Sighting[],
  written: readonly Contradiction[],
): Promise<number> {
  const seen = new Set(sightings.map(conditionOf));
  const curable = written.filter(
    (record) =>
      record.state === "open" && seen.has(conditionOf(record)) && checkOf(record.rule)?.healing != null,
  );
  if (curable.length === 0) return 0;
  const undone = await house.contradictions.undoneConditions();
  const recurring = recurringSources(facts, sightings);
  const chosen = curable
    .filter(
      (record) =>
        !undone.has(conditionOf(record)) && !recurring.has(recurrenceKey(record.rule, record.source)),
    )
    .slice(0, HEALED_AT_ONCE);
  let count = 0;
  for (const record of chosen) {
    const healing = checkOf(record.rule)?.healing;
    const healed = healing == null ? null : await healContradiction(house, record, healing, WATCH);
    if (healed === null) continue;
    await close(house, record, healed.how);
    count += 1;
  }
  return count;
}

/** It was mended, so it is over, whatever another process has counted meanwhile. */
async function close(house: House, record: Contradiction, how: string): Promise<void> {
  let current: Contradiction | null = record;
  for (let tries = 0; tries < DECISIONS && current !== null && !isOver(current); tries += 1) {
    const now = await house.queue.now();
    if ((await move(house, [heal(current, how, now)], now)).length > 0) return;
    current = await house.contradictions.get(record.id);
  }
}

/** Scrubbing what comes back does not change what makes it: from these sources nothing is mended quietly any more. */
function recurringSources(facts: WatchFacts, sightings: readonly Sighting[]): ReadonlySet<string> {
  return new Set([
    ...facts.recurring.map(({ rule, source }) => recurrenceKey(rule, source)),
    ...sightings.flatMap(({ rule, key }) => (rule === recurrence.rule ? [key] : [])),
  ]);
}
