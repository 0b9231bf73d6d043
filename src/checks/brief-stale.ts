import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";
import { fromFindings } from "./from-findings.ts";

const SOURCE = sourceOf({ other: "configuration:brief" });

/** What agents read is not what the queue says. An edited brief is written anew; a stale one needs a valid queue. */
export const briefStale = defineCheck({
  rule: "brief-stale",
  title: "Brief stale or edited",
  weight: "quiet",
  cleanRuns: 1,
  healing: "refresh-brief",
  look: (facts) => [
    ...fromFindings(facts, ["brief-edited"]).map((seen) => ({ ...seen, key: "edited", source: SOURCE })),
    ...(facts.brief?.staleBecause == null
      ? []
      : [
          {
            key: "stale",
            source: SOURCE,
            detail: `Revision ${facts.brief.revision} of the brief is stale: the queue was invalid (${facts.brief.staleBecause.join(", ")}) when it was to be made anew.`,
            data: { revision: facts.brief.revision, because: [...facts.brief.staleBecause] },
          },
        ]),
  ],
});
