import { z } from "zod";
import { unsubscribeChannel } from "../../../commands/subscribe-channel.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { durationArgument } from "./arguments.ts";
import { channelArgument, channelMeant, channelText, NO_CHANNEL } from "./channel.ts";

const { schema, type, shown, about } = durationArgument(1);

export const unsubscribe = defineVerb({
  path: "unsubscribe",
  summary: "End what this channel is told, or mute it for a while",
  example: "/gate unsubscribe heartbeat",
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    kinds: {
      schema: z
        .string()
        .trim()
        .min(1)
        .transform((text) => text.split(",").map((word) => word.trim()))
        .optional(),
      place: 1,
      type: "list",
      shown: "KINDS",
      about: "kinds of notices between commas; all of them where none is named",
    },
    for: { schema: schema.optional(), type, shown, about: `${about}: a mute that ends by itself` },
    channel: channelArgument,
  },
  async run(context, { kinds, for: forMs, channel: named }) {
    const channel = channelMeant(context, named);
    if (channel === null) return NO_CHANNEL;
    const outcome = await unsubscribeChannel(context.house, { channel, kinds, forMs }, callerOf(context));
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    return { kind: "done", task: null, text: channelText(outcome.value) };
  },
});
