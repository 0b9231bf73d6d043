import { z } from "zod";
import type { Channel } from "../../../ports/channels.ts";
import type { Answer } from "../../../ports/chat-answer.ts";
import type { Argument, Context } from "../verb.ts";

/** Words between commas, or `all`. */
export function listArgument(shown: string, about: string) {
  return {
    schema: z
      .string()
      .trim()
      .min(1)
      .transform((text): readonly string[] | "all" =>
        text === "all" ? "all" : text.split(",").map((word) => word.trim()),
      )
      .optional(),
    type: "list",
    shown,
    about,
  } satisfies Argument;
}

export const channelArgument = {
  schema: z
    .string()
    .trim()
    .regex(/^[^\s:]+:[^\s:]+$/u)
    .optional(),
  type: "channel",
  shown: "PLATFORM:CHANNEL",
  about: "another channel than this one",
} satisfies Argument;

/** The channel that is meant: the one named, else the one the line was typed in; null where there is neither. */
export function channelMeant({ place }: Context, named: string | undefined) {
  if (named === undefined) return place ?? null;
  const [platform = "", name = ""] = named.split(":");
  return { platform, name };
}

export const NO_CHANNEL: Answer = {
  kind: "misunderstood",
  text: "Say which channel: this line comes from none.",
  suggestions: [],
  usage: "--channel PLATFORM:CHANNEL",
};

/** What a channel is told, in one sentence. */
export function channelText({
  platform,
  name,
  kinds,
  lanes,
  timezone,
  quietHours,
  mutedUntil,
  ping,
}: Channel): string {
  const told = kinds === null ? "everything" : kinds.length === 0 ? "nothing" : kinds.join(", ");
  const parts = [
    `${platform}:${name} is told ${told}`,
    ...(lanes === null ? [] : [`of ${lanes.join(", ")}`]),
    ...(quietHours === null ? [] : [`quiet from ${quietHours.from} to ${quietHours.until}`]),
    ...(timezone === null ? [] : [`by the clock of ${timezone}`]),
    ...(ping === null
      ? []
      : [`pinging ${platform === "discord" ? "role" : "group"} ${ping} when something escalates`]),
    ...(mutedUntil === null ? [] : [`muted until ${new Date(mutedUntil).toISOString()}`]),
  ];
  return `${parts.join(", ")}.`;
}
