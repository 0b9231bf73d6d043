import type { Json } from "./json.ts";
import { momentText } from "./local-time.ts";
import { tidyLine } from "./text.ts";

/** What waits for a person, the most pressing first. */
export const NEED_KINDS = ["blocked", "contradiction", "approval", "dead", "stuck-proof"] as const;
export type NeedKind = (typeof NEED_KINDS)[number];

export interface Need {
  readonly kind: NeedKind;
  /** The task's key; null where a contradiction is about none. */
  readonly task: string | null;
  /** The task's version a button acts on; null where there is no task. */
  readonly version: number | null;
  readonly since: number;
  /** The question, the reason, the contradiction in words. */
  readonly detail: string;
  /** Whom it waits for, where somebody is named. */
  readonly owner: string | null;
  readonly choices: readonly string[];
  /** The contradiction's id. */
  readonly id: number | null;
}

export interface Needs {
  readonly counts: Readonly<Record<NeedKind, number>>;
  /** The oldest of each kind, in the order of the kinds. */
  readonly items: readonly Need[];
}

export function needsTotal({ counts }: Needs): number {
  return NEED_KINDS.reduce((sum, kind) => sum + counts[kind], 0);
}

/** A button as data: a verb of `/gate` and its arguments by name. Each platform lays it out its own way. */
export interface Button {
  readonly label: string;
  readonly verb: string;
  readonly arguments: { readonly [name: string]: string | number };
}

const MAX_CHOICES = 4;

/** What a person can do about it at once. A button that changes a task carries the version it was shown at. */
function needButtons({ kind, task, version, choices, id }: Need): readonly Button[] {
  const ofTask = task === null || version === null ? null : { task, version };
  const look = task === null ? [] : [{ label: "Show", verb: "show", arguments: { task } }];
  switch (kind) {
    case "blocked":
      return [
        ...(ofTask === null ? [] : choices.slice(0, MAX_CHOICES)).map((choice) => ({
          label: choice,
          verb: "unblock",
          arguments: { ...(ofTask as { task: string; version: number }), answer: choice },
        })),
        ...look,
      ];
    case "contradiction":
      return [
        ...(id === null ? [] : [{ label: "Acknowledge", verb: "ack", arguments: { contradiction: id } }]),
        ...look,
      ];
    case "approval":
      return [
        ...(ofTask === null ? [] : [{ label: "Approve", verb: "approve", arguments: ofTask }]),
        ...look,
      ];
    case "dead":
      return [...(ofTask === null ? [] : [{ label: "Requeue", verb: "reopen", arguments: ofTask }]), ...look];
    case "stuck-proof":
      return look;
  }
}

/** One line for one need, fit for any platform. */
export function needLine(need: Need, now: number, zone: string): string {
  const about = need.task ?? `#${need.id ?? "?"}`;
  const owner = need.owner === null ? "" : ` for ${tidyLine(need.owner)}`;
  const since = `since ${momentText(need.since, now, zone)}`;
  const detail = tidyLine(need.detail);
  switch (need.kind) {
    case "blocked":
      return `${about} is blocked ${since}${owner}: ${detail}`;
    case "contradiction":
      return `${about} contradicts itself ${since}: ${detail}`;
    case "approval":
      return `${about} waits for approval ${since}: ${detail}`;
    case "dead":
      return `${about} used up its attempts ${since}: ${detail}`;
    case "stuck-proof":
      return `${about} has a proof without a verdict ${since}: ${detail}`;
  }
}

export function needJson(need: Need): { readonly [field: string]: Json } {
  const buttons = needButtons(need).map(({ label, verb, arguments: given }) => ({
    label,
    verb,
    arguments: given,
  }));
  return { ...need, choices: [...need.choices], buttons };
}

/** `2 blocked, 1 approval`; empty where nothing waits. */
export function needsCounted({ counts }: Needs): string {
  return NEED_KINDS.filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${WORDS[kind]}`)
    .join(", ");
}

const WORDS: Readonly<Record<NeedKind, string>> = {
  blocked: "blocked",
  contradiction: "in contradiction",
  approval: "to approve",
  dead: "used up",
  "stuck-proof": "without a verdict",
};
