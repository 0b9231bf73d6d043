import { defineCheck } from "../core/check.ts";
import { fromFindings } from "./from-findings.ts";

export const doneWithoutProof = defineCheck({
  rule: "done-without-proof",
  title: "Done without passed proof",
  weight: "urgent",
  cleanRuns: 1,
  healing: null,
  look: (facts) => fromFindings(facts, ["done-unproved", "completion-unrecorded", "announcement-unfounded"]),
});
