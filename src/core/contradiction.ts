import type { Json } from "./json.ts";

/** The rule under which stands what was mended too often; it ends only after its source was changed. */
export const RECURRENCE = "recurrence";

/** Where what is said and what is part ways, as one check saw it in one run. */
export interface Sighting {
  readonly rule: string;
  /** Tells one condition of a rule from another: a task's key, a session, a lane. The same condition has the same key. */
  readonly key: string;
  /** The task it is about, by key. */
  readonly task?: string | undefined;
  /** Where it comes from: an agent, a session, a lane, a configuration. Recurrence is counted by it. */
  readonly source: string;
  /** One sentence: what is said, and what is. */
  readonly detail: string;
  readonly data?: { readonly [field: string]: Json };
}

/** `quiet` is mended without a word if it can be; `loud` is told at once; `urgent` escalates when it stays. */
export type Weight = "quiet" | "loud" | "urgent";

export const CONTRADICTION_STATES = [
  "open",
  "acknowledged",
  "snoozed",
  "escalated",
  "healed",
  "resolved",
] as const;
export type ContradictionState = (typeof CONTRADICTION_STATES)[number];

/** Told once, kept as one record while it lasts. Times are milliseconds since 1970 UTC. */
export interface Contradiction extends Sighting {
  readonly id: number;
  /** Raised by each write: a step based on an older one changes nothing. */
  readonly revision: number;
  readonly state: ContradictionState;
  readonly openedAt: number;
  readonly lastSeenAt: number;
  /** How many runs saw it. */
  readonly count: number;
  /** Who looks after it. */
  readonly acknowledgedBy: string | null;
  readonly snoozedUntil: number | null;
  readonly escalatedAt: number | null;
  /** Runs in a row that did not see it any more; only a recurrence needs several before it is over. */
  readonly cleanRuns: number;
  readonly overAt: number | null;
  /** Why it escalated, or what ended it: the last thing that happened to it, in a sentence. */
  readonly remark: string | null;
  /** People have read of it: from then on they are told how it goes on. */
  readonly told: boolean;
}

/** What one step leaves of a record; what is not named stays. */
export type Next = Partial<
  Pick<
    Contradiction,
    | "state"
    | "detail"
    | "data"
    | "lastSeenAt"
    | "count"
    | "acknowledgedBy"
    | "snoozedUntil"
    | "escalatedAt"
    | "cleanRuns"
    | "overAt"
    | "remark"
  >
>;

/** One step in the life of one record, guarded by the revision it was decided on. */
export interface Move {
  readonly record: Contradiction;
  readonly next: Next;
  /** `contradiction.…`; null where nothing happened that the log should keep. */
  readonly event: string | null;
  /** The message is to be brought up to date. */
  readonly tell: boolean;
}

export interface RuleFacts {
  readonly weight: Weight;
  /** Runs without a sighting before it counts as over. */
  readonly cleanRuns: number;
  /** How long it may stay open before it escalates, in milliseconds; without it an urgent one has two hours. */
  readonly escalatesAfterMs?: number;
}

/** How long an urgent contradiction may stay before it escalates, in milliseconds. */
const ESCALATE_AFTER_MS = 2 * 3_600_000;
/** The longest a contradiction may be silenced, in milliseconds: every snooze ends. */
export const SNOOZE_MAX_MS = 7 * 86_400_000;

/** What a run makes of what it saw: what is new, and what happens to what stands. */
export interface Reconciled {
  readonly openings: readonly Sighting[];
  readonly moves: readonly Move[];
}

/**
 * One run against the records that are not over: what is new is opened, what stays is counted, what stays too long
 * escalates, and what is not seen any more is resolved. The same condition after it was resolved opens anew.
 */
