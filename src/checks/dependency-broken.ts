import { defineCheck } from "../core/check.ts";
import { fromFindings } from "./from-findings.ts";

/** A circle, a target that is not here, or one that was cancelled. */
export const dependencyBroken = defineCheck({
  rule: "dependency-broken",
  title: "Broken dependency",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: (facts) => fromFindings(facts, ["dependency-cycle", "dependency-dangling", "dependency-stranded"]),
});
