import { el, refill } from "./element.js";
import { messageBody, spoken } from "./notices.js";
import { hourOf, wholeTime } from "./time.js";

/**
 * @typedef {import("../../../ports/local-chat.ts").LocalMessage} LocalMessage
 * @typedef {import("./card.js").Acts & { openThread: (id: number) => void }} ArticleActs
 */

/**
 * The bot's reactions. They are drawn, not typed: a machine without such a font shows them as well.
 *
 * @type {Record<string, { name: string, sign: string, state: string }>}
 */
const REACTIONS = {
  "⏳": { name: "being checked", sign: "…", state: "open" },
  "✅": { name: "the proof holds", sign: "✓", state: "good" },
  "❌": { name: "refused or failed", sign: "✕", state: "bad" },
};

/**
 * One message of the channel, drawn into its article.
 *
 * @param {HTMLElement} article
 * @param {LocalMessage} message
 * @param {ArticleActs} acts
 */
export function drawArticle(article, message, acts) {
  article.setAttribute("aria-label", `${hourOf(message.at)}, ${spoken(message)}`);
  refill(
    article,
    timeOf(message),
    el("span", { class: "node", "aria-hidden": "true" }),
    el("div", { class: "body" }, authorOf(message), messageBody(message, acts), threadButton(message, acts)),
  );
}

/**
 * When it was written; the link is the message's permalink, which is what proves that somebody said something.
 *
 * @param {LocalMessage} message
 */
export function timeOf({ id, at }) {
  return el(
    "a",
    { class: "when", href: `#message-${id}`, title: `${wholeTime(at)}, link to this message` },
    el("time", { datetime: new Date(at).toISOString() }, hourOf(at)),
  );
}

/**
 * Who wrote it, and what the bot thinks of it; nothing for the bot's own notices.
 *
 * @param {LocalMessage} message
 */
export function authorOf({ author, kind, reaction }) {
  const person = author.startsWith("person:");
  if (!person && kind !== "answer") return null;
  const name = person ? (author.split(":").at(-1) ?? author) : "gatehouse";
  return el(
    "p",
    { class: "author" },
    el("span", { class: person ? "person" : "bot" }, name),
    reaction === null ? null : reactionSign(reaction),
  );
}

/** @param {string | null} reaction */
export function reactionName(reaction) {
  return REACTIONS[reaction ?? ""]?.name ?? reaction ?? "";
}

/** @param {string} reaction */
function reactionSign(reaction) {
  const { sign, state } = REACTIONS[reaction] ?? { sign: reaction, state: "open" };
  const name = reactionName(reaction);
  return el(
    "span",
    {
      class: "reaction",
      role: "img",
      "aria-label": name,
      title: name,
      "data-state": state,
      "data-reaction": reaction,
    },
    sign,
  );
}

/**
 * @param {LocalMessage} message
 * @param {ArticleActs} acts
 */
function threadButton({ id, kind, replies, data }, { openThread }) {
  if (kind === "answer" && replies === 0) return null;
  const first = kind === "task-card" && data["status"] === "active" ? "Attach proof" : "Reply";
  const label = replies === 0 ? first : replies === 1 ? "1 reply" : `${replies} replies`;
  return el(
    "button",
    {
      type: "button",
      class: "quiet open-thread",
      "data-focus": "thread",
      "data-has": String(replies > 0),
      "data-wants": first === "Reply" ? "words" : "proof",
      click: () => openThread(id),
    },
    label,
  );
}
