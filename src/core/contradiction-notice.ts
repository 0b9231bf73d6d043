import type { Check } from "./check.ts";
import { type Contradiction, isOver } from "./contradiction.ts";
import type { PlainNotice } from "./notice.ts";
import { sourceName } from "./source.ts";
import { tidyLine } from "./text.ts";

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
export function contradictionNotice(record: Contradiction, { title }: Pick<Check, "title">): PlainNotice {
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
    },
  };
}

/** What stands below the message: it escalated, or it is over. Nothing else is worth a sound. */
export function contradictionReplies(record: Contradiction, under: number): readonly PlainNotice[] {
  const { id, rule, task, remark, source } = record;
  const reply = (step: "escalated" | "over", text: string): PlainNotice => ({
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
