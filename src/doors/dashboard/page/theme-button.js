import { byId } from "./element.js";

const KEY = "gatehouse-theme";
const ORDER = /** @type {const} */ (["system", "light", "dark"]);
const SHOWN = { system: "◐", light: "☀", dark: "☾" };
const NAMES = { system: "as the system", light: "light", dark: "dark" };

/** The button that goes through the colours: as the system, light, dark. */
export function themeButton() {
  const button = byId("theme");
  const root = document.documentElement;
  const draw = () => {
    const now = current();
    button.textContent = SHOWN[now];
    button.setAttribute("aria-label", `Colours: ${NAMES[now]}`);
    button.title = `Colours: ${NAMES[now]}`;
  };
  button.addEventListener("click", () => {
    const next = ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length] ?? "system";
    if (next === "system") {
      delete root.dataset["theme"];
      localStorage.removeItem(KEY);
    } else {
      root.dataset["theme"] = next;
      localStorage.setItem(KEY, next);
    }
    draw();
  });
  draw();
}

/** @returns {(typeof ORDER)[number]} */
function current() {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}
