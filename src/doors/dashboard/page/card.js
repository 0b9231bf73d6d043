import { choices } from "./buttons.js";
import { el, said } from "./element.js";
import { databaseTime, lengthOf } from "./time.js";
import { proofLine } from "./verdict.js";

/**
 * @typedef {import("../../../core/card.ts").TaskCard} TaskCard
 * @typedef {{ prefill: (line: string) => void, run: (line: string) => void }} Acts
 */

/**
 * A task as a card: its state, who has it, what is proved, why it waits.
 *
 * @param {TaskCard} card
 * @param {Acts} acts
 */
export function taskCard(card, acts) {
  return el(
    "div",
    { class: "card", "data-status": card.status },
    el(
      "div",
      { class: "top" },
      el("span", { class: "key" }, card.key),
      statusPill(card.status, card.completion === "attested" ? "attested" : card.status),
      el("span", { class: "where" }, `${card.lane ?? "no lane"} · ${card.priority}`),
    ),
    el("h3", { class: "title" }, said(card.title)),
    card.holder === null ? null : holderPart(card.holder),
    card.block === null ? null : blockPart(card.block),
    card.proofs.length === 0
      ? null
      : el("ul", { class: "proofs", "aria-label": "Proof" }, card.proofs.map(proofLine)),
    waitsPart(card),
    card.last === null || card.last.outcome === "blocked" ? null : lastPart(card.last),
    choices(cardButtons(card), card.key, acts),
  );
}

/**
 * @param {string} status
 * @param {string} [word]
 */
export function statusPill(status, word = status) {
  return el("span", { class: "pill", "data-status": status }, word);
}

/** @param {NonNullable<TaskCard["holder"]>} holder */
function holderPart(holder) {
  return el(
    "div",
    { class: "holder" },
    el(
      "p",
      {},
      said(holder.agent, "agent"),
      el("span", { class: "fine" }, ` ${holder.attempt} · `, said(holder.route)),
    ),
    leaseMeter(holder.attempt, holder.leaseExpiresAt, holder.leaseMs),
  );
}

/** When leases expire that were renewed since their cards were written, by attempt. @type {Map<string, number>} */
let renewed = new Map();

/**
 * How much is left of a lease. It is renewed without an event, so the panel beside the channel keeps it up to date.
 *
 * @param {string} attempt
 * @param {number} expiresAt
 * @param {number} leaseMs
 */
export function leaseMeter(attempt, expiresAt, leaseMs) {
  const meter = el(
    "div",
    {
      class: "lease",
      role: "meter",
      "aria-label": "Lease",
      "aria-valuemin": 0,
      "aria-valuemax": Math.round(leaseMs / 1000),
      "data-attempt": attempt,
      "data-expires": renewed.get(attempt) ?? expiresAt,
      "data-length": leaseMs,
    },
    el("span", { class: "track" }, el("span", { class: "fill" })),
    el("span", { class: "left" }),
  );
  drawLease(meter);
  return meter;
}

/** @param {HTMLElement} meter */
function drawLease(meter) {
  const leftMs = Number(meter.dataset["expires"]) - databaseTime();
  const length = Number(meter.dataset["length"]);
  const share = Math.max(0, Math.min(1, leftMs / length));
  const text = leftMs > 0 ? `lease ${lengthOf(leftMs)}` : "lease lapsed";
  meter.setAttribute("aria-valuenow", String(Math.max(0, Math.round(leftMs / 1000))));
  meter.setAttribute("aria-valuetext", leftMs > 0 ? `${lengthOf(leftMs)} left` : "lapsed");
  meter.toggleAttribute("data-short", share < 0.2);
  const fill = meter.querySelector(".fill");
  if (fill instanceof HTMLElement) fill.style.inlineSize = `${(share * 100).toFixed(1)}%`;
  const left = meter.querySelector(".left");
  if (left !== null && left.textContent !== text) left.textContent = text;
}

/**
 * Draws every lease anew; `work` tells what was renewed since the cards were written.
 *
 * @param {readonly { attempt: string, leaseExpiresAt: number }[]} work
 */
export function drawLeases(work) {
  renewed = new Map(work.map(({ attempt, leaseExpiresAt }) => [attempt, leaseExpiresAt]));
  for (const meter of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".lease"))) {
    const expires = renewed.get(meter.dataset["attempt"] ?? "");
    if (expires !== undefined) meter.dataset["expires"] = String(expires);
    drawLease(meter);
  }
}

/** @param {NonNullable<TaskCard["block"]>} block */
function blockPart(block) {
  return el(
    "div",
    { class: "block" },
    el("p", { class: "question" }, said(block.question)),
    el("p", { class: "fine" }, `${block.kind} · asks `, said(block.owner), " · ", said(block.reason)),
  );
}

/**
 * Proof is attached in the thread below the card, which has a button of its own.
 *
 * @param {TaskCard} card
 */
function cardButtons({ buttons }) {
  return buttons?.filter(({ line }) => !line.startsWith("/gate prove "));
}

/** @param {TaskCard} card */
function waitsPart(card) {
  const waits = card.waits.filter(
    ({ code }) => code !== "status" && !(code === "not-before" && (card.notBefore ?? 0) <= databaseTime()),
  );
  if (waits.length === 0) return null;
  return el(
    "ul",
    { class: "waits", "aria-label": "Why it waits" },
    waits.map(({ code, detail }) => el("li", { "data-code": code }, said(detail))),
  );
}

/** @param {NonNullable<TaskCard["last"]>} last */
function lastPart(last) {
  return el(
    "p",
    { class: "last" },
    `${last.attempt} ${last.outcome}`,
    el(
      "span",
      { class: "fine" },
      " · ",
      said(last.agent),
      last.reason === null ? "" : " · ",
      last.reason === null ? null : said(last.reason),
    ),
  );
}
