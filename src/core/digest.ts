import { momentText, wallMoment } from "./local-time.ts";
import { type NeedKind, type Needs, needsLines, type ShownNeed, shownNeeds } from "./need.ts";
import type { PlainNotice } from "./notice.ts";

/** From the first moment to just before the last, in milliseconds since 1970 UTC. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** What the log and the refusals hold of one window, counted and nothing more. */
export interface DigestCounts {
  /** How many events of each kind; what came with an import is not among them. */
  readonly events: Readonly<Record<string, number>>;
  /** Of the contradictions opened, those that had come back again and again. */
  readonly recurring: number;
  readonly refusals: readonly RefusalCount[];
  /** The tasks that were proved done and whose proof rotted, by key, in the log's order; the first few. */
  readonly completed: readonly string[];
  readonly rotted: readonly string[];
}

/** What the digest is made of. */
export interface DigestFacts {
  readonly now: number;
  readonly window: Window;
  readonly counts: DigestCounts;
  /** The same of the window before, which is as long. */
  readonly before: DigestCounts;
  readonly needs: Needs;
}

/** How the queue moved: the word people read, and the events it counts. */
const MOVEMENT: readonly (readonly [word: string, kinds: readonly string[]])[] = [
  ["added", ["task.added", "task.imported"]],
  ["offered", ["task.offered"]],
  ["claimed", ["task.claimed"]],
  ["submitted", ["task.submitted"]],
  ["released", ["task.released"]],
  ["lapsed", ["lease.lapsed", "offer.lapsed"]],
  ["proof failed", ["proof.failed"]],
  ["blocked", ["task.blocked"]],
  ["unblocked", ["task.unblocked"]],
  ["requeued", ["task.requeued"]],
  ["reopened", ["task.reopened"]],
  ["cancelled", ["task.cancelled"]],
];

/** The figures, by the names a reader or a test recounts them under. Integrity first, then movement. */
export type Figures = {
  readonly proved: number;
  readonly refused: number;
  readonly opened: number;
  readonly healed: number;
  readonly escalated: number;
  readonly recurring: number;
  readonly rotted: number;
  readonly moved: Readonly<Record<string, number>>;
};

/** How many refusals of one kind. */
export type RefusalCount = { readonly gate: string; readonly code: string; readonly count: number };

/** What a digest notice holds; times are milliseconds since 1970 UTC. */
export type DigestData = {
  readonly from: number;
  readonly to: number;
  /** What the text says before who is needed, a line each. */
  readonly lines: readonly string[];
  readonly figures: Figures;
  /** Of the window before, which is as long. */
  readonly before: Figures;
  readonly refusals: readonly RefusalCount[];
  /** The first few tasks by key: proved done, and those whose proof rotted. */
  readonly completed: readonly string[];
  readonly rotted: readonly string[];
  readonly needs: readonly ShownNeed[];
  readonly counts: Readonly<Record<NeedKind, number>>;
  /** Nothing happened since: the message was told to hold still. */
  readonly quiet?: true;
};

export function figuresOf({ events, recurring, refusals }: DigestCounts): Figures {
  const count = (...kinds: readonly string[]): number =>
    kinds.reduce((sum, kind) => sum + (events[kind] ?? 0), 0);
  return {
    proved: count("task.completed"),
    refused: refusals.reduce((sum, one) => sum + one.count, 0),
    opened: count("contradiction.opened"),
    healed: count("contradiction.healed"),
    escalated: count("contradiction.escalated"),
    recurring,
    rotted: count("proof.rotted"),
    moved: Object.fromEntries(MOVEMENT.map(([word, kinds]) => [word, count(...kinds)])),
  };
}

/** An hour of which every figure is nought: a lane that was set or a title that was edited is no news. */
export function isQuiet(counts: DigestCounts): boolean {
  const { moved, ...integrity } = figuresOf(counts);
  return [...Object.values(integrity), ...Object.values(moved)].every((count) => count === 0);
}

