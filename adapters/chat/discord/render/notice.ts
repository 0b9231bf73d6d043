import { MessageFlags } from "discord-api-types/v10";
import { tellsEscalation } from "../../../../src/core/contradiction-notice.ts";
import { AUTO_COMPLETE } from "../../../../src/core/notice.ts";
import { type ShownNotice, shownNotice } from "../../../../src/core/notice-data.ts";
import type { Answer } from "../../../../src/ports/chat-answer.ts";
import type { Delivery } from "../../../../src/ports/outbox.ts";
import { type Body, markOf } from "../body.ts";
import { block } from "../escape.ts";
import { answerLook, type Look } from "./answer.ts";
import { Presses } from "./buttons.ts";
import { completionParts, correctionParts } from "./completion.ts";
import { contradictionParts } from "./contradiction.ts";
import { digestParts } from "./digest.ts";
import { heartbeatParts } from "./heartbeat.ts";
import { container, text } from "./layout.ts";
import { proofReplyParts, replyColour, unansweredParts } from "./proof-status.ts";
import { mentionedUsers, taskCardParts } from "./task-card.ts";
import { COLOURS, CONTRADICTION_LOOKS, STATUS_LOOKS } from "./words.ts";

const TEXT_MAX = 1900;

/** What a notice looks like: one container, marked with the notice it is, pinging nobody who was not asked for. */
export function noticeBody(
  delivery: Pick<Delivery, "notice" | "kind" | "text" | "data" | "ping"> & Partial<Pick<Delivery, "anchor">>,
): Body {
  const { notice, data } = delivery;
  const shown = shownNotice(delivery);
  const presses = new Presses(notice, data);
  const { colour, parts } = shown === null ? plainly(delivery) : look(shown, delivery.text, presses);
  const users = shown?.kind === "task-card" ? [...mentionedUsers(shown.data)] : [];
  const roles = pingedRoles(shown, delivery);
  return {
    components: [container(colour, [text(0, ...roles.map((id) => `<@&${id}>`)), ...parts], markOf(notice))],
    flags: MessageFlags.IsComponentsV2 | MessageFlags.SuppressEmbeds,
    allowed_mentions: {
      parse: [],
      ...(users.length === 0 ? {} : { users }),
      ...(roles.length === 0 ? {} : { roles }),
    },
  };
}

/** The role a channel asked to have pinged, where something escalates and nowhere else. */
function pingedRoles(
  shown: ShownNotice | null,
  { ping = null, anchor = null }: Partial<Pick<Delivery, "ping" | "anchor">>,
): string[] {
  if (ping === null || !/^\d{17,20}$/u.test(ping)) return [];
  return shown?.kind === "contradiction" && tellsEscalation(shown.data, anchor !== null) ? [ping] : [];
}

function look(shown: ShownNotice, words: string, presses: Presses): Look {
  switch (shown.kind) {
    case "auto-complete":
      return { colour: COLOURS.blue, parts: completionParts(shown.data, presses) };
    case "correction":
      return { colour: COLOURS.red, parts: correctionParts(shown.data, presses) };
    case "contradiction": {
      const { data } = shown;
      if ("step" in data)
        return {
          colour: data.step === "over" ? COLOURS.green : COLOURS.red,
          parts: [text(0, block(words, TEXT_MAX))],
        };
      return { colour: CONTRADICTION_LOOKS[data.state][1], parts: contradictionParts(data, presses) };
    }
    case "heartbeat":
      return { colour: COLOURS.violet, parts: heartbeatParts(shown.data, presses) };
    case "digest":
      return { colour: COLOURS.violet, parts: digestParts(shown.data, presses) };
    case "task-card":
      return { colour: STATUS_LOOKS[shown.data.status][1], parts: taskCardParts(shown.data, presses) };
    case "proof-status": {
      const { data } = shown;
      if ("proof" in data) return { colour: COLOURS.amber, parts: unansweredParts(data, presses) };
      if ("proofs" in data)
        return { colour: replyColour(data), parts: proofReplyParts(data, words.split("\n")) };
      if (data.answer === null) return { colour: COLOURS.grey, parts: [text(0, block(words, TEXT_MAX))] };
      return answerLook(data.answer as unknown as Answer, presses);
    }
  }
}

/** A notice of another version's shape: its text says all of it. Only a completion may begin as one. */
function plainly({ kind, text: words }: Pick<Delivery, "kind" | "text">): Look {
  if (kind !== "auto-complete")
    return { colour: COLOURS.grey, parts: [text(0, block(words, TEXT_MAX) || "…")] };
  const rest = words.startsWith(AUTO_COMPLETE) ? words.slice(AUTO_COMPLETE.length).trim() : words;
  return { colour: COLOURS.blue, parts: [text(0, `${AUTO_COMPLETE} ${block(rest, TEXT_MAX)}`)] };
}
