import { el } from "./element.js";

/** @typedef {import("../../../core/card.ts").CardProof} CardProof */

/** @type {Record<CardProof["verdict"], { sign: string, word: string }>} */
const VERDICTS = {
  missing: { sign: "○", word: "nothing attached" },
  pending: { sign: "…", word: "being checked" },
  inconclusive: { sign: "?", word: "no verdict yet" },
  passed: { sign: "✓", word: "passed" },
  failed: { sign: "✕", word: "failed" },
};

/**
 * One requirement with its verdict and the link that is meant to prove it.
 *
 * @param {CardProof} proof
 */
export function proofLine(proof) {
  const { sign, word } = VERDICTS[proof.verdict];
  return el(
    "li",
    { class: "proof", "data-verdict": proof.verdict },
    el("span", { class: "sign", "aria-hidden": "true" }, sign),
    el(
      "span",
      { class: "name" },
      el("bdi", {}, proof.requirement),
      el("span", { class: "kind" }, proof.kind),
    ),
    el("span", { class: "word" }, word),
    proof.uri === null ? null : linkTo(proof.uri),
    proof.reason === null || proof.verdict === "passed"
      ? null
      : el("p", { class: "reason" }, el("bdi", {}, proof.reason)),
  );
}

/**
 * A link by where it leads, never by a label somebody chose: the host stands first and apart.
 *
 * @param {string} uri
 */
export function linkTo(uri) {
  const url = URL.canParse(uri) ? new URL(uri) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return el("code", { class: "uri", title: uri }, uri);
  const rest = `${url.pathname}${url.search}`;
  return el(
    "a",
    { class: "uri", href: url.href, target: "_blank", rel: "noopener noreferrer nofollow", title: url.href },
    el("span", { class: "host" }, url.host),
    rest === "/" ? null : el("span", { class: "path" }, rest),
  );
}
