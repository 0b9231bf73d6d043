import { audit, digest, findings, link } from "./answer-lists.js";
import { statusPill, taskCard } from "./card.js";
import { el, said, withCode } from "./element.js";

/**
 * @typedef {import("../../../ports/chat-answer.ts").Answer} Answer
 * @typedef {import("../../../ports/chat-answer.ts").HelpEntry} HelpEntry
 * @typedef {import("./card.js").Acts} Acts
 */

/**
 * What the bot answers, by the answer's kind; a kind without a case is a type error.
 *
 * @param {Answer} answer
 * @param {Acts} acts
 * @returns {HTMLElement}
 */
export function answerBody(answer, acts) {
  switch (answer.kind) {
    case "done":
      return el(
        "p",
        { class: "done" },
        el("span", { class: "sign", "aria-hidden": "true" }, "✓"),
        said(answer.text),
      );
    case "refused":
      return refusal(answer.refusal);
    case "misunderstood":
      return el(
        "div",
        { class: "misunderstood" },
        el("p", {}, withCode(answer.text)),
        answer.suggestions.map((line) => el("p", {}, "Did you mean ", command(line, acts), "?")),
        answer.usage === null ? null : el("p", { class: "fine" }, el("code", {}, answer.usage)),
      );
    case "confirm":
      return el("p", { class: "question" }, said(answer.question));
    case "help":
      return answer.entries.length === 1
        ? oneHelp(/** @type {HelpEntry} */ (answer.entries[0]), acts)
        : allHelp(answer.entries, acts);
    case "me":
      return el(
        "p",
        {},
        "You are ",
        el("code", {}, answer.actor),
        `, ${answer.role}. You may: ${answer.may.join(", ")}.`,
      );
    case "status":
      return status(answer);
    case "tasks":
      return tasks(answer, acts);
    case "task":
      return task(answer, acts);
    case "digest":
      return digest(answer);
    case "findings":
      return findings(answer, acts);
    case "audit":
      return audit(answer, acts);
    case "link":
      return el("p", {}, said(answer.text), " ", link(answer.url));
    default:
      return unknown(answer);
  }
}

/** @param {never} answer */
function unknown(answer) {
  return el("p", { class: "fine" }, `An answer this page does not know: ${JSON.stringify(answer)}`);
}

/**
 * @param {string} line
 * @param {Acts} acts
 */
function command(line, acts) {
  return el("button", { type: "button", class: "command-link", click: () => acts.prefill(line) }, line);
}

/** @param {import("../../../core/refusal.ts").Refusal} refused */
function refusal({ gate, code, field, expected, got, hint }) {
  const compared = [...fact("field", field), ...fact("expected", expected), ...fact("got", got)];
  return el(
    "div",
    { class: "refusal" },
    el(
      "p",
      { class: "gate" },
      el("span", { class: "sign", "aria-hidden": "true" }, "✕"),
      gate,
      el("span", { class: "fine" }, ` ${code}`),
    ),
    el("p", { class: "advice" }, el("bdi", {}, withCode(hint))),
    compared.length === 0 ? null : el("dl", {}, compared),
  );
}

/**
 * @param {string} name
 * @param {import("../../../core/json.ts").Json | undefined} value
 */
function fact(name, value) {
  if (value === undefined) return [];
  return [el("dt", {}, name), el("dd", {}, said(inWords(value)))];
}

/**
 * @param {import("../../../core/json.ts").Json} value
 * @returns {string}
 */
