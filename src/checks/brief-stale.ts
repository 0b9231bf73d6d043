import { defineCheck } from "../core/check.ts";
import { sourceOf, WHOLE_QUEUE } from "../core/source.ts";
import { fromFindings } from "./from-findings.ts";

const FILE = sourceOf({ other: "configuration:brief" });

/** What agents read is not what the queue says. An edited brief is written anew; a stale one needs a valid queue. */
export const briefStale = defineCheck({
  rule: "brief-stale",
  title: "Brief stale or edited",
  weight: "quiet",
  cleanRuns: 1,
  healing: "refresh-brief",
  look: (facts) => [
    ...fromFindings(facts, ["brief-edited"]).map((seen) => ({ ...seen, key: "edited", source: FILE })),
    ...(facts.brief?.staleBecause == null
      ? []
      : [
          {
            key: "stale",
            // What made the queue invalid is told by its own rule, with its own source.
            source: WHOLE_QUEUE,
            detail: `Revision ${facts.brief.revision} of the brief is stale: the queue was invalid (${facts.brief.staleBecause.join(", ")}) when it was to be made anew.`,
            data: { revision: facts.brief.revision, because: [...facts.brief.staleBecause] },
          },
        ]),
  ],
});
