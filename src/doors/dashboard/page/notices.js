import { answerBody } from "./answers.js";
import { choices } from "./buttons.js";
import { taskCard } from "./card.js";
import { contradiction } from "./contradiction.js";
import { el, said, withCode } from "./element.js";
import { linkTo } from "./verdict.js";

/**
 * @typedef {import("../../../ports/local-chat.ts").LocalMessage} LocalMessage
 * @typedef {import("../../../core/card.ts").TaskCard} TaskCard
 * @typedef {import("../../../core/notice.ts").AutoCompleteData} AutoCompleteData
 * @typedef {import("../../../core/need.ts").ShownNeed} ShownNeed
 * @typedef {import("../../../core/button.ts").Button} Button
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
      return completion(message, acts);
    case "task-card":
      return taskCard(/** @type {TaskCard} */ (/** @type {unknown} */ (message.data)), acts);
    case "contradiction":
      return contradiction(message, acts) ?? labelled("contradiction", "Contradiction", message, acts);
    case "heartbeat":
      return report("heartbeat", "Heartbeat", message, acts);
    case "digest":
      return report("digest", "Digest", message, acts);
    case "correction":
      return labelled("correction", "Correction", message, acts);
    case "proof-status":
      if (message.data["answer"] != null) return answered(message, acts);
      return el(
        "div",
        { class: "status-line" },
        lines(message.text),
        choices(buttonsOf(message), message.task ?? "it", acts),
      );
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
 * @param {Acts} acts
 */
function completion({ data }, acts) {
  const { key, title, agent, attempt, proofs, buttons } = /** @type {AutoCompleteData} */ (
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
    choices(buttons, key, acts),
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
 * @param {Acts} acts
 */
function labelled(name, label, message, acts) {
  return el(
    "div",
    { class: `notice ${name}` },
    el("p", { class: "label" }, label),
    el("div", { class: "text" }, lines(message.text)),
    choices(buttonsOf(message), message.task ?? "it", acts),
  );
}

/**
 * @param {LocalMessage} message
 * @returns {readonly Button[] | undefined}
 */
function buttonsOf({ data }) {
  return /** @type {{ buttons?: readonly Button[] }} */ (/** @type {unknown} */ (data)).buttons;
}

/**
 * A heartbeat or a digest: its text, and each line about somebody who is needed with what can be done about it.
 *
 * @param {string} name
 * @param {string} label
 * @param {LocalMessage} message
 * @param {Acts} acts
 */
function report(name, label, { text, data }, acts) {
  const { needs } = /** @type {{ needs?: readonly ShownNeed[] }} */ (/** @type {unknown} */ (data));
  const waiting = [...(needs ?? [])];
  return el(
    "div",
    { class: `notice ${name}` },
    el("p", { class: "label" }, label),
    el(
      "div",
      { class: "text" },
      text.split("\n").map((line) => {
        const at = waiting.findIndex((need) => need.text === line);
        const [need] = at === -1 ? [] : waiting.splice(at, 1);
        const about = need?.task ?? `contradiction ${need?.id ?? ""}`;
        const told = el("p", {}, el("bdi", {}, withCode(line)));
        return need === undefined
          ? told
          : el("div", { class: "need", "data-kind": need.kind }, told, choices(need.buttons, about, acts));
      }),
    ),
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
  if (answer === undefined) return el("div", { class: "said" }, lines(message.text));
  const typed = line === undefined ? null : el("p", { class: "line" }, said(line));
  return el("div", { class: "command" }, typed, answerBody(answer, acts));
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
