import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";
import { fromFindings } from "./from-findings.ts";

/** Beats after which an attempt counts as left behind. */
const BEATS = 2;

/** What a refused claim says of its session, by code. */
const SESSIONS: Readonly<Record<string, string>> = {
  "session-busy": "claims a second task while it holds one",
  "session-shared": "is used by another agent at the same time",
  "session-identity": "is not who it was before",
};

/**
 * One session with two tasks, or that claims a second; a session that two agents use, or that is not who it was; or one
 * agent that claimed anew while an earlier attempt of its own in that lane still stands open and says nothing: it was
 * restarted and has forgotten. Several sessions that all beat are none of this.
 */
export const agentInTwoPlaces = defineCheck({
  rule: "agent-in-two-places",
  title: "One agent, several attempts",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: (facts, now) => [
    ...fromFindings(facts, ["session-doubled"]),
    ...facts.refusedBeats
      .filter(({ code, field }) => code.startsWith("session-") && !field.startsWith("route."))
      .map(({ agent, task, lane, code, field, expected, got, count, firstAt }) => ({
        key: [agent, code, got].join(" "),
        ...(task === null ? {} : { task }),
        source: sourceOf({ agent, lane: lane ?? undefined }),
        detail: `A session of ${agent} ${SESSIONS[code] ?? "is not what it was"}: expected ${field} ${expected}, got ${got}. Its claims were refused.`,
        data: { code, field, expected, got, refused: count, since: firstAt, agent },
      })),
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
