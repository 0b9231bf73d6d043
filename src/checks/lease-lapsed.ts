import { defineCheck } from "../core/check.ts";
import { fromFindings } from "./from-findings.ts";

/** The bot takes lapsed leases back within a second. One that still stands an hour later means that nothing does. */
export const leaseLapsed = defineCheck({
  rule: "lease-lapsed",
  title: "Lease lapsed",
  weight: "quiet",
  cleanRuns: 1,
  healing: "reclaim",
  look: (facts) => fromFindings(facts, ["fake-active"]),
});
