import type { Json } from "./json.ts";

/** Where what is said and what is part ways, as one check saw it in one run. */
export interface Sighting {
  readonly rule: string;
  /** Tells one condition of a rule from another: a task's key, a session, a lane. The same condition has the same key. */
  readonly key: string;
  readonly task?: string | undefined;
  /** Where it comes from: an agent, a session, a lane, a configuration. Recurrence is counted by it. */
  readonly source: string;
  /** One sentence: what is said, and what is. */
  readonly detail: string;
  readonly data?: { readonly [field: string]: Json };
}

/** `quiet` is mended without a word if it can be; `loud` is told at once; `urgent` escalates when it stays. */
export type Weight = "quiet" | "loud" | "urgent";

export const CONTRADICTION_STATES = ["open", "acknowledged", "snoozed", "escalated", "healed", "resolved"] as const;
export type ContradictionState = (typeof CONTRADICTION_STATES)[number];

/** Told once, kept as one record while it lasts. Times are milliseconds since 1970 UTC. */
export interface Contradiction extends Sighting {
  readonly id: number;
  readonly state: ContradictionState;
  readonly openedAt: number;
  readonly lastSeenAt: number;
  readonly count: number;
  readonly acknowledgedBy: string | null;
  readonly snoozedUntil: number | null;
  readonly escalatedAt: number | null;
  /** Runs in a row that did not see it any more; only a recurrence needs several before it is over. */
  readonly cleanRuns: number;
}

/** What one run makes of one condition. */
export type Step =
  | { readonly kind: "open"; readonly sighting: Sighting }
  | { readonly kind: "seen"; readonly id: number; readonly sighting: Sighting; readonly unsnooze: boolean }
  | { readonly kind: "escalate"; readonly id: number; readonly reason: string }
  | { readonly kind: "clean"; readonly id: number; readonly cleanRuns: number }
  | { readonly kind: "resolve"; readonly id: number };

export interface RuleFacts {
  readonly weight: Weight;
  /** Runs without a sighting before it counts as over. */
  readonly cleanRuns: number;
}

/** How long an urgent contradiction may stay before it escalates, in milliseconds. */
export const ESCALATE_AFTER_MS = 2 * 3_600_000;

/**
 * One run against the records that are not over: what is new is opened, what stays is counted, what stays too long
 * escalates, and what is not seen any more is resolved. The same condition after it was resolved opens anew.
 */
export function reconcile(
  standing: readonly Contradiction[],
  sightings: readonly Sighting[],
  rule: (name: string) => RuleFacts,
  now: number,
): readonly Step[] {
  const seen = new Map(sightings.map((sighting) => [conditionOf(sighting), sighting]));
  const steps: Step[] = [];
  for (const record of standing) {
    const sighting = seen.get(conditionOf(record));
    seen.delete(conditionOf(record));
    if (sighting === undefined) {
      const cleanRuns = record.cleanRuns + 1;
      const over = cleanRuns >= rule(record.rule).cleanRuns;
      steps.push(over ? { kind: "resolve", id: record.id } : { kind: "clean", id: record.id, cleanRuns });
      continue;
    }
    const unsnooze = record.state === "snoozed" && (record.snoozedUntil ?? 0) <= now;
    steps.push({ kind: "seen", id: record.id, sighting, unsnooze });
    if (escalates(record, rule(record.rule), now)) {
      const hours = Math.floor((now - record.openedAt) / 3_600_000);
      steps.push({ kind: "escalate", id: record.id, reason: `it has stood for ${hours} h and nobody took it up` });
    }
  }
  for (const sighting of seen.values()) steps.push({ kind: "open", sighting });
  return steps;
}

/** Whoever acknowledged it looks after it; whoever snoozed it said until when. */
function escalates(record: Contradiction, { weight }: RuleFacts, now: number): boolean {
  return weight === "urgent" && record.state === "open" && now - record.openedAt >= ESCALATE_AFTER_MS;
}

export function conditionOf({ rule, key }: { readonly rule: string; readonly key: string }): string {
  return `${rule}\t${key}`;
}
