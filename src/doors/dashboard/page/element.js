/**
 * @typedef {string | Node | null | undefined | false} Child
 * @typedef {{ [name: string]: string | number | boolean | null | undefined | ((event: any) => void) }} Attributes
 */

/**
 * One element. Children that are strings become text and never markup; attributes that are false, null or undefined are
 * left out; a function listens to the event of that name.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...nodes(children));
  return element;
}

/** @param {(Child | Child[])[]} children */
function nodes(children) {
  return children
    .flat()
    .filter((child) => child !== null && child !== undefined && child !== false && child !== "")
    .map((child) => /** @type {string | Node} */ (child));
}

/**
 * The element of the page with this id; it is in the page's own markup.
 *
 * @param {string} id
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * What somebody wrote, kept to itself: its direction changes nothing around it.
 *
 * @param {string} text
 * @param {string} [className]
 */
export function said(text, className) {
  return el("bdi", { class: className }, text);
}

/**
 * Text of the bot's own, where `code` stands between backticks.
 *
 * @param {string} text
 * @returns {Child[]}
 */
export function withCode(text) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? el("code", {}, part) : part));
}

/**
 * Replaces what an element holds, and gives the focus back to what stood at the same place.
 *
 * @param {Element} element
 * @param {...Node} children
 */
export function refill(element, ...children) {
  const focused = element.contains(document.activeElement)
    ? document.activeElement?.getAttribute("data-focus")
    : null;
  element.replaceChildren(...children);
  if (focused === null || focused === undefined) return;
  const again = [...element.querySelectorAll("[data-focus]")].find(
    (one) => one.getAttribute("data-focus") === focused,
  );
  if (again instanceof HTMLElement) again.focus();
}
