import {
  acknowledgeButton,
  answerButtons,
  approveButton,
  type Button,
  cancelButton,
  reopenButton,
  showButton,
  snoozeButton,
} from "./button.ts";
import { momentText } from "./local-time.ts";
import { tidyLine } from "./text.ts";

/** What waits for a person, the most pressing first. */
export const NEED_KINDS = ["blocked", "contradiction", "approval", "dead", "stuck-proof"] as const;
export type NeedKind = (typeof NEED_KINDS)[number];

export type Need = {
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
};

/** A need as notices and `digest --json` hold it: said in one line, with what a person can do about it at once. */
export type ShownNeed = Need & { readonly text: string; readonly buttons: readonly Button[] };

export interface Needs {
  readonly counts: Readonly<Record<NeedKind, number>>;
  /** The oldest of each kind, in the order of the kinds. */
  readonly items: readonly Need[];
}

export function needsTotal({ counts }: Pick<Needs, "counts">): number {
  return NEED_KINDS.reduce((sum, kind) => sum + counts[kind], 0);
}

/** How many answers stand beside each other: what fits on a phone. */
const MAX_CHOICES = 4;

function needButtons({ kind, task, version, detail, choices, id }: Need): readonly Button[] {
  const look = task === null ? [] : [showButton(task)];
  if (kind === "contradiction") {
    return id === null ? look : [acknowledgeButton(id), snoozeButton(id), ...look];
  }
  if (task === null || version === null) return look;
  const at = { task, version };
  switch (kind) {
    case "blocked":
      return [...answerButtons(at, { question: detail, choices: choices.slice(0, MAX_CHOICES) }), ...look];
    case "approval":
      return [approveButton(at), ...look];
    case "dead":
      return [reopenButton(at, "Try again…"), cancelButton(at), ...look];
    case "stuck-proof":
      return [cancelButton(at), ...look];
  }
}

/** One line for one need, fit for any platform. */
function needLine(need: Need, now: number, zone: string): string {
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

/** Times in the line are by the zone's clock. */
export function shownNeeds({ items }: Pick<Needs, "items">, now: number, zone: string): readonly ShownNeed[] {
  return items.map((need) => ({
    ...need,
    choices: [...need.choices],
    text: needLine(need, now, zone),
    buttons: needButtons(need),
  }));
}

/** Who is needed, for a notice's text: how many, then a line each. Empty where nobody is. */
export function needsLines(
  counts: Needs["counts"],
  needs: readonly Pick<ShownNeed, "text">[],
): readonly string[] {
  if (needsTotal({ counts }) === 0) return [];
  return [`Needs you: ${needsCounted({ counts })}`, ...needs.map(({ text }) => text)];
}

/** `2 blocked, 1 approval`; empty where nothing waits. */
function needsCounted({ counts }: Pick<Needs, "counts">): string {
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
