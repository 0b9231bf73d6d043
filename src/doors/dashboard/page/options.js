import { el, said } from "./element.js";

/**
 * @typedef {import("../../chat/complete.ts").Completion} Completion
 */

/** The list of what may come next in the command line: one is chosen at a time, none at first. */
export class Options {
  /** @type {HTMLInputElement} */ #line;
  /** @type {(index: number) => void} */ #onTake;
  /** @type {Completion | null} */ #offer = null;
  #chosen = -1;
  list = el("ul", {
    id: "options",
    class: "options",
    role: "listbox",
    "aria-label": "What may come next",
    hidden: true,
  });

  /**
   * @param {HTMLInputElement} line
   * @param {(index: number) => void} onTake Somebody pressed on the suggestion of this index.
   */
  constructor(line, onTake) {
    this.#line = line;
    this.#onTake = onTake;
  }

  get count() {
    return this.#offer?.suggestions.length ?? 0;
  }

  /** The chosen one's index; -1 where none is. */
  get chosen() {
    return this.#chosen;
  }

  /**
   * The whole line with a suggestion in its place; null where there is no such suggestion.
   *
   * @param {number} index
   */
  completed(index) {
    const suggestion = this.#offer?.suggestions[index];
    if (!this.#offer || suggestion === undefined) return null;
    return `${this.#line.value.slice(0, this.#offer.from)}${suggestion.text} `;
  }

  /** @param {Completion} offer */
  show(offer) {
    this.#offer = offer;
    this.#chosen = -1;
    this.list.replaceChildren(...offer.suggestions.map((one, index) => this.#option(one, index)));
    this.list.hidden = false;
    this.#line.setAttribute("aria-expanded", "true");
    this.#line.removeAttribute("aria-activedescendant");
  }

  hide() {
    this.#offer = null;
    this.#chosen = -1;
    this.list.hidden = true;
    this.#line.setAttribute("aria-expanded", "false");
    this.#line.removeAttribute("aria-activedescendant");
  }

  /** @param {1 | -1} step */
  move(step) {
    const count = this.count;
    this.#chosen = step > 0 ? (this.#chosen + 1) % count : (this.#chosen <= 0 ? count : this.#chosen) - 1;
    for (const [index, option] of [...this.list.children].entries()) {
      option.setAttribute("aria-selected", String(index === this.#chosen));
    }
    this.list.children[this.#chosen]?.scrollIntoView({ block: "nearest" });
    this.#line.setAttribute("aria-activedescendant", `option-${this.#chosen}`);
  }

  /**
   * @param {Completion["suggestions"][number]} suggestion
   * @param {number} index
   */
  #option({ text, about }, index) {
    /** @param {MouseEvent} event */
    const press = (event) => {
      // The field keeps the focus.
      event.preventDefault();
      this.#onTake(index);
    };
    return el(
      "li",
      { id: `option-${index}`, role: "option", "aria-selected": "false", mousedown: press },
      el("span", { class: "option" }, text),
      said(about, "about"),
    );
  }
}