function inWords(value) {
  if (Array.isArray(value)) return value.map(inWords).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * @param {readonly HelpEntry[]} entries
 * @param {Acts} acts
 */
function allHelp(entries, acts) {
  return el(
    "table",
    { class: "help" },
    el("caption", { class: "hidden" }, "Commands"),
    el(
      "tbody",
      {},
      entries.map(({ path, summary, usage }) =>
        el(
          "tr",
          {},
          el(
            "th",
            { scope: "row" },
            el(
              "button",
              {
                type: "button",
                class: "command-link",
                title: usage,
                click: () => acts.prefill(`/gate ${path} `),
              },
              path,
            ),
          ),
          el("td", {}, summary),
        ),
      ),
    ),
  );
}

/**
 * @param {HelpEntry} entry
 * @param {Acts} acts
 */
function oneHelp({ usage, summary, arguments: parts, example, role }, acts) {
  return el(
    "div",
    { class: "help-one" },
    el("p", {}, el("code", {}, usage)),
    el("p", {}, `${summary}. ${role === "viewer" ? "For everybody." : `For an ${role}.`}`),
    parts.length === 0
      ? null
      : el(
          "dl",
          {},
          parts.flatMap(({ name, about }) => [el("dt", {}, name), el("dd", {}, about)]),
        ),
    el("p", { class: "fine" }, "For example ", command(example, acts)),
  );
}

/** @param {Extract<Answer, { kind: "status" }>} answer */
function status({ counts, lanes }) {
  return el(
    "div",
    { class: "status-answer" },
    counts.length === 0
      ? el("p", {}, "There is no task yet.")
      : el(
          "p",
          { class: "counts" },
          counts.map(({ status: name, tasks: count }) =>
            el("span", { class: "count" }, el("b", {}, String(count)), " ", statusPill(name)),
          ),
        ),
    el(
      "table",
      {},
      el("caption", { class: "hidden" }, "Lanes"),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ["Lane", "At work", "Ready", "Route"].map((name) => el("th", { scope: "col" }, name)),
        ),
      ),
      el(
        "tbody",
        {},
        lanes.map((lane) =>
          el(
            "tr",
            {},
            el(
              "th",
              { scope: "row" },
              said(lane.name),
              lane.pausedReason === null
                ? null
                : el("span", { class: "paused" }, " paused: ", said(lane.pausedReason)),
            ),
            el("td", {}, `${lane.living} of ${lane.capacity}`),
            el("td", {}, String(lane.runnable)),
            el("td", {}, el("code", {}, lane.route)),
          ),
        ),
      ),
    ),
  );
}

/**
 * @param {Extract<Answer, { kind: "tasks" }>} answer
 * @param {Acts} acts
 */
function tasks({ tasks: found, next }, acts) {
  if (found.length === 0) return el("p", {}, "No task fits.");
  return el(
    "div",
    { class: "tasks" },
    el(
      "table",
      {},
      el("caption", { class: "hidden" }, "Tasks"),
      el(
        "thead",
        { class: "hidden" },
        el(
          "tr",
          {},
          ["Key", "Title", "Status", "Lane", "Priority"].map((name) => el("th", { scope: "col" }, name)),
        ),
      ),
      el(
        "tbody",
        {},
        found.map((one) =>
          el(
            "tr",
            {},
            el(
              "th",
              { scope: "row" },
              el(
                "button",
                { type: "button", class: "command-link key", click: () => acts.run(`/gate show ${one.key}`) },
                one.key,
              ),
            ),
            el(
              "td",
              { class: "wide" },
              said(one.title),
              one.block === null ? null : el("span", { class: "fine" }, " · ", said(one.block.question)),
              one.holder === null ? null : el("span", { class: "fine" }, " · ", said(one.holder.agent)),
            ),
            el("td", {}, statusPill(one.status)),
            el("td", { class: "fine" }, `${one.lane ?? "no lane"} · ${one.priority}`),
          ),
        ),
      ),
    ),
    next === null
      ? null
      : el(
          "p",
          {},
          el("button", { type: "button", class: "command-link", click: () => acts.run(next) }, "More"),
        ),
  );
}

/**
 * @param {Extract<Answer, { kind: "task" }>} answer
 * @param {Acts} acts
 */
function task({ card, acceptance, body, dependencies }, acts) {
  return el(
    "div",
    { class: "task-answer" },
    taskCard(card, acts),
    el(
      "dl",
      {},
      el("dt", {}, "Accepted when"),
      el("dd", {}, said(acceptance || "it does not say")),
      body === "" ? [] : [el("dt", {}, "More"), el("dd", { class: "prose" }, said(body))],
      dependencies.length === 0
        ? []
        : [
            el("dt", {}, "Depends on"),
            el(
              "dd",
              {},
              dependencies.map((one) =>
                el(
                  "span",
                  { class: "dependency" },
                  command(`/gate show ${one.key}`, acts),
                  " ",
                  statusPill(one.status),
                ),
              ),
            ),
          ],
      el("dt", {}, "Version"),
      el("dd", {}, String(card.version)),
    ),
  );
}
