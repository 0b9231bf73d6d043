import { leaseMeter, statusPill } from "./card.js";
import { byId, el, refill, said } from "./element.js";

/**
 * @typedef {import("../floor.ts").Floor} Floor
 * @typedef {import("./card.js").Acts} Acts
 */

/** Capacities up to this are drawn as places, one each; larger ones as figures alone. */
const PLACES_MAX = 12;

/**
 * The panel beside the channel: counts, lanes and who is at work, as they are now.
 *
 * @param {Floor} floor
 * @param {Acts} acts
 */
export function drawFloor(floor, acts) {
  refill(byId("floor"), counts(floor, acts), lanes(floor), work(floor, acts));
}

/**
 * @param {Floor} floor
 * @param {Acts} acts
 */
function counts({ counts: all }, acts) {
  const present = all.filter(({ tasks }) => tasks > 0);
  const total = present.reduce((sum, { tasks }) => sum + tasks, 0);
  return el(
    "section",
    { "aria-labelledby": "floor-tasks" },
    el("h2", { id: "floor-tasks" }, "Tasks", el("span", { class: "total" }, String(total))),
    el(
      "div",
      { class: "share", "aria-hidden": "true" },
      present.map(({ status, tasks }) => {
        const part = el("span", { "data-status": status });
        part.style.flexGrow = String(tasks);
        return part;
      }),
    ),
    present.length === 0 ? el("p", { class: "fine" }, "None yet.") : null,
    el(
      "ul",
      { class: "counts" },
      present.map(({ status, tasks }) =>
        el(
          "li",
          {},
          el(
            "button",
            {
              type: "button",
              "data-focus": `count ${status}`,
              "aria-label": `${tasks} ${status}: list them`,
              click: () => acts.run(`/gate list --status ${status}`),
            },
            statusPill(status),
            el("span", { class: "figure" }, String(tasks)),
          ),
        ),
      ),
    ),
  );
}

/** @param {Floor} floor */
function lanes({ lanes: all }) {
  return el(
    "section",
    { "aria-labelledby": "floor-lanes" },
    el("h2", { id: "floor-lanes" }, "Lanes"),
    all.length === 0 ? el("p", { class: "fine" }, "None yet: ", el("code", {}, "gatehouse lane set")) : null,
    el("ul", { class: "lanes" }, all.map(lane)),
  );
}

/** @param {Floor["lanes"][number]} lane */
function lane({ name, route, capacity, living, runnable, paused }) {
  return el(
    "li",
    {},
    el(
      "p",
      { class: "lane-name" },
      said(name),
      paused === null ? null : el("span", { class: "paused" }, "paused"),
    ),
    el("p", { class: "figure" }, el("span", { class: "ready" }, el("b", {}, String(runnable)), " ready")),
    el(
      "div",
      { class: "places", role: "img", "aria-label": `${living} of ${capacity} at work` },
      capacity <= PLACES_MAX
        ? Array.from({ length: capacity }, (_, index) => el("span", { "data-taken": String(index < living) }))
        : el("span", { class: "ratio" }, `${living} / ${capacity}`),
    ),
    el("p", { class: "route", title: route }, said(route)),
    paused === null ? null : el("p", { class: "fine" }, said(paused)),
  );
}

/**
 * @param {Floor} floor
 * @param {Acts} acts
 */
function work({ work: all }, acts) {
  return el(
    "section",
    { "aria-labelledby": "floor-work" },
    el("h2", { id: "floor-work" }, "At work", el("span", { class: "total" }, String(all.length))),
    all.length === 0 ? el("p", { class: "fine" }, "Nobody holds a task.") : null,
    el(
      "ul",
      { class: "work" },
      all.map((one) =>
        el(
          "li",
          {},
          el(
            "button",
            {
              type: "button",
              class: "command-link key",
              "data-focus": `work ${one.attempt}`,
              click: () => acts.run(`/gate show ${one.key}`),
            },
            one.key,
          ),
          el(
            "span",
            { class: "fine" },
            " ",
            said(one.agent),
            one.status === "active" ? "" : ` · ${one.status}`,
          ),
          el("p", { class: "work-title" }, said(one.title)),
          // A submitted attempt waits for its verdict; its lease means nothing to anybody.
          one.status === "verifying"
            ? null
            : leaseMeter(
                one.attempt,
                one.leaseExpiresAt,
                Math.max(1, one.leaseExpiresAt - one.lastHeartbeatAt),
              ),
        ),
      ),
    ),
  );
}
