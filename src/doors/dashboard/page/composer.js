import { ask } from "./ask.js";
import { byId, el } from "./element.js";
import { Options } from "./options.js";

/**
 * @typedef {import("../../chat/complete.ts").Completion} Completion
 * @typedef {{ send: (line: string) => Promise<boolean>, dismiss: () => boolean }} Listeners
 */

const PAUSE_MS = 60;
const HISTORY = 50;
const REST_HINT = "Type / for commands";

/**
 * The command line. Arrow keys choose from the list, Tab takes, Enter takes what was chosen or sends, Escape closes; with
 * an empty line the arrow keys bring back earlier lines.
 */
export class Composer {
  /** @type {Listeners} */ #listeners;
  #line = field();
  #hint = el("p", { class: "hint", id: "line-hint" }, REST_HINT);
  #options = new Options(this.#line, (index) => this.#take(index));
  /** @type {string[]} */ #history = [];
  /** How far back in the history the line is; -1 where it is new. */
  #back = -1;
  #sending = false;
  #timer = 0;
  #asked = new AbortController();

  /** @param {Listeners} listeners */
  constructor(listeners) {
    this.#listeners = listeners;
    const form = byId("composer");
    const button = el("button", { type: "submit", class: "send" }, "Send");
    form.append(this.#options.list, el("div", { class: "field" }, this.#line, button), this.#hint);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#line.addEventListener("input", () => {
      this.#back = -1;
      this.#look();
    });
    this.#line.addEventListener("blur", () => this.#options.hide());
    this.#line.addEventListener("keydown", (event) => {
      if (!event.isComposing && this.#key(event)) event.preventDefault();
    });
  }

  /** @param {string} words */
  prefill(words) {
    this.#line.value = words;
    this.#line.focus();
    this.#line.setSelectionRange(words.length, words.length);
    this.#look();
  }

  focus() {
    this.#line.focus();
  }

  /**
   * True where the key did something here.
   *
   * @param {KeyboardEvent} event
   */
  #key({ key, shiftKey }) {
    const options = this.#options;
    const arrow = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
    if (options.count > 0) {
      if (arrow !== 0) options.move(arrow);
      else if (key === "Tab" && !shiftKey) this.#take(Math.max(options.chosen, 0));
      else if (key === "Enter" && options.chosen >= 0) this.#take(options.chosen);
      else if (key === "Escape") options.hide();
      else return false;
      return true;
    }
    if (key === "Escape") return this.#listeners.dismiss();
    if (arrow === 0 || (this.#line.value !== "" && this.#back < 0)) return false;
    this.#recall(arrow);
    return true;
  }

  /** @param {number} index */
  #take(index) {
    const line = this.#options.completed(index);
    if (line === null) return;
    this.#line.value = line;
    this.#options.hide();
    this.#look();
  }

  /** Asks what may come next, a moment after the last key. */
  #look() {
    this.#stopLooking();
    const line = this.#line.value;
    if (!line.startsWith("/")) {
      this.#hint.replaceChildren(REST_HINT);
      this.#options.hide();
      return;
    }
    this.#timer = setTimeout(() => void this.#complete(line), PAUSE_MS);
  }

  #stopLooking() {
    clearTimeout(this.#timer);
    this.#asked.abort();
  }

  /** @param {string} line */
  async #complete(line) {
    this.#asked = new AbortController();
    const path = `/chat/completion?line=${encodeURIComponent(line)}`;
    /** @type {{ value: Completion } | { problem: import("./ask.js").Problem }} */
    const answered = await ask(path, undefined, this.#asked.signal);
    if (!("value" in answered) || this.#line.value !== line) return;
    const { suggestions, from, to, usage } = answered.value;
    this.#hint.replaceChildren(usage === null ? REST_HINT : el("code", {}, usage));
    const said = suggestions.length === 1 && suggestions[0]?.text === line.slice(from, to);
    if (suggestions.length === 0 || said || document.activeElement !== this.#line) this.#options.hide();
    else this.#options.show(answered.value);
  }

  async #submit() {
    const line = this.#line.value;
    if (line.trim() === "" || this.#sending) return;
    this.#sending = true;
    this.#stopLooking();
    this.#options.hide();
    const sent = await this.#listeners.send(line);
    this.#sending = false;
    if (!sent) return;
    if (this.#history.at(-1) !== line) this.#history.push(line);
    this.#history.splice(0, Math.max(0, this.#history.length - HISTORY));
    this.#back = -1;
    if (this.#line.value === line) this.#line.value = "";
    this.#hint.replaceChildren(REST_HINT);
  }

  /** @param {number} step */
  #recall(step) {
    const index = (this.#back < 0 ? this.#history.length : this.#back) + step;
    if (index < 0 || index > this.#history.length) return;
    this.#back = index === this.#history.length ? -1 : index;
    this.#line.value = this.#history[index] ?? "";
  }
}

function field() {
  return el("input", {
    id: "line",
    type: "text",
    role: "combobox",
    "aria-label": "Command line",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "options",
    "aria-describedby": "line-hint",
    placeholder: "/gate help",
    maxlength: 4000,
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
    enterkeyhint: "send",
  });
}
