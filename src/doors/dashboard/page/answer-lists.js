import { el, said } from "./element.js";
import { dayOf, hourOf, wholeTime } from "./time.js";

/**
 * @typedef {import("../../../ports/chat-answer.ts").Answer} Answer
 * @typedef {import("./card.js").Acts} Acts
 */

/** @param {Extract<Answer, { kind: "digest" }>} answer */
export function digest({ lines }) {
  const [title = "", ...rest] = lines;
  return el(
    "div",
    { class: "digest-answer" },
    el("p", {}, el("b", {}, said(title))),
    rest.map((line) => el("p", {}, said(line))),
  );
}

/**
 * @param {Extract<Answer, { kind: "findings" }>} answer
 * @param {Acts} acts
 */
export function findings({ valid, checkedAt, tasks, findings: found, more }, acts) {
  return el(
    "div",
    { class: "tasks" },
    el(
      "p",
      { class: valid ? "done" : undefined },
      el("span", { class: "sign", "aria-hidden": "true" }, valid ? "✓" : "✕"),
      `The queue is ${valid ? "valid" : "not valid"}: ${tasks} tasks, checked at ${hourOf(Date.parse(checkedAt))}.`,
    ),
    found.length === 0
      ? null
      : table(
          "Findings",
          ["Code", "About", "Finding"],
          found.map(({ code, severity, task, lane, detail, fix }) => [
            el("th", { scope: "row" }, code, el("span", { class: "fine" }, ` ${severity}`)),
            el("td", {}, task === undefined ? said(lane ?? "") : key(task, acts)),
            el("td", { class: "wide" }, said(detail), el("span", { class: "fine" }, " ", said(fix))),
          ]),
        ),
    more === 0 ? null : el("p", { class: "fine" }, `and ${more} more`),
  );
}

/**
 * @param {Extract<Answer, { kind: "audit" }>} answer
 * @param {Acts} acts
 */
export function audit({ events, next }, acts) {
  if (events.length === 0) return el("p", {}, "Nothing of that is in the log.");
  return el(
    "div",
    { class: "tasks" },
    table(
      "Events",
      ["At", "Task", "Event", "By"],
      events.map(({ at, task, event, actor, detail }) => [
        el("th", { scope: "row" }, el("time", { title: wholeTime(at) }, `${dayOf(at)}, ${hourOf(at)}`)),
        el("td", {}, task === null ? null : key(task, acts)),
        el(
          "td",
          { class: "wide" },
          event,
          detail === "" ? null : el("span", { class: "fine" }, " · ", said(detail)),
        ),
        el("td", { class: "fine" }, said(actor)),
      ]),
    ),
    next === null
      ? null
      : el(
          "p",
          {},
          el("button", { type: "button", class: "command-link", click: () => acts.run(next) }, "Earlier"),
        ),
  );
}

/** @param {string} url */
export function link(url) {
  return el("a", { href: url }, url);
}

/**
 * @param {string} task
 * @param {Acts} acts
 */
function key(task, acts) {
  const click = () => acts.run(`/gate show ${task}`);
  return el("button", { type: "button", class: "command-link key", click }, task);
}

/**
 * @param {string} caption
 * @param {readonly string[]} columns
 * @param {HTMLElement[][]} rows
 */
function table(caption, columns, rows) {
  return el(
    "table",
    {},
    el("caption", { class: "hidden" }, caption),
    el(
      "thead",
      { class: "hidden" },
      el(
        "tr",
        {},
        columns.map((name) => el("th", { scope: "col" }, name)),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((cells) => el("tr", {}, cells)),
    ),
  );
}
