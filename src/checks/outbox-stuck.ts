import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

/** Told of the channel, not of each message: what is stuck is the way there. */
export const outboxStuck = defineCheck({
  rule: "outbox-stuck",
  title: "Messages do not get through",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: ({ stuckChannels }) =>
    stuckChannels.map(({ channel, pending, uncertain, failed, oldestAt, error }) => {
      const counted = [
        [pending, "wait"],
        [uncertain, "are uncertain"],
        [failed, "failed"],
      ] as const;
      const told = counted.filter(([count]) => count > 0).map(([count, how]) => `${count} ${how}`);
      return {
        key: channel,
        source: sourceOf({ other: `channel:${channel}` }),
        detail: `Messages for ${channel} do not get through: ${told.join(", ")}, the oldest from ${new Date(oldestAt).toISOString()}${error === null ? "" : ` (${error})`}.`,
        data: { channel, pending, uncertain, failed, since: oldestAt },
      };
    }),
});
