import { announce } from "./announce.js";
import { answerBody } from "./answers.js";
import { byId, el, said } from "./element.js";

/**
 * @typedef {import("../../../ports/chat-answer.ts").Answer} Answer
 * @typedef {import("./card.js").Acts} Acts
 */

const KEPT = 4;

/**
 * Answers that only the person at this page sees: below the channel's last message, gone when dismissed or reloaded.
 *
 * @param {Acts & { confirm: (line: string) => void, focusLine: () => void }} acts
 */
export function asides(acts) {
  const region = byId("asides");

  /**
   * @param {string} line
   * @param {HTMLElement} body
   * @param {Node[]} buttons
   */
  const add = (line, body, buttons = []) => {
    const aside = el(
      "div",
      { class: "aside", role: "group", "aria-label": `Answer to ${line}`, tabindex: -1 },
      el(
        "header",
        {},
        el("code", { class: "asked" }, line),
        el("span", { class: "fine" }, "only you see this"),
        el(
          "button",
          { type: "button", class: "quiet", "aria-label": "Dismiss", click: () => remove(aside) },
          "✕",
        ),
      ),
      body,
      buttons.length === 0 ? null : el("div", { class: "choices" }, buttons),
    );
    region.append(aside);
    while (region.children.length > KEPT) region.firstElementChild?.remove();
    aside.scrollIntoView({ block: "nearest" });
    return aside;
  };

  /** @param {Element} aside */
  const remove = (aside) => {
    aside.remove();
    acts.focusLine();
  };

  return {
    /**
     * @param {string} line
     * @param {Answer} answer
     */
    answer(line, answer) {
      const body = answerBody(answer, acts);
      if (answer.kind !== "confirm") {
        add(line, body);
        announce(body.textContent?.slice(0, 400) ?? "");
        return;
      }
      const aside = add(line, body, [
        el(
          "button",
          {
            type: "button",
            class: "choice strong",
            click: () => {
              remove(aside);
              acts.confirm(answer.line);
            },
          },
          "Do it",
        ),
        el("button", { type: "button", class: "choice", click: () => remove(aside) }, "Leave it"),
      ]);
      // Not on a button: whoever pressed Enter twice has not agreed to anything.
      aside.focus();
      announce(answer.question);
    },

    /**
     * @param {string} line
     * @param {import("./ask.js").Problem} problem
     */
    problem(line, { title, hint }) {
      add(line, el("div", { class: "refusal" }, el("p", { class: "gate" }, title), el("p", {}, said(hint))));
      announce(`${title}. ${hint}`);
    },

    /** Takes the last one away; false where there is none. */
    dismiss() {
      const last = region.lastElementChild;
      if (last !== null) remove(last);
      return last !== null;
    },
  };
}
