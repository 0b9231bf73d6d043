import { defineCheck } from "../core/check.ts";
import { fromFindings } from "./from-findings.ts";

/** A block nobody can lift: no reason, no owner, or nothing asked. */
export const blockedWithoutQuestion = defineCheck({
  rule: "blocked-without-question",
  title: "Blocked without a question",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: (facts) => fromFindings(facts, ["block-missing", "block-blank", "block-left"]),
});
