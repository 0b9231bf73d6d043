import { el, said } from "./element.js";

/**
 * @typedef {import("../../../core/button.ts").Button} Button
 * @typedef {import("./card.js").Acts} Acts
 */

/**
 * What can be done about a message, as the bot wrote it. A button that needs words puts its line where commands are typed.
 * Null where there is nothing to do, or where another version wrote the message.
 *
 * @param {readonly Button[] | undefined} buttons
 * @param {string} about What it is about, for people who listen.
 * @param {Acts} acts
 */
export function choices(buttons, about, acts) {
  const known = (buttons ?? []).filter(({ line }) => typeof line === "string");
  if (known.length === 0) return null;
  return el(
    "div",
    { class: "choices", role: "group", "aria-label": `What to do about ${about}` },
    known.map((button) => choice(button, about, acts)),
  );
}

/**
 * @param {Button} button
 * @param {string} about
 * @param {Acts} acts
 */
function choice({ label, line, asks }, about, acts) {
  return el(
    "button",
    {
      type: "button",
      class: asks === null && !line.startsWith("/gate show ") ? "choice" : "choice quiet",
      "data-focus": `choice ${about} ${label}`,
      title: asks,
      click: () => (asks === null ? acts.run(line) : acts.prefill(`${line} `)),
    },
    said(label),
  );
}
