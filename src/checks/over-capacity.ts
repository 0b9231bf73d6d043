import { defineCheck } from "../core/check.ts";
import { fromFindings } from "./from-findings.ts";

export const overCapacity = defineCheck({
  rule: "over-capacity",
  title: "Lane over capacity",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: (facts) => fromFindings(facts, ["lane-over-capacity"]),
});
