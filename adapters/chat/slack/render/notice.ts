import { type ContradictionData, tellsEscalation } from "../../../../src/core/contradiction-notice.ts";
import { parseMessageName } from "../../../../src/core/message.ts";
import { AUTO_COMPLETE, type AutoCompleteData, type CorrectionData } from "../../../../src/core/notice.ts";
import { type ShownNotice, shownNotice } from "../../../../src/core/notice-data.ts";
import { shortEvidence } from "../../../../src/core/proof.ts";
import type { ProofStatusData } from "../../../../src/core/proof-status.ts";
import type { Answer } from "../../../../src/ports/chat-answer.ts";
import type { Delivery } from "../../../../src/ports/outbox.ts";
import { buttonRow, type Origin } from "./actions.ts";
import { answerBlocks } from "./answer.ts";
import { type Block, context, header, SECTION_MAX, section } from "./blocks.ts";
import { cardBlocks, fitting, proofLine } from "./card.ts";
import { contradictionBlocks } from "./contradiction.ts";
import { digestBlocks, heartbeatBlocks } from "./floor.ts";
import { bounded, type SlackText } from "./message.ts";
import { announced, code, line, lines, link, plain } from "./text.ts";

/** Slack recommends 4,000 and cuts at 40,000. */
const TEXT_MAX = 4000;

/** `zone`: an IANA name, for times where a client cannot write them by the reader's clock. */
export function renderNotice(delivery: Delivery, zone: string): SlackText {
  const { kind, text } = delivery;
  const words = kind === "auto-complete" ? announced(text, TEXT_MAX) : lines(text, TEXT_MAX);
  const shown = shownNotice(delivery);
  return { text: words || "–", blocks: shown === null ? [] : bounded(layout(shown, delivery, zone)) };
}

function layout(shown: ShownNotice, delivery: Delivery, zone: string): readonly Block[] {
  const { notice, text, data } = delivery;
  const origin: Origin = { notice, data };
  const said = text.split("\n");
  switch (shown.kind) {
    case "auto-complete":
      return completionBlocks(shown.data, origin);
    case "contradiction":
      return [...pinged(shown.data, delivery), ...contradictionBlocks(shown.data, text, origin, zone)];
    case "heartbeat":
      return heartbeatBlocks(shown.data, said[0] ?? "Heartbeat", origin, zone);
    case "digest":
      return digestBlocks(shown.data, said, origin);
    case "task-card": {
      const mention = mentionOf(shown.data.mention);
      return [...(mention === "" ? [] : [section(mention)]), ...cardBlocks(shown.data, origin, zone)];
    }
    case "proof-status":
      return proofStatusBlocks(shown.data, text, origin, zone);
    case "correction":
      return correctionBlocks(shown.data, origin);
  }
}

/** The user group a channel asked to have pinged, where something escalates and nowhere else. */
function pinged(data: ContradictionData, { ping = null, anchor }: Delivery): readonly Block[] {
  if (ping === null || !/^S[A-Z0-9]{2,20}$/u.test(ping) || !tellsEscalation(data, anchor !== null)) return [];
  return [section(`<!subteam^${ping}>`)];
}

/** Whom an offer is for: a person or a group by Slack's own id is mentioned, any other name is only written. */
function mentionOf(mention: string | undefined): string {
  if (mention === undefined || mention === "") return "";
  if (/^[UW][A-Z0-9]{2,20}$/.test(mention)) return `For <@${mention}>`;
  if (/^S[A-Z0-9]{2,20}$/.test(mention)) return `For <!subteam^${mention}>`;
  return `For ${line(mention, 100)}`;
}

function completionBlocks(data: AutoCompleteData, origin: Origin): readonly Block[] {
  const { key, title, agent, attempt, proofs, buttons } = data;
  const proved = proofs.map(
    ({ requirement, evidence }) => `✅ *${line(requirement, 120)}* ${code(shortEvidence(evidence), 400)}`,
  );
  return [
    header("", `${AUTO_COMPLETE} ${plain(key, 60)}`),
    section([`*${line(title, 600)}*`, ...fitting(proved, SECTION_MAX - 700)].join("\n")),
    ...buttonRow(buttons, origin),
    ...context(`Proved by ${line(agent, 200)}, attempt ${line(attempt, 100)}`),
  ];
}

function correctionBlocks(data: CorrectionData, origin: Origin): readonly Block[] {
  const { key, title, attempt, requirement, uri, reason, buttons } = data;
  return [
    header(`Correction: ${key} is not done any more`),
    section(
      [
        `*${line(title, 600)}*`,
        `❌ *${line(requirement, 120)}* does not hold: ${link(uri, 600)}`,
        line(reason, 1200),
        "The task is back in the queue.",
      ].join("\n"),
    ),
    ...buttonRow(buttons, origin),
    ...context(`It was announced of attempt ${line(attempt, 100)}`),
  ];
}

function proofStatusBlocks(
  data: ProofStatusData,
  text: string,
  origin: Origin,
  zone: string,
): readonly Block[] {
  if ("buttons" in data) {
    const { task, requirement, uri, reason, buttons } = data;
    return [
      section(
        [
          `⏳ *${line(task, 100)}* has a proof without a verdict`,
          `*${line(requirement, 120)}* ${link(uri, 600)}`,
          line(reason, 1200),
        ].join("\n"),
      ),
      ...buttonRow(buttons, origin),
    ];
  }
  if ("answer" in data) {
    const { answer, replyTo } = data;
    if (answer === null) return [section(lines(text, SECTION_MAX - 10))];
    return answerBlocks(answer as unknown as Answer, {
      zone,
      below: parseMessageName(replyTo)?.message ?? null,
    });
  }
  const told = fitting(data.proofs.map(proofLine), SECTION_MAX - 200);
  return [section(told.length === 0 ? lines(text, 2000) : told.join("\n")), ...context(line(data.task, 100))];
}
