import { choices } from "./buttons.js";
import { el, said, withCode } from "./element.js";
import { hourOf, wholeTime } from "./time.js";

/**
 * @typedef {import("../../../ports/local-chat.ts").LocalMessage} LocalMessage
 * @typedef {import("./card.js").Acts} Acts
 * @typedef {import("../../../core/contradiction-notice.ts").ContradictionMessage} Shown
 */

const STATES = {
  open: "",
  acknowledged: "looked after",
  snoozed: "silent",
  escalated: "escalated",
  healed: "mended",
  resolved: "over",
};

/**
 * Where words and queue part ways: what is so, since when, where it comes from, and what can be done about it. Null where
 * the message says so in words alone.
 *
 * @param {LocalMessage} message
 * @param {Acts} acts
 */
export function contradiction(message, acts) {
  const { step } = /** @type {{ step?: string }} */ (message.data);
  if (step !== undefined) return el("div", { class: "status-line" }, el("p", {}, withCode(message.text)));
  if (typeof message.data["title"] !== "string") return null;
  const shown = /** @type {Shown} */ (/** @type {unknown} */ (message.data));
  const over = shown.state === "healed" || shown.state === "resolved";
  const state = STATES[shown.state];
  return el(
    "div",
    { class: `notice contradiction${over ? " over" : ""}`, "data-state": shown.state },
    el(
      "p",
      { class: "label" },
      `Contradiction #${shown.id} · ${shown.title}`,
      state === "" ? null : el("span", { class: "fine" }, ` · ${state}`),
    ),
    el("div", { class: "text" }, el("p", {}, el("bdi", {}, withCode(shown.detail)))),
    el(
      "p",
      { class: "fine" },
      said(shown.source),
      " · since ",
      el("time", { title: wholeTime(shown.openedAt) }, hourOf(shown.openedAt)),
      shown.count > 1 ? ` · seen in ${shown.count} runs` : "",
      whatNow(shown),
    ),
    choices(shown.buttons, `contradiction ${shown.id}`, acts),
  );
}

/** @param {Shown} shown */
function whatNow({ state, acknowledgedBy, snoozedUntil, remark }) {
  const who = state === "acknowledged" ? ` · ${acknowledgedBy ?? "somebody"} looks after it` : "";
  const until = state === "snoozed" ? ` · until ${wholeTime(snoozedUntil ?? 0)}` : "";
  return said(`${who}${until}${remark === null ? "" : ` · ${remark}`}`);
}
