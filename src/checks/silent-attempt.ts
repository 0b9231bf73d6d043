import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

/** Beats that may fail to come before somebody is told: one is lost now and then. */
const BEATS = 2;

export const silentAttempt = defineCheck({
  rule: "silent-attempt",
  title: "Silent attempt",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: ({ attempts }, now) =>
    attempts
      .filter(
        ({ status, leaseExpiresAt, lastHeartbeatAt, heartbeatMs }) =>
          // Whoever has submitted waits for a verdict and need not beat.
          status === "active" && now < leaseExpiresAt && now - lastHeartbeatAt >= BEATS * heartbeatMs,
      )
      .map(({ id, task, agent, lane, session, lastHeartbeatAt, heartbeatMs }) => ({
        key: id,
        task,
        source: sourceOf({ agent, lane }),
        detail: `${task} is active and ${id} (${agent}, session ${session}) has not beaten since ${new Date(lastHeartbeatAt).toISOString()}: a beat is due every ${Math.round(heartbeatMs / 1000)} s.`,
        data: { attempt: id, session, lastHeartbeatAt },
      })),
});