export function reconcile(
  standing: readonly Contradiction[],
  sightings: readonly Sighting[],
  rule: (name: string) => RuleFacts,
  now: number,
): Reconciled {
  const seen = new Map(sightings.map((sighting) => [conditionOf(sighting), sighting]));
  const moves = standing.map((record) => {
    const sighting = seen.get(conditionOf(record));
    seen.delete(conditionOf(record));
    return sighting === undefined
      ? unseen(record, rule(record.rule), now)
      : seenAgain(record, sighting, rule(record.rule), now);
  });
  return { openings: [...seen.values()], moves };
}

function unseen(record: Contradiction, { cleanRuns: needed }: RuleFacts, now: number): Move {
  const cleanRuns = record.cleanRuns + 1;
  if (cleanRuns < needed) return { record, next: { cleanRuns }, event: null, tell: false };
  const remark = needed === 1 ? "it is not seen any more" : `${needed} runs in a row did not see it any more`;
  const next = { state: "resolved", cleanRuns, overAt: now, remark } as const;
  return { record, next, event: "contradiction.resolved", tell: true };
}

function seenAgain(record: Contradiction, sighting: Sighting, rule: RuleFacts, now: number): Move {
  const count = record.count + 1;
  const next = {
    detail: sighting.detail,
    data: sighting.data ?? {},
    lastSeenAt: now,
    count,
    cleanRuns: 0,
  };
  if (record.state === "snoozed") {
    if ((record.snoozedUntil ?? 0) > now) return { record, next, event: null, tell: false };
    const woken = unsnooze(record);
    return { ...woken, next: { ...next, ...woken.next } };
  }
  const escalation = escalate(record, rule, now);
  if (escalation !== null) return { ...escalation, next: { ...next, ...escalation.next } };
  return { record, next, event: null, tell: isMilestone(count) };
}

/** Whoever acknowledged it looks after it; whoever snoozed it said until when. Null where it is not time. */
export function escalate(record: Contradiction, rule: RuleFacts, now: number): Move | null {
  const afterMs = rule.escalatesAfterMs ?? (rule.weight === "urgent" ? ESCALATE_AFTER_MS : null);
  if (afterMs === null || record.state !== "open" || now - record.openedAt < afterMs) return null;
  const hours = Math.floor((now - record.openedAt) / 3_600_000);
  const remark = afterMs === 0 ? "it keeps coming back" : `it has stood for ${hours} h and nobody took it up`;
  const next = { state: "escalated", escalatedAt: now, remark } as const;
  return { record, next, event: "contradiction.escalated", tell: true };
}

export function heal(record: Contradiction, how: string, now: number): Move {
  const next = { state: "healed", overAt: now, remark: how } as const;
  return { record, next, event: "contradiction.healed", tell: true };
}

export function acknowledge(record: Contradiction, by: string, remark: string | null): Move {
  const next = { state: "acknowledged", acknowledgedBy: by, snoozedUntil: null, remark } as const;
  return { record, next, event: "contradiction.acknowledged", tell: true };
}

export function snooze(record: Contradiction, until: number, by: string): Move {
  const next = { state: "snoozed", snoozedUntil: until, remark: `silenced by ${by}` } as const;
  return { record, next, event: "contradiction.snoozed", tell: true };
}

/** It is heard of again, as what it was before: because its time is over, or because who silenced it wants so. */
export function unsnooze(record: Contradiction): Move {
  const state = record.escalatedAt === null ? "open" : "escalated";
  return { record, next: { state, snoozedUntil: null }, event: "contradiction.unsnoozed", tell: true };
}

/** 2, 5, 10, 20, 50, 100 …: a message that changed with every run would be read by nobody. */
export function isMilestone(count: number): boolean {
  const leading = count / 10 ** Math.floor(Math.log10(count));
  return count > 1 && [1, 2, 5].includes(leading);
}

export function conditionOf({ rule, key }: { readonly rule: string; readonly key: string }): string {
  return `${rule}\t${key}`;
}

export function isOver({ state }: Pick<Contradiction, "state">): boolean {
  return state === "healed" || state === "resolved";
}
