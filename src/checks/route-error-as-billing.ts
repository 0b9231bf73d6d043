import { defineCheck } from "../core/check.ts";
import { routeName } from "../core/route.ts";
import { sourceOf } from "../core/source.ts";

/** "Out of credits", said by a provider that was never to be asked: a routing fault, not a bill. */
export const routeErrorAsBilling = defineCheck({
  rule: "route-error-as-billing",
  title: "Route error read as billing",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  returns: true,
  look: ({ routes }) =>
    (routes?.mistaken ?? []).map(
      ({ agent, lane, session, task, required, route, error, override, since }) => ({
        key: [agent, session, routeName(route)].join(" "),
        ...(task === null ? {} : { task }),
        source: sourceOf({ agent, lane }),
        detail: `${agent} (session ${session}) got "${error}" from ${routeName(route)}, and lane ${lane} requires ${routeName(required)}: this is a route override, most likely in its ${override}, and no bill.`,
        data: {
          agent,
          session,
          required: routeName(required),
          route: routeName(route),
          error,
          override,
          since,
        },
      }),
    ),
});
