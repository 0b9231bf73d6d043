import { type Button, reopenButton, showButton } from "./button.ts";
import type { Json } from "./json.ts";
import { tidyLine } from "./text.ts";

export const NOTICE_KINDS = [
  "auto-complete",
  "contradiction",
  "heartbeat",
  "digest",
  "task-card",
  "proof-status",
  "correction",
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Written by this product only where a task.completed event stands beside it. */
export const AUTO_COMPLETE = "🔵🔵🔵 AUTO-COMPLETE";

/** What the announcement of a completion holds. */
export type AutoCompleteData = {
  readonly key: string;
  readonly title: string;
  readonly agent: string;
  readonly attempt: string;
  readonly proofs: readonly { readonly requirement: string; readonly evidence: string }[];
  readonly buttons: readonly Button[];
};

/** What a correction holds: the completion, and the requirement whose proof does not hold. */
export type CorrectionData = {
  readonly key: string;
  readonly title: string;
  readonly attempt: string;
  readonly requirement: string;
  readonly uri: string;
  readonly reason: string;
  /** The announcement it corrects, by its notice's id. */
  readonly under: number | null;
  readonly buttons: readonly Button[];
};

/** The brand keeps the words from being written anywhere but in `announceCompletion`. */
declare const completion: unique symbol;
export interface AutoComplete {
  readonly kind: "auto-complete";
  readonly text: string;
  readonly data: AutoCompleteData;
  readonly [completion]: true;
}

/**
 * What the bot says, as data; each platform lays it out its own way. `subject`: one live notice, edited in place. With
 * `data.under`, a notice's id, it is posted below that notice wherever that stands. What `data` holds, kind by kind, is
 * in `notice-data.ts`.
 */
export interface PlainNotice<
  Kind extends NoticeKind = Exclude<NoticeKind, "auto-complete">,
  Data = { readonly [field: string]: Json },
> {
  readonly kind: Kind;
  readonly text: string;
  readonly data: Data;
  readonly subject?: string;
}

export type NewNotice = PlainNotice | AutoComplete;

/** Only a completion calls this: `commands/settle-proof.ts`, with the proofs that passed. */
export function announceCompletion(facts: {
  readonly key: string;
  readonly title: string;
  readonly agent: string;
  readonly attempt: string;
  /** Of the task, once it is done. */
  readonly version: number;
  readonly proofs: readonly { readonly requirement: string; readonly evidence: string }[];
}): AutoComplete {
  const { version, ...shown } = facts;
  const proved = facts.proofs.map((proof) => proof.requirement).join(", ");
  const notice = {
    kind: "auto-complete" as const,
    text: `${AUTO_COMPLETE} ${facts.key} ${facts.title} — proved: ${proved} (${facts.agent}, attempt ${facts.attempt})`,
    data: {
      ...shown,
      proofs: facts.proofs.map((proof) => ({ ...proof })),
      buttons: [reopenButton({ task: facts.key, version }, "Reopen…"), showButton(facts.key)],
    },
  };
  return notice as unknown as AutoComplete;
}

/** What a correction says: a completion that was announced does not hold any more. It stands under that announcement. */
export function correctCompletion(facts: {
  readonly key: string;
  readonly title: string;
  readonly attempt: string;
  readonly requirement: string;
  readonly uri: string;
  readonly reason: string;
  /** The notice it corrects, by id. */
  readonly announcement: number | null;
}): PlainNotice<"correction", CorrectionData> {
  const { announcement, ...shown } = facts;
  return {
    kind: "correction",
    text: `CORRECTION ${facts.key} ${facts.title} is not done any more: what proved "${facts.requirement}" does not hold. ${tidyLine(facts.reason)} The task is back in the queue.`,
    data: { ...shown, under: announcement, buttons: [showButton(facts.key)] },
  };
}
