import type { CardProof, TaskCard, TaskCardData } from "../../../../src/core/card.ts";
import { code, line } from "../escape.ts";
import type { Presses } from "./buttons.ts";
import { type Part, part, rule, text } from "./layout.ts";
import { moment, place, STATUS_LOOKS, VERDICT_SIGNS } from "./words.ts";

const PROOFS_MAX = 12;
const WAITS_MAX = 6;

/** A task as it stands. An offer's card names whom it is for. */
export function taskCardParts(data: TaskCardData, presses: Presses): readonly Part[] {
  return [
    text(0, data.mention === undefined ? null : `${mention(data.mention)} this is offered to you`),
    ...cardParts(data),
    ...presses.rows(data.buttons).map((row) => part(1, row)),
  ];
}

/** The card without what can be done about it. */
export function cardParts(card: TaskCard): readonly Part[] {
  const [sign] = STATUS_LOOKS[card.status];
  const proved = card.completion === null ? "" : ` · ${card.completion}`;
  const facts = [card.lane === null ? "no lane" : line(card.lane, 60), card.priority, line(card.epic, 40)];
  const tries = card.attempts === 0 ? [] : [`attempt ${card.attempts}`];
  return [
    text(
      0,
      `### ${line(card.key, 60)} ${line(card.title, 240)}`,
      `${sign} **${card.status}**${proved} · ${[...facts, ...tries].join(" · ")}`,
    ),
    text(2, holderLine(card), lastLine(card)),
    ...blockParts(card),
    ...proofParts(card.proofs),
    text(6, ...waitLines(card)),
    text(9, `-# version ${card.version}`),
  ];
}

/** Pings only where the lane's dispatch names somebody by Discord's id; agents that read mentions alone need it. */
export function mentionedUsers({ mention: who }: TaskCardData): readonly string[] {
  return who !== undefined && /^\d{17,20}$/u.test(who) ? [who] : [];
}

function mention(who: string): string {
  return /^\d{17,20}$/u.test(who) ? `<@${who}>` : line(`@${who}`, 100);
}

/** The lease's end is left out: every beat moves it, and no beat edits the card. */
function holderLine({ holder }: TaskCard): string | null {
  if (holder === null) return null;
  const { attempt, agent, route, since } = holder;
  return `Held by **${line(agent, 80)}** (${code(attempt, 80)}, ${code(route, 120)}) · claimed ${moment(since, "R")}`;
}

/** Why a blocked attempt ended stands beside its question already. */
function lastLine({ last, block }: TaskCard): string | null {
  if (last === null) return null;
  const why = last.reason === null || last.reason === block?.reason ? "" : `: ${line(last.reason, 240)}`;
  return `Last try ${code(last.attempt, 80)} by ${line(last.agent, 80)} ended as ${line(last.outcome, 40)}${why}`;
}

function blockParts({ block }: TaskCard): readonly Part[] {
  if (block === null) return [];
  const { kind, reason, owner, question, since } = block;
  return [
    text(
      0,
      `⛔ ${line(kind, 40)}, for **${line(owner, 80)}** · asked ${moment(since, "R")}`,
      `> ${line(question, 400)}`,
    ),
    text(4, line(reason, 300)),
  ];
}

function proofParts(proofs: readonly CardProof[]): readonly Part[] {
  if (proofs.length === 0) return [];
  const passed = proofs.filter(({ verdict }) => verdict === "passed").length;
  const shown = proofs.slice(0, PROOFS_MAX);
  const more = proofs.length - shown.length;
  return [
    rule(3),
    text(3, `**Proof** ${passed} of ${proofs.length}`),
    ...shown.map((proof, index) => text(10 + index, proofLine(proof))),
    text(30, more > 0 ? `-# and ${more} more` : null),
  ];
}

function proofLine({ requirement, kind, verdict, uri, reason }: CardProof): string {
  const where = uri === null ? "" : ` · ${place(uri)}`;
  const why = reason === null || verdict === "passed" ? "" : `\n-# ${line(reason, 200)}`;
  return `${VERDICT_SIGNS[verdict]} ${line(requirement, 80)} (${line(kind, 40)})${where}${why}`;
}

function waitLines({ waits, notBefore }: TaskCard): readonly string[] {
  const shown = waits.filter(({ code: reason }) => reason !== "status").slice(0, WAITS_MAX);
  const lines = shown.map(({ code: reason, detail }) =>
    reason === "not-before" && notBefore !== null
      ? `⏱️ not before ${moment(notBefore, "f")}`
      : `⏱️ ${line(detail, 160)}`,
  );
  return waits.length > WAITS_MAX ? [...lines, `-# and ${waits.length - WAITS_MAX} more`] : lines;
}
