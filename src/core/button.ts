import type { Json } from "./json.ts";
import { tidyLine } from "./text.ts";

/**
 * What a person can do about what a notice says, as data: each platform lays it out its own way, and runs the line as if
 * the person had typed it. A line that changes a task carries the version it was shown at, so a stale one is refused.
 */
export type Button = {
  readonly label: string;
  /** A whole `/gate` line; where `asks` is a text, one that lacks its last words. */
  readonly line: string;
  /** What to ask the person first; `answeredLine` puts the words behind the line. Null: the press alone is enough. */
  readonly asks: string | null;
};

/** A task as a button names it, at the version it is shown at. */
export interface ButtonTask {
  readonly task: string;
  readonly version: number;
}

/** The line of a button, with what the person answered to its question. */
export function answeredLine({ line }: Pick<Button, "line">, words: string): string {
  return `${line} ${quotedWords(words)}`;
}

/** Words as one argument of a line: whatever stands in them, it is text and never a flag. */
export function quotedWords(words: string): string {
  return `"${tidyLine(words).replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}

export function showButton(task: string): Button {
  return { label: "Show", line: `/gate show ${task}`, asks: null };
}

/** The answers a blocked task takes: those somebody thought of, and any other. */
export function answerButtons(
  { task, version }: ButtonTask,
  { question, choices }: { readonly question: string; readonly choices: readonly string[] },
): readonly Button[] {
  const line = `/gate unblock ${task} --version ${version}`;
  const given = choices.map((choice) => ({
    label: tidyLine(choice),
    line: answeredLine({ line }, choice),
    asks: null,
  }));
  const label = given.length === 0 ? "Answer…" : "Something else…";
  return [...given, { label, line, asks: tidyLine(question) }];
}

export function proveButton(task: string): Button {
  return {
    label: "Attach proof…",
    line: `/gate prove ${task}`,
    asks: "Which link shows it? https://…, file:relative/path or command:NAME",
  };
}

/** `requirement` where the policy asks people more than once. */
export function approveButton({ task, version }: ButtonTask, requirement: string | null = null): Button {
  const line = `/gate approve ${task} --version ${version}`;
  return requirement === null
    ? { label: "Approve", line, asks: null }
    : { label: `Approve ${tidyLine(requirement)}`, line: answeredLine({ line }, requirement), asks: null };
}

/** Back to the queue: what is done after all, or what used up its attempts. */
export function reopenButton({ task, version }: ButtonTask, label: "Reopen…" | "Try again…"): Button {
  return {
    label,
    line: `/gate reopen ${task} --version ${version}`,
    asks: label === "Reopen…" ? `Why is ${task} not done?` : `What is different now for ${task}?`,
  };
}

export function cancelButton({ task, version }: ButtonTask): Button {
  return {
    label: "Cancel…",
    line: `/gate cancel ${task} --version ${version}`,
    asks: `Why is ${task} cancelled?`,
  };
}

export function acknowledgeButton(contradiction: number): Button {
  return { label: "I look after it", line: `/gate ack ${contradiction}`, asks: null };
}

export function snoozeButton(contradiction: number): Button {
  return { label: "Silent for 4 h", line: `/gate snooze ${contradiction} 4h`, asks: null };
}

/** Where something is mended again and again: its source was changed, outside of what the queue can see. */
export function changedButton(contradiction: number): Button {
  return {
    label: "I changed its source…",
    line: `/gate ack ${contradiction} --changed`,
    asks: "What was changed, and where?",
  };
}

/** Takes back what the watch mended. `mending` is its number in the journal. */
export function undoButton(mending: number): Button {
  return { label: "Undo", line: `/gate undo --healing ${mending}`, asks: null };
}

/** The buttons in data that was read back; those of a version that wrote them otherwise are left out. */
export function readButtons(value: Json | undefined): readonly Button[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isButton) : [];
}

function isButton(value: Json): value is Button {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const { label, line, asks } = value as Partial<Button>;
  return typeof label === "string" && typeof line === "string" && (asks === null || typeof asks === "string");
}
