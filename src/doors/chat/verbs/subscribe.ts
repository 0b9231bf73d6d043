import { z } from "zod";
import { subscribeChannel } from "../../../commands/subscribe-channel.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { channelArgument, channelMeant, channelText, listArgument, NO_CHANNEL } from "./channel.ts";

export const subscribe = defineVerb({
  path: "subscribe",
  summary: "Say what this channel is told, and when it is quiet",
  example: "/gate subscribe --kinds digest,auto-complete --quiet 22:00-07:00 --timezone Europe/Berlin",
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    kinds: listArgument("KINDS", "kinds of notices between commas, or all"),
    lanes: listArgument("LANES", "lanes between commas that heartbeats and digests tell of, or all"),
    quiet: {
      schema: z.string().trim().optional(),
      type: "text",
      shown: "HOURS",
      about: "when only escalations are sent, such as 22:00-07:00, or off",
    },
    timezone: {
      schema: z.string().trim().optional(),
      type: "text",
      shown: "ZONE",
      about: "whose clock it reads",
    },
    ping: {
      schema: z.string().trim().min(1).max(100).optional(),
      type: "text",
      shown: "ROLE",
      about: "a Discord role or Slack group to ping when something escalates, or off",
    },
    channel: channelArgument,
  },
  async run(context, { kinds, lanes, quiet, timezone, ping, channel: named }) {
    const channel = channelMeant(context, named);
    if (channel === null) return NO_CHANNEL;
    const input = { channel, kinds, lanes, quietHours: quiet, timezone, ping };
    const outcome = await subscribeChannel(context.house, input, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    return { kind: "done", task: null, text: channelText(outcome.value) };
  },
});
