import { defineCheck } from "../core/check.ts";
import { fromFindings } from "./from-findings.ts";

/** ACTIVE is a promise that somebody keeps. A row that says so while nobody holds it was written by a hand. */
export const activeWithoutLease = defineCheck({
  rule: "active-without-lease",
  title: "Active, and nobody holds it",
  weight: "urgent",
  cleanRuns: 1,
  healing: null,
  look: (facts) =>
    fromFindings(facts, ["attempt-missing", "attempt-unexpected", "attempts-doubled", "epoch-differs"]),
});
