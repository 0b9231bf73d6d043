import { defineCheck } from "../core/check.ts";
import { routeName } from "../core/route.ts";
import type { RouteFacts, SeenCall } from "../core/route-facts.ts";
import { sourceOf } from "../core/source.ts";

/** A session that reports, or is seen to run on, another route than its lane's. */
export const routeDrift = defineCheck({
  rule: "route-drift",
  title: "Route drift",
  weight: "urgent",
  cleanRuns: 1,
  healing: null,
  returns: true,
  look: ({ refusedBeats, routes }) => [
    ...refusedBeats
      .filter(({ field }) => field.startsWith("route."))
      .map(({ agent, task, lane, field, expected, got, count, firstAt }) => ({
        key: ["reported", agent, lane ?? "-", field, got].join(" "),
        ...(task === null ? {} : { task }),
        source: sourceOf({ agent, lane: lane ?? undefined }),
        detail: `${agent} reports ${field} ${got}${lane === null ? "" : ` in lane ${lane}`}, and ${expected} is required. All of it was refused: look for an override in its session or its settings.`,
        data: { field, expected, got, refused: count, since: firstAt, agent },
      })),
    ...(routes ?? []).filter(({ open, drifted }) => open && drifted.length > 0).map(observedElsewhere),
  ],
});

function observedElsewhere({ attempt, task, agent, lane, session, required, drifted, observed }: RouteFacts) {
  const elsewhere = observed === null ? "another route" : callName(observed);
  return {
    key: ["observed", attempt, elsewhere].join(" "),
    task,
    source: sourceOf({ agent, lane }),
    detail: `${attempt} (${agent}, session ${session}) was seen to run on ${elsewhere}, and lane ${lane} requires ${routeName(required)}. \`gatehouse route show ${session}\` tells where from.`,
    data: {
      attempt,
      session,
      agent,
      required: routeName(required),
      observed: elsewhere,
      since: Math.min(...drifted.map(({ firstSeenAt }) => firstSeenAt)),
    },
  };
}

function callName({ provider, requestedModel, respondedModel }: SeenCall): string {
  return `${provider ?? "?"}/${respondedModel ?? requestedModel ?? "?"}`;
}
