import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";
import { fromFindings } from "./from-findings.ts";

/** Beats after which an attempt counts as left behind. */
const BEATS = 2;

/**
 * One session with two tasks; or one agent that claimed anew while an earlier attempt of its own in that lane still
 * stands open and says nothing: it was restarted and has forgotten. Several sessions that all beat are none of this.
 */
export const agentInTwoPlaces = defineCheck({
  rule: "agent-in-two-places",
  title: "One agent, several attempts",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: (facts, now) => [
    ...fromFindings(facts, ["session-doubled"]),
    ...facts.attempts
      .filter(
        ({ id, status, agentHolds, agentNewest, lastHeartbeatAt, heartbeatMs }) =>
          status === "active" &&
          agentHolds > 1 &&
          agentNewest !== id &&
          now - lastHeartbeatAt >= BEATS * heartbeatMs,
      )
      .map(({ id, task, agent, lane, session, agentNewest, lastHeartbeatAt }) => ({
        key: id,
        task,
        source: sourceOf({ agent, lane }),
        detail: `${agent} claimed ${agentNewest} while its earlier ${id} (session ${session}) stands open and has been silent since ${new Date(lastHeartbeatAt).toISOString()}.`,
        data: { attempt: id, newer: agentNewest, session, agent },
      })),
  ],
});
