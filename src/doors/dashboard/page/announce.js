import { byId } from "./element.js";

/** @type {string[]} */
let waiting = [];

/**
 * Says a sentence to people who listen to the page. Several at once become one: a storm of changes must not talk over
 * itself.
 *
 * @param {string} sentence
 */
export function announce(sentence) {
  waiting.push(sentence);
  if (waiting.length > 1) return;
  setTimeout(() => {
    byId("announcer").textContent =
      waiting.length > 3 ? `${waiting.length} changes. ${waiting.at(-1)}` : waiting.join(" ");
    waiting = [];
  }, 150);
}
