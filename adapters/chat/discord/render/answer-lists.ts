import type { Answer, AuditLine, HelpEntry, LaneLine } from "../../../../src/ports/chat-answer.ts";
import type { TaskSummary } from "../../../../src/ports/listing.ts";
import { code, line } from "../escape.ts";
import type { Presses } from "./buttons.ts";
import { type Part, part, rule, text } from "./layout.ts";
import { actor, counted, moment, STATUS_LOOKS } from "./words.ts";

export type ListAnswer = Extract<Answer, { kind: "help" | "status" | "tasks" | "findings" | "audit" }>;

/** So many lines of a list stand in one text: a message holds 40 parts, and what is too much goes by whole texts. */
const LINES = 5;

/** Answers that are lists: what is at the end gives way where all of it is too long. */
export function answerListParts(answer: ListAnswer, presses: Presses): readonly Part[] {
  switch (answer.kind) {
    case "help": {
      const [only] = answer.entries;
      return only !== undefined && answer.entries.length === 1
        ? helpParts(only)
        : texts(answer.entries.map(helpLine));
    }
    case "status": {
      const counts = answer.counts.map(({ status, tasks }) => `**${tasks}** ${line(status, 20)}`);
      const all = counts.length === 0 ? "There is no task yet." : counts.join(" · ");
      return [text(0, all), rule(1), ...texts(answer.lanes.map(laneLine))];
    }
    case "tasks":
      return [
        ...(answer.tasks.length === 0 ? [text(0, "No task fits.")] : texts(answer.tasks.map(taskLine))),
        ...nextParts(answer.next, presses),
      ];
    case "findings": {
      const { valid, tasks, checkedAt, findings, more } = answer;
      const head = `${valid ? "✅ The queue is valid" : "❌ The queue is not valid"} · ${counted(tasks, "task")}, checked ${moment(Date.parse(checkedAt), "R")}`;
      const lines = findings.map(({ code: id, severity, task, lane, detail, fix }) => {
        const about = task ?? lane;
        return `**${id}** ${severity}${about === undefined ? "" : ` ${line(about, 60)}`}: ${line(detail, 200)}\n-# ${line(fix, 200)}`;
      });
      const rest = more === 0 ? null : `-# and ${more} more: \`gatehouse queue-validate\` lists them all`;
      return [text(0, head), rule(1), ...texts(lines), text(1, rest)];
    }
    case "audit":
      return [
        ...(answer.events.length === 0
          ? [text(0, "Nothing of that is in the log.")]
          : texts(answer.events.map(auditLine))),
        ...nextParts(answer.next, presses),
      ];
  }
}

function texts(lines: readonly string[]): readonly Part[] {
  return Array.from({ length: Math.ceil(lines.length / LINES) }, (_, index) =>
    text(10 + index, ...lines.slice(index * LINES, (index + 1) * LINES)),
  );
}

/** The line for the next page, as a button where one can hold it. */
function nextParts(next: string | null, presses: Presses): readonly Part[] {
  if (next === null) return [];
  const rows = next.startsWith("/gate ") ? presses.rows([{ label: "More", line: next, asks: null }], 1) : [];
  return rows.length === 0 ? [text(1, `-# ${code(next, 300)}`)] : rows.map((row) => part(1, row));
}

function helpLine({ usage, summary }: HelpEntry): string {
  return `${code(usage, 120)} ${line(summary, 100)}`;
}

function helpParts({ usage, summary, role, arguments: all, example }: HelpEntry): readonly Part[] {
  return [
    text(
      0,
      `### ${code(usage, 300)}`,
      line(summary, 200),
      `-# for ${role === "viewer" ? "everybody" : `an ${role}`}`,
    ),
    ...texts(
      all.map(
        ({ name, about, required }) =>
          `${code(name, 40)}${required ? "" : " (optional)"} ${line(about, 120)}`,
      ),
    ),
    text(1, `-# ${code(example, 300)}`),
  ];
}

function laneLine({ name, route, capacity, living, runnable, pausedReason }: LaneLine): string {
  const paused = pausedReason === null ? "" : `\n⏸️ paused: ${line(pausedReason, 120)}`;
  return `**${line(name, 60)}** ${living} of ${capacity} at work · ${runnable} runnable · ${code(route, 120)}${paused}`;
}

function taskLine({ key, title, status, lane, priority, holder }: TaskSummary): string {
  const [sign] = STATUS_LOOKS[status];
  const held = holder === null ? "" : ` · ${line(holder.agent, 60)}`;
  return `${sign} **${line(key, 60)}** ${line(title, 120)} · ${status} · ${lane === null ? "no lane" : line(lane, 40)} · ${priority}${held}`;
}

function auditLine({ id, at, task, event, actor: who, detail }: AuditLine): string {
  const about = task === null ? "" : ` **${line(task, 60)}**`;
  const said = detail === "" ? "" : ` · ${line(detail, 160)}`;
  return `-# #${id} ${moment(at, "f")}${about} ${code(event, 60)} by ${actor(who)}${said}`;
}
