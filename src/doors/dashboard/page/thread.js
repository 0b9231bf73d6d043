import { announce } from "./announce.js";
import { answerBody } from "./answers.js";
import { authorOf, reactionName, timeOf } from "./article.js";
import { ask } from "./ask.js";
import { byId, el, refill, said } from "./element.js";
import { messageBody, spoken } from "./notices.js";
import { ownActs } from "./own-message.js";

/**
 * @typedef {import("../../../ports/local-chat.ts").LocalMessage} LocalMessage
 * @typedef {import("../../../ports/local-speech.ts").Spoken} Spoken
 * @typedef {import("./ask.js").Problem} Problem
 * @typedef {import("./card.js").Acts} Acts
 */

/** The panel beside the channel that shows one message and what stands below it. */
export class Thread {
  /** @type {Acts} */ #acts;
  /** @type {(id: number) => void} */ #onClosed;
  /** @type {{ id: number, head: LocalMessage, replies: Map<number, LocalMessage> } | null} */ #open = null;
  #panel = byId("thread");
  #list = byId("thread-replies");
  #text = /** @type {HTMLTextAreaElement} */ (byId("reply-text"));
  #sending = false;

  /**
   * @param {Acts} acts
   * @param {(id: number) => void} onClosed Told the id of the message whose thread it was.
   */
  constructor(acts, onClosed) {
    this.#acts = acts;
    this.#onClosed = onClosed;
    byId("thread-close").addEventListener("click", () => this.close());
    this.#panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    byId("reply").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void this.#send();
    });
  }

  /** @param {number} id */
  async open(id) {
    /** @type {{ value: { head: LocalMessage, messages: LocalMessage[] } } | { problem: Problem }} */
    const answered = await ask(`/chat/threads/${id}`);
    if ("problem" in answered) {
      announce(`${answered.problem.title}. ${answered.problem.hint}`);
      return;
    }
    const { head, messages } = answered.value;
    this.#open = { id, head, replies: new Map(messages.map((message) => [message.id, message])) };
    this.#list.replaceChildren();
    this.#drawHead(head);
    for (const message of messages) this.#drawReply(message);
    this.#panel.hidden = false;
    this.#text.focus();
    this.#toEnd();
  }

  close() {
    if (this.#open === null) return;
    const { id } = this.#open;
    this.#open = null;
    this.#panel.hidden = true;
    this.#onClosed(id);
  }

  /**
   * A message as it is now, drawn if it belongs here.
   *
   * @param {LocalMessage} message
   */
  show(message) {
    const open = this.#open;
    if (open === null) return;
    if (message.id === open.id && message.change > open.head.change) {
      open.head = message;
      this.#drawHead(message);
    }
    const known = open.replies.get(message.id);
    if (message.thread !== open.id || (known?.change ?? 0) >= message.change) return;
    open.replies.set(message.id, message);
    this.#drawReply(message);
    this.#toEnd();
    const reacted = known !== undefined && known.reaction !== message.reaction;
    announce(reacted ? `Your reply: ${reactionName(message.reaction)}` : spoken(message));
  }

  async #send() {
    const text = this.#text.value.trim();
    if (this.#open === null || text === "" || this.#sending) return;
    this.#sending = true;
    /** @type {{ value: Spoken } | { problem: Problem }} */
    const answered = await ask(`/chat/threads/${this.#open.id}`, { text });
    this.#sending = false;
    if ("problem" in answered) {
      const { title, hint } = answered.problem;
      this.#tell(title, el("p", {}, said(hint)));
      announce(`${title}. ${hint}`);
      return;
    }
    this.#text.value = "";
    const { answer, message } = answered.value;
    if (answer !== null && message === null) this.#tell("Only you see this", answerBody(answer, this.#acts));
  }

  /** @param {LocalMessage} head */
  #drawHead(head) {
    byId("thread-name").textContent = head.task ?? "Thread";
    refill(byId("thread-head"), messageBody(head, this.#acts));
  }

  /** @param {LocalMessage} message */
  #drawReply(message) {
    const author =
      authorOf(message) ?? el("p", { class: "author" }, el("span", { class: "bot" }, "gatehouse"));
    const item = el(
      "li",
      { class: "message", id: `message-${message.id}`, "data-id": message.id, "data-kind": message.kind },
      el("div", { class: "who" }, author, timeOf(message)),
      messageBody(message, this.#acts),
      ownActs(message, (problem) => this.#tell(problem.title, el("p", {}, said(problem.hint)))),
    );
    const before = this.#list.querySelector(`[data-id="${message.id}"]`);
    if (before === null) this.#list.append(item);
    else before.replaceWith(item);
  }

  /**
   * Something for this person alone; gone when the thread is opened anew.
   *
   * @param {string} title
   * @param {HTMLElement} body
   */
  #tell(title, body) {
    this.#list.append(el("li", { class: "message alone" }, el("p", { class: "author" }, title), body));
    this.#toEnd();
  }

  #toEnd() {
    const scroll = byId("thread-scroll");
    scroll.scrollTop = scroll.scrollHeight;
  }
}
