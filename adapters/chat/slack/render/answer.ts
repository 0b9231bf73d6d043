import { momentText } from "../../../../src/core/local-time.ts";
import type { Refusal } from "../../../../src/core/refusal.ts";
import { type Answer, answerText, type HelpEntry } from "../../../../src/ports/chat-answer.ts";
import type { TaskSummary } from "../../../../src/ports/listing.ts";
import { buttonRow, questionRow } from "./actions.ts";
import { type Block, context, fields, header, SECTION_MAX, section, table } from "./blocks.ts";
import { cardBlocks, fitting } from "./card.ts";
import { bounded, type SlackText } from "./message.ts";
import { code, line, lines, link, moment } from "./text.ts";

const TEXT_MAX = 4000;
const ROWS_SHOWN = 40;

/** Where an answer belongs, and how it tells the time. */
export interface AnswerPlace {
  /** An IANA name, for clients that cannot tell the time by their own clock. */
  readonly zone: string;
  /** The message a question came from, to which its answer belongs. */
  readonly below: string | null;
}

/** The answer to a line, for whoever typed it or for the channel. */
export function renderAnswer(answer: Answer, place: AnswerPlace): SlackText {
  return {
    text: lines(answerText(answer), TEXT_MAX) || "Done.",
    blocks: bounded(answerBlocks(answer, place)),
  };
}

/** The same as a part of something else, such as the answer below somebody's message. */
export function answerBlocks(answer: Answer, { zone, below }: AnswerPlace): readonly Block[] {
  switch (answer.kind) {
    case "done":
      return [section(lines(answer.text, SECTION_MAX - 10)), ...showRow(answer.task)];
    case "refused":
      return refusalBlocks(answer.refusal);
    case "misunderstood":
      return [
        section(lines(answer.text, 2000)),
        ...buttonRow(
          answer.suggestions.map((one) => ({ label: one, line: one, asks: null })),
          null,
        ),
        ...context(answer.usage === null ? "" : code(answer.usage, 1000)),
      ];
    case "confirm": {
      const row = questionRow(answer.line, below);
      const typed = row.length > 0 ? "" : "The line is too long for a button: type it shorter.";
      return [section(lines(answer.question, 2900)), ...row, ...context(code(answer.line, 1500), typed)];
    }
    case "help":
      return helpBlocks(answer.entries);
    case "me":
      return [
        section(`You are ${code(answer.actor, 200)}, *${answer.role}*.`),
        ...context(
          answer.accounts?.length ? `You are ${line(answer.accounts.join(", "), 1000)} as well.` : "",
        ),
        ...context(`You may: ${line(answer.may.join(", "), 1800)}`),
      ];
    case "status":
      return statusBlocks(answer);
    case "tasks":
      return taskBlocks(answer.tasks, answer.next);
    case "task":
      return oneTaskBlocks(answer, zone);
    case "digest":
      return [
        header(answer.lines[0] ?? "Digest"),
        ...sections(answer.lines.slice(1).map((one) => line(one, 600))),
      ];
    case "findings":
      return findingBlocks(answer, zone);
    case "audit":
      return auditBlocks(answer, zone);
    case "link":
      return [section(`${line(answer.text, 600)} ${link(answer.url, 2000)}`)];
  }
}

function showRow(task: string | null): readonly Block[] {
  return task === null
    ? []
    : buttonRow([{ label: `Show ${task}`, line: `/gate show ${task}`, asks: null }], null);
}

function nextRow(next: string | null): readonly Block[] {
  return next === null ? [] : buttonRow([{ label: "More", line: next, asks: null }], null);
}

/** As many lines as it takes, in as few blocks as hold them. */
function sections(all: readonly string[]): readonly Block[] {
  const parts: string[] = [];
  for (const one of all.filter((each) => each !== "")) {
    const last = parts.at(-1);
    if (last === undefined || last.length + one.length + 1 > SECTION_MAX) parts.push(one);
    else parts[parts.length - 1] = `${last}\n${one}`;
  }
  return parts.map((one) => section(one));
}

function refusalBlocks({ gate, code: reason, field, expected, got, hint }: Refusal): readonly Block[] {
  const value = (one: unknown): string => (one === undefined ? "" : code(JSON.stringify(one) ?? "", 400));
  return [
    section(`⛔ *${line(gate, 60)}* refuses: ${code(reason, 100)}\n${line(hint, 2000)}`),
    ...fields([
      ["Field", field === undefined ? "" : code(field, 200)],
      ["Expected", value(expected)],
      ["Got", value(got)],
    ]),
  ];
}

