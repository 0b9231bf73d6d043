import { announce } from "./announce.js";
import { drawArticle } from "./article.js";
import { byId, el } from "./element.js";
import { spoken } from "./notices.js";
import { dayOf } from "./time.js";

/**
 * @typedef {import("../../../ports/local-chat.ts").LocalMessage} LocalMessage
 * @typedef {import("./article.js").ArticleActs} ArticleActs
 * @typedef {{ message: LocalMessage, article: HTMLElement }} Shown
 */

/** How many messages stay on the page while it is left open; what is older is a press of a button away. */
const KEPT = 400;

/** Within so many pixels of its end the channel follows what is new. */
const FOLLOWS = 80;

/** The channel itself: messages in the order they were posted, each drawn anew where it stands when it changes. */
export class Channel {
  /** @type {ArticleActs} */ #acts;
  /** By id, in the order of the ids. @type {Map<number, Shown>} */ #shown = new Map();
  #feed = byId("feed");
  #scroll = byId("scroll");
  #newer = byId("newer");
  #unread = 0;

  /** @param {ArticleActs} acts */
  constructor(acts) {
    this.#acts = acts;
    this.#newer.addEventListener("click", () => this.#toEnd());
    this.#scroll.addEventListener("scroll", () => {
      if (this.#follows()) this.#newer.hidden = true;
    });
    this.#feed.addEventListener("keydown", (event) => this.#walk(event));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.#unread = 0;
      document.title = "Gatehouse";
    });
  }

  /**
   * A page of the channel, on opening it and when somebody looks further back.
   *
   * @param {readonly LocalMessage[]} messages
   */
  fill(messages) {
    const { scrollHeight, scrollTop } = this.#scroll;
    const first = this.#shown.size === 0;
    for (const message of messages) if (!this.#shown.has(message.id)) this.#insert(message);
    this.#arrange();
    this.#feed.setAttribute("aria-busy", "false");
    if (first) this.#toEnd();
    else this.#scroll.scrollTop = scrollTop + this.#scroll.scrollHeight - scrollHeight;
  }

  /** The id of the first message on the page; undefined where there is none. */
  get oldest() {
    return this.#shown.keys().next().value;
  }

  clear() {
    this.#shown.clear();
    this.#feed.replaceChildren();
  }

  /**
   * A message as it is now; one that was seen in this state already changes nothing.
   *
   * @param {LocalMessage} message
   */
  show(message) {
    if (message.thread !== null) return;
    const known = this.#shown.get(message.id);
    if (known !== undefined && known.message.change >= message.change) return;
    const following = this.#follows();
    if (known === undefined) this.#add(message, following);
    else if (!this.#change(known, message)) return;
    announce(spoken(message));
    if (following) this.#toEnd();
    else if (known === undefined) this.#newer.hidden = false;
  }

  /**
   * Gives the focus back to a message whose thread was closed.
   *
   * @param {number} id
   */
  focus(id) {
    const button = this.#shown.get(id)?.article.querySelector(".open-thread");
    if (button instanceof HTMLElement) button.focus();
  }

  #follows() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < FOLLOWS;
  }

  #toEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#newer.hidden = true;
  }

  /**
   * @param {LocalMessage} message
   * @param {boolean} following
   */
  #add(message, following) {
    this.#insert(message).classList.add("arrived");
    const [oldest] = this.#shown.values();
    if (this.#shown.size > KEPT && following && oldest !== undefined) {
      oldest.article.remove();
      this.#shown.delete(oldest.message.id);
      byId("earlier").hidden = false;
    }
    this.#arrange();
    if (!document.hidden) return;
    this.#unread += 1;
    document.title = `(${this.#unread}) Gatehouse`;
  }

  /**
   * True where it says something else than before; a reply below it alone is not worth a word.
   *
   * @param {Shown} known
   * @param {LocalMessage} message
   */
  #change(known, message) {
    const told = known.message.text !== message.text;
    known.message = message;
    drawArticle(known.article, message, this.#acts);
    if (told) flash(known.article);
    return told;
  }

  /** @param {LocalMessage} message */
  #insert(message) {
    const { id, kind } = message;
    const article = el("article", { class: "message", "data-id": id, "data-kind": kind, tabindex: -1 });
    drawArticle(article, message, this.#acts);
    const after = [...this.#shown.values()].find((one) => one.message.id > id);
    this.#feed.insertBefore(article, after?.article ?? null);
    this.#shown.set(id, { message, article });
    if (after !== undefined) this.#shown = new Map([...this.#shown].toSorted(([a], [b]) => a - b));
    return article;
  }

  /** Says each day once, and which message stands where. */
  #arrange() {
    let day = "";
    let position = 0;
    for (const { message, article } of this.#shown.values()) {
      position += 1;
      article.setAttribute("aria-posinset", String(position));
      article.setAttribute("aria-setsize", "-1");
      const today = dayOf(message.at);
      article.dataset["day"] = today === day ? "" : today;
      day = today;
    }
    if (this.#feed.querySelector(':scope > [tabindex="0"]') === null) {
      this.#feed.lastElementChild?.setAttribute("tabindex", "0");
    }
    byId("empty").hidden = this.#shown.size > 0;
  }

  /**
   * Arrow keys walk from message to message; R opens the thread of the one in focus.
   *
   * @param {KeyboardEvent} event
   */
  #walk(event) {
    const article = event.target instanceof HTMLElement ? event.target : null;
    if (article?.parentElement !== this.#feed || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = /** @type {Record<string, Element | null>} */ ({
      ArrowUp: article.previousElementSibling,
      ArrowDown: article.nextElementSibling,
      Home: this.#feed.firstElementChild,
      End: this.#feed.lastElementChild,
    });
    if (event.key.toLowerCase() === "r") {
      event.preventDefault();
      this.#acts.openThread(Number(article.dataset["id"]));
    } else if (event.key in steps) {
      event.preventDefault();
      const to = steps[event.key];
      if (!(to instanceof HTMLElement)) return;
      this.#feed.querySelector(':scope > [tabindex="0"]')?.setAttribute("tabindex", "-1");
      to.setAttribute("tabindex", "0");
      to.focus();
      to.scrollIntoView({ block: "nearest" });
    }
  }
}

/** @param {HTMLElement} article */
function flash(article) {
  article.classList.remove("changed");
  // Reading the layout makes the animation begin anew.
  void article.offsetWidth;
  article.classList.add("changed");
}
