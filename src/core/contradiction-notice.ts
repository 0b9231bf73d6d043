import {
  acknowledgeButton,
  type Button,
  changedButton,
  showButton,
  snoozeButton,
  undoButton,
} from "./button.ts";
import type { Check } from "./check.ts";
import { type Contradiction, type ContradictionState, isOver, RECURRENCE } from "./contradiction.ts";
import type { PlainNotice } from "./notice.ts";
import { sourceName } from "./source.ts";
import { tidyLine } from "./text.ts";

/** What the message of a contradiction holds; times are milliseconds since 1970 UTC. */
export type ContradictionMessage = {
  readonly id: number;
  readonly rule: string;
  readonly title: string;
  readonly state: ContradictionState;
  readonly detail: string;
  readonly source: string;
  /** The task it is about, by key. */
  readonly task: string | null;
  /** In how many runs it was seen. */
  readonly count: number;
  readonly openedAt: number;
  readonly acknowledgedBy: string | null;
  readonly snoozedUntil: number | null;
  /** It escalated once, whatever came of it. */
  readonly escalated: boolean;
  readonly remark: string | null;
  readonly buttons: readonly Button[];
};

/** What stands below that message, where it escalated or is over: its text says it, and it is posted below `under`. */
export type ContradictionReply = {
  readonly id: number;
  readonly rule: string;
  readonly step: "escalated" | "over";
  readonly task: string | null;
  /** The message's notice, by id. */
  readonly under: number;
};

export type ContradictionData = ContradictionMessage | ContradictionReply;

/**
 * Whether it tells, for the first time, that something escalated: the sentence below the message, or the message itself where
 * nobody had been told before. `stands`: it is there already, and only edited.
 */
export function tellsEscalation(data: ContradictionData, stands: boolean): boolean {
  return "step" in data ? data.step === "escalated" : data.state === "escalated" && !stands;
}

/** One live message a contradiction, edited in place while it lasts. */
function contradictionSubject(id: number): string {
  return `contradiction:${id}`;
}

/** Whether anybody needs to hear of it: what was mended at once, quietly, is for the journal and the digest. */
export function isTold(record: Contradiction, check: Pick<Check, "weight">): boolean {
  if (record.told || record.escalatedAt !== null) return true;
  return check.weight !== "quiet" || (record.count > 1 && !isOver(record));
}

/**
 * The message as it should stand now. It names how often it was seen only at milestones, because that is when it is
 * written anew. Everything a platform needs to lay it out stands in `data`.
 */
export function contradictionNotice(
  record: Contradiction,
  { title }: Pick<Check, "title">,
  /** The mending that ended it, by its number in the journal, where a person could take that back. */
  mending: number | null = null,
): PlainNotice<"contradiction", ContradictionMessage> {
  const { id, rule, state, detail, source, task, count, openedAt, acknowledgedBy, snoozedUntil, remark } =
    record;
  const line = `${sign(record)} #${id} ${title}: ${tidyLine(detail)}`;
  const after = stateLine(record);
  return {
    kind: "contradiction",
    subject: contradictionSubject(id),
    text: after === null ? line : `${line}\n${after}`,
    data: {
      id,
      rule,
      title,
      state,
      detail: tidyLine(detail),
      source: sourceName(source),
      task: task ?? null,
      count,
      openedAt,
      acknowledgedBy,
      snoozedUntil,
      escalated: record.escalatedAt !== null,
      remark: remark === null ? null : tidyLine(remark),
      buttons: contradictionButtons(record, mending),
    },
  };
}

function contradictionButtons(record: Contradiction, mending: number | null): readonly Button[] {
  const { id, rule, state, task } = record;
  const look = task === undefined ? [] : [showButton(task)];
  if (isOver(record)) return mending === null ? look : [undoButton(mending), ...look];
  const looksAfter = state === "acknowledged" ? [] : [acknowledgeButton(id)];
  const quiet = state === "snoozed" || state === "acknowledged" ? [] : [snoozeButton(id)];
  return [...looksAfter, ...(rule === RECURRENCE ? [changedButton(id)] : []), ...quiet, ...look];
}

/** What stands below the message: it escalated, or it is over. Nothing else is worth a sound. */
export function contradictionReplies(
  record: Contradiction,
  under: number,
): readonly PlainNotice<"contradiction", ContradictionReply>[] {
  const { id, rule, task, remark, source } = record;
  const reply = (
    step: ContradictionReply["step"],
    text: string,
  ): PlainNotice<"contradiction", ContradictionReply> => ({
    kind: "contradiction",
    subject: `${contradictionSubject(id)}:${step}`,
    text,
    data: { id, rule, step, task: task ?? null, under },
  });
  const why = remark === null ? "" : `: ${tidyLine(remark)}`;
  // Where all of it came to pass in one run the message itself says so.
  if (!record.told) return [];
  if (record.state === "escalated") {
    return [reply("escalated", `🔺 #${id} escalated${why}. It comes from ${sourceName(source)}.`)];
  }
  return isOver(record) ? [reply("over", `✅ #${id} is over${why}.`)] : [];
}

function sign({ state }: Contradiction): string {
  return state === "healed" || state === "resolved" ? "✅" : state === "escalated" ? "🔺" : "⚠️";
}

function stateLine(record: Contradiction): string | null {
  const { id, state, count, acknowledgedBy, snoozedUntil, remark } = record;
  const why = remark === null ? "" : `: ${tidyLine(remark)}`;
  switch (state) {
    case "open":
      return count > 1
        ? `Seen in ${count} runs so far. \`/gate ack ${id}\` if you look after it.`
        : `\`/gate ack ${id}\` if you look after it.`;
    case "acknowledged":
      return `${acknowledgedBy ?? "Somebody"} looks after it${why}.`;
    case "snoozed":
      return `Silent until ${new Date(snoozedUntil ?? 0).toISOString()}${why}.`;
    case "escalated":
      return `Escalated${why}.`;
    case "healed":
      return `Mended${why}.`;
    case "resolved":
      return `Over${why}.`;
    default:
      return state satisfies never;
  }
}
