import { answerBody } from "./answers.js";
import { taskCard } from "./card.js";
import { contradiction } from "./contradiction.js";
import { el, said, withCode } from "./element.js";
import { linkTo } from "./verdict.js";

/**
 * @typedef {import("../../../ports/local-chat.ts").LocalMessage} LocalMessage
 * @typedef {import("../../../core/card.ts").TaskCard} TaskCard
 * @typedef {import("../../../ports/chat-answer.ts").Answer} Answer
 * @typedef {import("./card.js").Acts} Acts
 */

/**
 * What a message looks like, by its kind. A kind without a case is a type error here, so none is ever forgotten.
 *
 * @param {LocalMessage} message
 * @param {Acts} acts
 * @returns {HTMLElement}
 */
export function messageBody(message, acts) {
  const { kind } = message;
  switch (kind) {
    case "auto-complete":
      return completion(message);
    case "task-card":
      return taskCard(/** @type {TaskCard} */ (/** @type {unknown} */ (message.data)), acts);
    case "contradiction":
      return contradiction(message, acts) ?? labelled("contradiction", "Contradiction", message);
    case "heartbeat":
      return labelled("heartbeat", "Heartbeat", message);
    case "digest":
      return labelled("digest", "Digest", message);
    case "correction":
      return labelled("correction", "Correction", message);
    case "proof-status":
      return el("div", { class: "status-line" }, lines(message.text));
    case "said":
      return words(message);
    case "answer":
      return answered(message, acts);
    default:
      return unknown(kind);
  }
}

/** @param {never} kind */
function unknown(kind) {
  return el("p", { class: "fine" }, `A message of kind ${String(kind)}: reload the page to see it.`);
}

/**
 * The one announcement that counts. Nothing else on the page looks like it.
 *
 * @param {LocalMessage} message
 */
function completion({ data }) {
  const { key, title, agent, attempt, proofs } =
    /** @type {{ key: string, title: string, agent: string, attempt: string, proofs: { requirement: string, evidence: string }[] }} */ (
      /** @type {unknown} */ (data)
    );
  return el(
    "div",
    { class: "completion" },
    el("p", { class: "cry" }, discs(), " AUTO-COMPLETE"),
    el("h3", { class: "title" }, el("span", { class: "key" }, key), " ", said(title)),
    el(
      "ul",
      { class: "evidence", "aria-label": "Proved by" },
      proofs.map(({ requirement, evidence }) =>
        el(
          "li",
          {},
          el("span", { class: "sign", "aria-hidden": "true" }, "✓"),
          said(requirement, "name"),
          el("code", { title: evidence }, evidence),
        ),
      ),
    ),
    el("p", { class: "fine" }, said(agent), ` · attempt ${attempt}`),
  );
}

/** Three blue discs, as text for whoever copies them, and drawn, so that every machine shows them. */
function discs() {
  const one = () => el("span", { class: "disc" }, "🔵");
  return el("span", { class: "discs", "aria-hidden": "true" }, one(), one(), one());
}

/**
 * @param {string} name
 * @param {string} label
 * @param {LocalMessage} message
 */
function labelled(name, label, message) {
  return el(
    "div",
    { class: `notice ${name}` },
    el("p", { class: "label" }, label),
    el("div", { class: "text" }, lines(message.text)),
  );
}

/** @param {string} text */
function lines(text) {
  return text.split("\n").map((line) => el("p", {}, el("bdi", {}, withCode(line))));
}

/**
 * What a person wrote: words as they are, links by where they lead.
 *
 * @param {string} text
 */
function speech(text) {
  return text.split("\n").map((line) =>
    el(
      "p",
      {},
      line
        .split(/((?:https?:\/\/|file:|command:)[^\s<>"']+)/iu)
        .map((part, index) => (index % 2 === 1 ? linkTo(part) : said(part))),
    ),
  );
}

/**
 * What a person wrote, and whether it still stands as it was written.
 *
 * @param {LocalMessage} message
 */
function words({ text, data }) {
  if (data["deletedAt"] !== undefined) return el("p", { class: "fine" }, "This message was deleted.");
  const edited = data["editedAt"] === undefined ? null : el("p", { class: "fine" }, "edited");
  return el("div", { class: "said" }, speech(text), edited);
}

/**
 * A command that changed something, with what it did; or the bot's words in a thread.
 *
 * @param {LocalMessage} message
 * @param {Acts} acts
 */
function answered(message, acts) {
  const { line, answer } = /** @type {{ line?: string, answer?: Answer }} */ (message.data);
  if (line === undefined || answer === undefined) return el("div", { class: "said" }, lines(message.text));
  return el("div", { class: "command" }, el("p", { class: "line" }, said(line)), answerBody(answer, acts));
}

/**
 * A message in one sentence, for people who listen.
 *
 * @param {LocalMessage} message
 */
export function spoken(message) {
  if (message.data["deletedAt"] !== undefined) return "A deleted message";
  const first = message.text.split("\n")[0] ?? "";
  if (message.kind !== "task-card") return first;
  const card = /** @type {TaskCard} */ (/** @type {unknown} */ (message.data));
  return `${card.key} ${card.title}: ${card.status}${card.block === null ? "" : `. ${card.block.question}`}`;
}