function helpBlocks(entries: readonly HelpEntry[]): readonly Block[] {
  const [only] = entries;
  if (entries.length === 1 && only !== undefined) {
    const { usage, summary, arguments: all, example, role } = only;
    return [
      section(`${code(usage, 600)}\n${line(summary, 600)}`),
      ...sections(
        all.map(
          ({ name, about, required }) =>
            `• *${line(name, 60)}*${required ? "" : " (may be left out)"}: ${line(about, 300)}`,
        ),
      ),
      ...context(`For example ${code(example, 300)}`, `Takes the role ${role}`),
    ];
  }
  return [
    header("What the bot can do"),
    ...sections(entries.map(({ usage, summary }) => `${code(usage, 300)} ${line(summary, 300)}`)),
  ];
}

function statusBlocks({ counts, lanes }: Extract<Answer, { kind: "status" }>): readonly Block[] {
  const told = counts.map(({ status, tasks }) => `*${tasks}* ${line(status, 40)}`).join(" · ");
  const rows = lanes
    .slice(0, ROWS_SHOWN)
    .map(({ name, living, capacity, runnable, route, pausedReason }) => [
      name,
      `${living} of ${capacity}`,
      String(runnable),
      route,
      pausedReason === null ? "" : `paused: ${pausedReason}`,
    ]);
  return [
    section(told === "" ? "There is no task yet." : told),
    ...(rows.length === 0
      ? []
      : [
          table(["Lane", "At work", "Runnable", "Route", "Note"], rows, [
            "left",
            "right",
            "right",
            "left",
            "left",
          ]),
        ]),
    ...context(lanes.length > rows.length ? `… and ${lanes.length - rows.length} more lanes` : ""),
  ];
}

function taskBlocks(tasks: readonly TaskSummary[], next: string | null): readonly Block[] {
  if (tasks.length === 0) return [section("No task fits.")];
  const shown = tasks.slice(0, ROWS_SHOWN);
  const rows = shown.map(({ key, title, status, lane, priority, holder }) => [
    key,
    title,
    status,
    lane ?? "",
    priority,
    holder?.agent ?? "",
  ]);
  return [
    table(["Task", "Title", "Status", "Lane", "Priority", "Held by"], rows, [
      "left",
      "left",
      "left",
      "left",
      "left",
      "left",
    ]),
    ...context(tasks.length > shown.length ? `… and ${tasks.length - shown.length} more` : ""),
    ...nextRow(next),
  ];
}

function oneTaskBlocks(
  { card, acceptance, body, dependencies }: Extract<Answer, { kind: "task" }>,
  zone: string,
): readonly Block[] {
  const told = dependencies.map(({ key, status }) => `• ${line(key, 60)}: ${line(status, 40)}`);
  return [
    ...cardBlocks(card, null, zone),
    section(`*Accepted when*\n${lines(acceptance, 2900)}`),
    ...(body.trim() === "" ? [] : [section(lines(body, 2900))]),
    ...(told.length === 0 ? [] : [section(["*Depends on*", ...fitting(told, SECTION_MAX - 200)].join("\n"))]),
  ];
}

const FINDINGS_SHOWN = 20;

function findingBlocks(
  { valid, checkedAt, tasks, findings, more }: Extract<Answer, { kind: "findings" }>,
  zone: string,
): readonly Block[] {
  const at = Date.parse(checkedAt);
  const when = Number.isNaN(at) ? line(checkedAt, 40) : moment(at, momentText(at, at, zone));
  const shown = findings.slice(0, FINDINGS_SHOWN).map(({ code: rule, severity, task, lane, detail, fix }) => {
    const about = task ?? lane;
    return `• ${code(rule, 60)} ${line(severity, 20)}${about === undefined ? "" : ` *${line(about, 60)}*`}: ${line(detail, 400)} ${line(fix, 300)}`;
  });
  const missing = more + findings.length - shown.length;
  return [
    section(
      `${valid ? "✅ The queue is valid" : "❌ The queue is not valid"}: ${tasks} tasks, checked ${when}`,
    ),
    ...sections(shown),
    ...context(missing > 0 ? `… and ${missing} more: \`gatehouse queue-validate\` lists them all` : ""),
  ];
}

function auditBlocks({ events, next }: Extract<Answer, { kind: "audit" }>, zone: string): readonly Block[] {
  if (events.length === 0) return [section("Nothing of that is in the log.")];
  const told = events.slice(0, ROWS_SHOWN).map(({ id, at, task, event, actor, from, detail }) => {
    const about = task === null ? "" : ` *${line(task, 60)}*`;
    const said = detail === "" ? "" : ` — ${line(detail, 300)}`;
    return `#${id} ${moment(at, momentText(at, at, zone))}${about} ${line(event, 60)} by ${line(actor, 120)} from ${line(from, 40)}${said}`;
  });
  return [...sections(told), ...nextRow(next)];
}
