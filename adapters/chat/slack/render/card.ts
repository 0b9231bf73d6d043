import type { CardProof, TaskCard } from "../../../../src/core/card.ts";
import { momentText } from "../../../../src/core/local-time.ts";
import type { Status } from "../../../../src/core/task.ts";
import { buttonRow, choiceRow, isAnswer, type Origin } from "./actions.ts";
import { type Block, context, fields, header, SECTION_MAX, section } from "./blocks.ts";
import { code, line, link, moment } from "./text.ts";

const SIGNS: Readonly<Record<Status, string>> = {
  draft: "📝",
  queued: "🕓",
  offered: "📨",
  active: "🛠️",
  verifying: "🔎",
  blocked: "✋",
  done: "✔️",
  dead: "🪦",
  cancelled: "🚫",
};

const VERDICT_SIGNS: Readonly<Record<CardProof["verdict"], string>> = {
  passed: "✅",
  failed: "❌",
  pending: "⏳",
  inconclusive: "⏳",
  missing: "▫️",
};

const PROOFS_SHOWN = 12;
const WAITS_SHOWN = 8;

/** A task's card. Times stand by the reader's own clock; `zone`'s is for clients that cannot tell it. */
export function cardBlocks(card: TaskCard, origin: Origin | null, zone: string): readonly Block[] {
  const { key, title, block, buttons } = card;
  const answers = buttons.filter(isAnswer);
  const others = buttons.filter((one) => !isAnswer(one));
  return [
    header(`${key} ${title}`),
    ...fields(facts(card, zone)),
    ...proofs(card.proofs),
    ...(block === null ? [] : [section(question(block, zone)), ...choiceRow(answers, origin)]),
    ...waits(card),
    ...buttonRow(others, origin),
    ...context(
      `${key} version ${card.version}`,
      card.attempts === 0 ? "" : `${card.attempts} ${card.attempts === 1 ? "attempt" : "attempts"}`,
      lastTry(card),
    ),
  ];
}

/** The lease's end is left out: every beat moves it, and no beat edits the card. */
function facts(card: TaskCard, zone: string): readonly (readonly [name: string, text: string])[] {
  const { status, completion, lane, priority, epic, holder, notBefore } = card;
  const at = (time: number): string => moment(time, momentText(time, time, zone));
  const attested = completion === "attested" ? ", attested and not proved" : "";
  return [
    ["Status", `${SIGNS[status]} ${status}${attested}`],
    ["Priority", priority],
    ["Lane", lane === null ? "none" : line(lane, 100)],
    ["Epic", line(epic, 100)],
    ["Held by", holder === null ? "" : `${line(holder.agent, 100)} since ${at(holder.since)}`],
    ["Attempt", holder === null ? "" : `${code(holder.attempt, 100)} on ${code(holder.route, 200)}`],
    ["Not before", notBefore === null ? "" : at(notBefore)],
  ];
}

function proofs(all: readonly CardProof[]): readonly Block[] {
  if (all.length === 0) return [];
  const shown = all.slice(0, PROOFS_SHOWN).map(proofLine);
  const more = all.length - shown.length;
  const passed = all.filter(({ verdict }) => verdict === "passed").length;
  const head = `*Proofs* · ${passed} of ${all.length} passed`;
  return [section([head, ...fitting(shown, SECTION_MAX - 200, more)].join("\n"))];
}

export function proofLine(proof: {
  readonly requirement: string;
  readonly verdict: CardProof["verdict"];
  readonly uri: string | null;
  readonly reason: string | null;
  readonly kind?: string;
}): string {
  const { requirement, kind, verdict, uri, reason } = proof;
  const what = kind === undefined ? "" : ` (${line(kind, 40)})`;
  const where = uri === null ? "" : ` ${link(uri, 400)}`;
  const why = reason === null || verdict === "passed" ? "" : ` ${line(reason, 300)}`;
  const verdictWords = verdict === "missing" ? "nothing attached" : verdict;
  return `${VERDICT_SIGNS[verdict]} *${line(requirement, 120)}*${what}: ${verdictWords}${where}${why === "" ? "" : ` —${why}`}`;
}

/** As many of the lines as fit, and how many are missing. */
export function fitting(all: readonly string[], max: number, missing = 0): readonly string[] {
  let length = 0;
  const shown = all.filter((one) => {
    length += one.length + 1;
    return length <= max;
  });
  const more = all.length - shown.length + missing;
  return more === 0 ? shown : [...shown, `… and ${more} more`];
}

function question(block: NonNullable<TaskCard["block"]>, zone: string): string {
  const { kind, reason, owner, question: asked, since } = block;
  const when = moment(since, momentText(since, since, zone));
  return [
    `✋ *Blocked* since ${when}: ${line(kind, 60)} · waits for ${line(owner, 120)}`,
    line(reason, 800),
    `> *${line(asked, 1200)}*`,
  ].join("\n");
}

function waits({ waits: all, status }: TaskCard): readonly Block[] {
  const shown = all.filter(({ code: reason }) => reason !== "status" || status === "draft");
  if (shown.length === 0) return [];
  const told = shown
    .slice(0, WAITS_SHOWN)
    .map(({ code: reason, detail }) => `• ${code(reason, 60)} ${line(detail, 300)}`);
  return [section(["*Waits*", ...fitting(told, SECTION_MAX - 200, shown.length - told.length)].join("\n"))];
}

/** Why a blocked attempt ended stands beside its question already. */
function lastTry({ last, block }: TaskCard): string {
  if (last === null) return "";
  const reason = last.reason === null || last.reason === block?.reason ? "" : `: ${line(last.reason, 400)}`;
  return `Last attempt ${line(last.attempt, 100)} by ${line(last.agent, 100)} ${line(last.outcome, 60)}${reason}`;
}