export function digestLines(facts: DigestFacts, zone: string): readonly string[] {
  const { now, needs } = facts;
  return [...workLines(facts, zone), ...needsLines(needs.counts, shownNeeds(needs, now, zone))];
}

function workLines(facts: DigestFacts, zone: string): readonly string[] {
  const { now, window, counts, before } = facts;
  const figures = figuresOf(counts);
  const why = counts.refusals.map(({ gate, code, count }) => `${gate} ${code} ${count}`).join(", ");
  const lines = [
    `Digest ${momentText(window.from, now, zone)} to ${momentText(window.to, now, zone)}`,
    `Proved done: ${named(figures.proved, counts.completed)}`,
    `Refused: ${figures.refused}${why === "" ? "" : ` (${why})`}`,
    `Contradictions: ${figures.opened} opened, ${figures.healed} healed, ${figures.escalated} escalated, ${figures.recurring} recurring`,
    `Proofs rotted: ${named(figures.rotted, counts.rotted)}`,
  ];
  const earlier = figuresOf(before);
  const moved = Object.entries(figures.moved).flatMap(([word, count]) => {
    const then = earlier.moved[word] ?? 0;
    return count === 0 && then === 0 ? [] : [`${count} ${word} (${then} before)`];
  });
  lines.push(`Moved: ${moved.length === 0 ? "nothing" : moved.join(", ")}`);
  return lines;
}

function named(count: number, keys: readonly string[]): string {
  if (keys.length === 0) return String(count);
  const shown = [...new Set(keys)];
  return `${count} (${shown.join(", ")}${count > keys.length ? " …" : ""})`;
}

/** The digest of one channel and window. `channel` is `platform:name`. */
export function digestNotice(
  facts: DigestFacts,
  where: { readonly channel: string; readonly zone: string },
): PlainNotice<"digest", DigestData> {
  const { now, window, counts, before } = facts;
  const lines = workLines(facts, where.zone);
  const needs = shownNeeds(facts.needs, now, where.zone);
  return {
    kind: "digest",
    subject: `${digestSubjects(where.channel)}${new Date(window.to).toISOString()}`,
    text: [...lines, ...needsLines(facts.needs.counts, needs)].join("\n"),
    data: {
      ...window,
      lines: [...lines],
      figures: figuresOf(counts),
      before: figuresOf(before),
      refusals: counts.refusals.map((one) => ({ ...one })),
      completed: [...counts.completed],
      rotted: [...counts.rotted],
      needs,
      counts: { ...facts.needs.counts },
    },
  };
}

/** The last digest once more, told to hold still: the same words each quiet hour, so that it is edited once. */
export function quietDigest(
  last: { readonly subject: string; readonly data: DigestData },
  zone: string,
): PlainNotice<"digest", DigestData> | null {
  const { lines, needs, counts, to, quiet } = last.data;
  if (quiet === true) return null;
  const still = `Quiet since ${momentText(to, to, zone)}.`;
  const text = [...lines, ...needsLines(counts, needs), still].join("\n");
  return { kind: "digest", subject: last.subject, text, data: { ...last.data, quiet: true } };
}

/** What the subjects of one channel's digests begin with; they sort as they follow each other. */
export function digestSubjects(channel: string): string {
  return `digest:${channel}:`;
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const WINDOW_MAX_MS = 366 * 86_400_000;

/** `1h`, `24h`, `7d` up to now, or `2026-03-30T09:00/2026-03-30T17:00` by the zone's clock; null where it is no window. */
export function readWindow(text: string, now: number, zone: string): Window | null {
  const length = /^(\d{1,5})([mhd])$/.exec(text.trim());
  const window =
    length === null
      ? betweenMoments(text.trim(), zone)
      : { from: now - Number(length[1]) * (UNITS[length[2] as string] ?? 0), to: now };
  if (window === null || window.to <= window.from || window.to - window.from > WINDOW_MAX_MS) return null;
  return window;
}

function betweenMoments(text: string, zone: string): Window | null {
  const [from, to, more] = text.split("/").map((each) => wallMoment(each, zone));
  return from == null || to == null || more !== undefined ? null : { from, to };
}
