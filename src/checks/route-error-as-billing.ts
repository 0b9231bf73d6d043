import { defineCheck } from "../core/check.ts";
import { routeName } from "../core/route.ts";
import type { RouteFacts } from "../core/route-facts.ts";
import { sourceOf } from "../core/source.ts";

/** How long an error counts, in milliseconds: two runs, should one be late. */
const LATELY_MS = 2 * 3_600_000;

/** "Out of credits", said by a provider that was never to be asked: a routing fault, not a bill. */
export const routeErrorAsBilling = defineCheck({
  rule: "route-error-as-billing",
  title: "Route error read as billing",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  returns: true,
  look: ({ routes }, now) => (routes ?? []).flatMap((facts) => foreignErrors(facts, now)),
});

function foreignErrors({ agent, lane, session, task, attempt, required, errors }: RouteFacts, now: number) {
  const foreign = errors.filter(
    ({ foreign: elsewhere, kind, at }) => elsewhere && kind !== "other" && now - at < LATELY_MS,
  );
  const newest = foreign.toSorted((a, b) => b.at - a.at)[0];
  if (newest === undefined) return [];
  const route = `${newest.provider ?? "?"}/${newest.model ?? "?"}`;
  return [
    {
      key: [attempt, route].join(" "),
      task,
      source: sourceOf({ agent, lane }),
      detail: `${agent} (session ${session}) got a ${newest.kind.replace("_", " ")} error from ${route}, and lane ${lane} requires ${routeName(required)}: this is a route override, and no bill. \`gatehouse route show ${session}\` tells where it most likely sits.`,
      data: {
        agent,
        session,
        attempt,
        required: routeName(required),
        route,
        error: newest.kind,
        since: Math.min(...foreign.map(({ at }) => at)),
      },
    },
  ];
}
